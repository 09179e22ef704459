/*
 * spf_record.c - SPF records (RFC 7208, 4.6 and 12)
 */

#include "mauth/spf_record.h"

#include <string.h>

#include "base/arena.h"
#include "base/number.h"

enum { TERMS_MAX = 200 };

static const struct {
	const char *name;
	enum spf_kind kind;
	enum { NEVER, MAY, MUST } domain;
	bool prefix;
} mechanisms[] = {
	{ "all", SPF_ALL, NEVER, false },
	{ "include", SPF_INCLUDE, MUST, false },
	{ "a", SPF_A, MAY, true },
	{ "mx", SPF_MX, MAY, true },
	{ "ptr", SPF_PTR, MAY, false },
	{ "ip4", SPF_IP4, MUST, false },
	{ "ip6", SPF_IP6, MUST, false },
	{ "exists", SPF_EXISTS, MUST, false },
};

bool
spf_record_is(struct span text)
{
	return span_istarts(text, "v=spf1") &&
	    (text.n == 6 || text.p[6] == ' ');
}

/* Digits without a zero at the front. */
static bool
prefix_read(struct span text, unsigned max, unsigned *out)
{
	int value;

	if ((text.n > 1 && text.p[0] == '0') ||
	    !number_parse_int(text, 0, (int)max, &value))
		return false;
	*out = (unsigned)value;
	return true;
}

/* "ip4:ADDRESS[/BITS]" and ip6. */
static bool
network_read(struct spf_term *t, struct span text)
{
	bool four = t->kind == SPF_IP4;
	size_t slash = span_find(text, '/');
	unsigned *prefix = four ? &t->prefix4 : &t->prefix6;
	struct address a;
	struct span bytes;

	text = span_trim(text);
	/* address_parse() knows more forms than are allowed here */
	if (span_find_any(span_head(text, slash), "[] ") < slash ||
	    span_istarts(text, "ipv6:") ||
	    (span_find(span_head(text, slash), ':') == slash) != four ||
	    !address_parse(span_head(text, slash), 0, &a))
		return false;
	bytes = address_bytes(&a);
	if (!four && bytes.n == 4) { /* ::ffff:192.0.2.1 */
		memset(t->bytes, 0, 10);
		memset(t->bytes + 10, 0xff, 2);
		memcpy(t->bytes + 12, bytes.p, 4);
	} else {
		if (bytes.n != (four ? 4U : 16U))
			return false;
		memcpy(t->bytes, bytes.p, bytes.n);
	}
	return slash == text.n ||
	    prefix_read(span_skip(text, slash + 1), four ? 32 : 128, prefix);
}

/* Where "/24//64" begins: a '/' may stand in a macro's {} too. */
static size_t
prefix_at(struct span text)
{
	size_t at = text.n;

	while (at > 0 &&
	    (ascii_digit(span_at(text, at - 1)) || text.p[at - 1] == '/'))
		at--;
	return at + span_find(span_skip(text, at), '/');
}

static bool
prefixes_read(struct spf_term *t, struct span text)
{
	size_t two = span_search(text, SPAN("//"));
	struct span four = span_head(text, two);

	if (two < text.n &&
	    !prefix_read(span_skip(text, two + 2), 128, &t->prefix6))
		return false;
	return four.n == 0 || prefix_read(span_skip(four, 1), 32, &t->prefix4);
}

/* The end of a domain is a macro, or a name that is no number (12, toplabel).
 */
static bool
domain_valid(struct span text)
{
	struct span label;
	size_t dot, digits = 0;

	if (text.n == 0 || !spf_macro_valid(text, false))
		return false;
	if (span_ends(text, "}") || span_ends(text, "%%") ||
	    span_ends(text, "%_") || span_ends(text, "%-"))
		return span_ends(text, "}");
	if (span_ends(text, "."))
		text.n--;
	dot = span_rfind(text, '.');
	label = span_skip(text, dot + 1);
	if (dot == text.n || label.n == 0 || span_at(label, 0) == '-' ||
	    label.p[label.n - 1] == '-')
		return false;
	for (size_t i = 0; i < label.n; i++) {
		if (!ascii_alnum(span_at(label, i)) && label.p[i] != '-')
			return false;
		digits += ascii_digit(span_at(label, i));
	}
	return digits < label.n;
}

static size_t
mechanism_find(struct span name)
{
	size_t n = sizeof(mechanisms) / sizeof(mechanisms[0]), i = 0;

	while (i < n && !span_iis(name, mechanisms[i].name))
		i++;
	return i;
}

static const char *
mechanism_read(struct span text, struct spf_term *t)
{
	size_t end, i;
	struct span rest;

	t->qualifier = '+';
	if (text.n > 0 && strchr("+-~?", text.p[0]) != NULL) {
		t->qualifier = text.p[0];
		text = span_skip(text, 1);
	}
	end = span_find_any(text, ":/");
	i = mechanism_find(span_head(text, end));
	if (i == sizeof(mechanisms) / sizeof(mechanisms[0]))
		return "unknown mechanism";
	t->kind = mechanisms[i].kind;
	t->prefix4 = 32;
	t->prefix6 = 128;
	rest = span_skip(text, end);
	if (t->kind == SPF_IP4 || t->kind == SPF_IP6)
		return span_starts(rest, ":") &&
			network_read(t, span_skip(rest, 1))
		    ? NULL
		    : "ill-formed address";
	if (mechanisms[i].prefix) {
		size_t at = prefix_at(rest);

		if (!prefixes_read(t, span_skip(rest, at)))
			return "ill-formed prefix";
		rest = span_head(rest, at);
	}
	if (rest.n == 0)
		return mechanisms[i].domain == MUST ? "a domain is missing"
						    : NULL;
	t->domain = span_skip(rest, 1);
	return mechanisms[i].domain != NEVER && rest.p[0] == ':' &&
		domain_valid(t->domain)
	    ? NULL
	    : "ill-formed domain";
}

/* NAME=VALUE, where NAME can be no mechanism. */
static bool
is_modifier(struct span text)
{
	size_t equal = span_find(text, '=');

	if (equal == text.n || !ascii_alpha(span_at(text, 0)))
		return false;
	for (size_t i = 1; i < equal; i++)
		if (!ascii_alnum(span_at(text, i)) &&
		    strchr("-_.", text.p[i]) == NULL)
			return false;
	return true;
}

static const char *
modifier_read(struct span text, struct spf_record *out)
{
	size_t equal = span_find(text, '=');
	struct span name = span_head(text, equal);
	struct span value = span_skip(text, equal + 1), *to = NULL;

	if (span_iis(name, "redirect"))
		to = &out->redirect;
	else if (span_iis(name, "exp"))
		to = &out->exp;
	if (to == NULL)
		return spf_macro_valid(value, false) ? NULL
						     : "ill-formed modifier";
	if (to->n > 0)
		return "a modifier given twice";
	if (!domain_valid(value))
		return "ill-formed domain";
	*to = value;
	return NULL;
}

static bool
printable(struct span word)
{
	for (size_t i = 0; i < word.n; i++)
		if (word.p[i] <= ' ' || word.p[i] > '~')
			return false;
	return true;
}

const char *
spf_record_parse(struct span text, struct arena *a, struct spf_record *out)
{
	struct span rest = span_skip(text, 6), word;
	const char *wrong = NULL;

	*out = (struct spf_record){ .count = 0 };
	out->terms = arena_array(a, TERMS_MAX, sizeof(*out->terms));
	while (wrong == NULL && span_word(&rest, " ", &word)) {
		if (!printable(word))
			wrong = "odd characters";
		else if (is_modifier(word))
			wrong = modifier_read(word, out);
		else if (out->count == TERMS_MAX)
			wrong = "too many terms";
		else
			wrong = mechanism_read(word, &out->terms[out->count++]);
	}
	return wrong;
}
