/*
 * check.c - a Sieve script's words and arguments (RFC 5228, 2.6 to 2.10)
 *
 * Every command and test is bound to its row of the table; what it needs must
 * have been required before. The walk goes down as deep as the parser let the
 * script be.
 */

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/number.h"
#include "base/utf8.h"
#include "message/address.h"
#include "message/header.h"
#include "sieve/regex.h"
#include "sieve/script.h"
#include "sieve/words.h"

enum { GROUPS_MAX = 16, FLAG_NAME_MAX = 255 };

static void
bad_arg(struct sieve_script *s, const struct sieve_arg *a, const char *remedy,
    const char *what, struct span detail)
{
	sieve_error_add(s, (struct sieve_place){ a->line, a->column }, remedy,
	    "%s%s%.*s%s", what, detail.n > 0 ? " \"" : "", (int)detail.n,
	    detail.n > 0 ? detail.p : "", detail.n > 0 ? "\"" : "");
}

static bool
has(const struct sieve_script *s, enum sieve_extension e)
{
	return e == EXT_NONE || e == EXT_ALWAYS || (s->required >> e & 1) != 0;
}

static void
need(struct sieve_script *s, enum sieve_extension e, int line, int column,
    struct span what)
{
	struct buf remedy = BUF_EMPTY;

	if (has(s, e))
		return;
	buf_printf(
	    &remedy, "begin with require \"%s\";", sieve_extension_name(e));
	sieve_error_add(s, (struct sieve_place){ line, column },
	    buf_str(&remedy), "%.*s is used without require", (int)what.n,
	    what.p);
	buf_free(&remedy);
}

/* ---- encoded-character (RFC 5228, 2.4.2.4) */

/* The bytes that "${hex: 40 41}" or "${unicode: 40}" at the front of s means;
 * its length, or 0 when it is neither. */
static size_t
decode_one(struct span s, struct buf *out)
{
	bool hex = span_istarts(s, "${hex:");
	size_t front = hex ? 6 : 10, end, before = out->n;
	struct span rest, word;
	uint64_t n;

	if (!hex && !span_istarts(s, "${unicode:"))
		return 0;
	end = span_find(s, '}');
	if (end == s.n)
		return 0;
	rest = span_skip(span_head(s, end), front);
	while (span_word(&rest, " \t\r\n", &word)) {
		if (!number_parse_hex(word, hex ? 0xff : 0x10ffff, &n) ||
		    (hex && word.n > 2) ||
		    (!hex && n >= 0xd800 && n < 0xe000)) {
			buf_cut(out, before);
			return 0;
		}
		if (hex)
			buf_add_byte(out, (char)n);
		else
			utf8_add(out, (uint32_t)n);
	}
	return out->n > before ? end + 1 : 0;
}

static void
decode(struct sieve_script *s, struct span *text)
{
	struct buf out = BUF_EMPTY;
	struct span rest = *text;

	if (span_search(rest, SPAN("${")) == rest.n)
		return;
	while (rest.n > 0) {
		size_t n = decode_one(rest, &out);

		if (n == 0) {
			buf_add_byte(&out, *rest.p);
			n = 1;
		}
		rest = span_skip(rest, n);
	}
	*text = arena_span(s->arena, buf_span(&out));
	buf_free(&out);
}

static void
decode_all(struct sieve_script *s, const struct sieve_node *n)
{
	for (size_t i = 0; i < n->arg_count; i++)
		for (size_t k = 0; k < n->args[i].count; k++)
			decode(s, &n->args[i].strings[k]);
}

/* ---- values */

static bool
has_variable(const struct sieve_script *s, struct span text)
{
	return has(s, EXT_VARIABLES) && span_search(text, SPAN("${")) < text.n;
}

static void
comparator(struct sieve_script *s, const struct sieve_arg *a)
{
	struct span name = a->strings[0];

	if (span_is(name, "i;ascii-numeric"))
		need(s, EXT_NUMERIC, a->line, a->column, name);
	else if (!span_is(name, "i;octet") && !span_is(name, "i;ascii-casemap"))
		bad_arg(s, a,
		    "there are i;octet, i;ascii-casemap and i;ascii-numeric",
		    "unknown comparator", name);
}

static void
relation(struct sieve_script *s, const struct sieve_arg *a)
{
	static const char *const known[] = { "gt", "ge", "lt", "le", "eq",
		"ne" };

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (span_is(a->strings[0], known[i]))
			return;
	bad_arg(s, a, "write gt, ge, lt, le, eq or ne", "unknown relation",
	    a->strings[0]);
}

static void
zone(struct sieve_script *s, const struct sieve_arg *a)
{
	struct span z = a->strings[0];
	int n;

	if (has_variable(s, z))
		return;
	if (z.n != 5 || (z.p[0] != '+' && z.p[0] != '-') ||
	    !number_parse_int(span_skip(z, 1), 0, 2359, &n) || n % 100 > 59)
		bad_arg(s, a, "write it as \"+0100\"", "not a zone", z);
}

static void
address(struct sieve_script *s, const struct sieve_arg *a, struct span text)
{
	struct address_list l;

	if (has_variable(s, text))
		return;
	address_list_parse(s->arena, text, &l);
	if (l.count != 1 || l.malformed || l.list[0].local.n == 0 ||
	    l.list[0].domain.n == 0)
		bad_arg(
		    s, a, "write it as user@example.org", "no address", text);
}

static void
names(struct sieve_script *s, const struct sieve_arg *a)
{
	for (size_t i = 0; i < a->count; i++)
		if (!has_variable(s, a->strings[i]) &&
		    !header_name_valid(a->strings[i]))
			bad_arg(s, a, "write it without colon and blanks",
			    "no name of a header field", a->strings[i]);
}

/* The keys of :regex. What has variables is looked at when it runs. */
static void
regexes(struct sieve_script *s, const struct sieve_node *n)
{
	const struct sieve_arg *by = sieve_tag(n, "comparator");
	bool fold = by == NULL || !span_is(by->strings[0], "i;octet");
	struct sieve_arg *keys = NULL;
	const char *error;

	if (by != NULL && span_is(by->strings[0], "i;ascii-numeric"))
		bad_arg(s, by, "use another comparator",
		    "numbers have no regular expressions", SPAN(""));
	for (size_t i = 0; i < n->arg_count; i++)
		if (n->args[i].kind == SIEVE_STRINGS)
			keys = &n->args[i]; /* the last one */
	if (keys == NULL ||
	    (n->word->id == CMD_DELETEHEADER && n->at[1] == NULL))
		return;
	keys->regexes =
	    arena_array(s->arena, keys->count + 1, sizeof(*keys->regexes));
	for (size_t i = 0; i < keys->count; i++) {
		if (has_variable(s, keys->strings[i]))
			continue;
		keys->regexes[i] =
		    sieve_regex_new(s->arena, keys->strings[i], fold, &error);
		if (keys->regexes[i] == NULL)
			sieve_error_add(s,
			    (struct sieve_place){ keys->line, keys->column },
			    "see sieve(5) for what it may have",
			    "a wrong regular expression: %s", error);
	}
}

/* A name, or one of the namespace "global" (RFC 6609, 3.4.2). */
static void
variable_name(struct sieve_script *s, const struct sieve_arg *a, struct span n,
    bool may_be_global)
{
	bool good;

	if (may_be_global && has(s, EXT_INCLUDE) && span_istarts(n, "global."))
		n = span_skip(n, sizeof("global.") - 1);
	good = n.n > 0 && !ascii_digit(span_at(n, 0));

	for (size_t i = 0; i < n.n; i++)
		good = good && (ascii_alnum(span_at(n, i)) || n.p[i] == '_');
	if (!good)
		bad_arg(s, a, "letters, digits and _ make a name",
		    "no name of a variable", n);
}

static void
date_part(struct sieve_script *s, const struct sieve_arg *a)
{
	static const char *const known[] = { "year", "month", "day", "date",
		"julian", "hour", "minute", "second", "time", "iso8601",
		"std11", "zone", "weekday" };

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (span_iis(a->strings[0], known[i]))
			return;
	if (!has_variable(s, a->strings[0]))
		bad_arg(s, a, "RFC 5260 has them: year, month, day, hour ...",
		    "no part of a date", a->strings[0]);
}

static void
envelope_part(struct sieve_script *s, const struct sieve_arg *a)
{
	for (size_t i = 0; i < a->count; i++)
		if (!has_variable(s, a->strings[i]) &&
		    !span_iis(a->strings[i], "from") &&
		    !span_iis(a->strings[i], "to"))
			bad_arg(s, a, "there are \"from\" and \"to\"",
			    "no part of the envelope", a->strings[i]);
}

/* What is there counts as required from here on (RFC 5463, 4). */
static void
ihave(struct sieve_script *s, const struct sieve_arg *a)
{
	for (size_t i = 0; i < a->count; i++)
		if (sieve_extension_later(a->strings[i]))
			s->required |= (uint64_t)1
			    << sieve_extension_find(a->strings[i]);
}

/* "${a.b}": a namespace that nobody has (RFC 5229, 3). */
static void
references(struct sieve_script *s, const struct sieve_arg *a, struct span text)
{
	size_t at;

	while ((at = span_search(text, SPAN("${"))) < text.n) {
		size_t n = 0, dot = 0;

		text = span_skip(text, at + 2);
		while (ascii_alnum(span_at(text, n)) ||
		    span_at(text, n) == '_' ||
		    (span_at(text, n) == '.' && n > 0)) {
			dot = dot == 0 && span_at(text, n) == '.' ? n : dot;
			n++;
		}
		if (span_at(text, n) == '}' && dot > 0 &&
		    !ascii_digit(span_at(text, 0)) &&
		    !(has(s, EXT_INCLUDE) && dot == sizeof("global") - 1 &&
			span_istarts(text, "global")))
			bad_arg(s, a, "there is global, with include",
			    "a variable of no known namespace",
			    span_head(text, n));
	}
}

static void
all_references(struct sieve_script *s, const struct sieve_node *n)
{
	for (size_t i = 0; i < n->arg_count; i++)
		for (size_t k = 0; k < n->args[i].count; k++)
			references(s, &n->args[i], n->args[i].strings[k]);
}

static void
check_tags(struct sieve_script *s, const struct sieve_node *n)
{
	const struct sieve_arg *a;

	if ((a = sieve_tag(n, "comparator")) != NULL)
		comparator(s, a);
	if ((a = sieve_tag(n, "count")) != NULL ||
	    (a = sieve_tag(n, "value")) != NULL)
		relation(s, a);
	if ((a = sieve_tag(n, "zone")) != NULL)
		zone(s, a);
	if (sieve_tag(n, "regex") != NULL)
		regexes(s, n);
	if (sieve_tag(n, "last") != NULL && sieve_tag(n, "index") == NULL &&
	    n->word->id != CMD_ADDHEADER && n->word->id != TEST_DUPLICATE)
		bad_arg(s, sieve_tag(n, "last"), "put :index before it",
		    ":last without :index", SPAN(""));
	if (n->word->id == CMD_VACATION && sieve_tag(n, "fcc") == NULL &&
	    ((a = sieve_tag(n, "flags")) != NULL ||
		(a = sieve_tag(n, "create")) != NULL ||
		(a = sieve_tag(n, "specialuse")) != NULL))
		bad_arg(s, a, "say where by :fcc",
		    "an argument for :fcc without :fcc", SPAN(""));
	if (n->word->id == CMD_VACATION && (a = sieve_tag(n, "from")) != NULL)
		address(s, a, a->strings[0]);
	if (n->word->id == TEST_DUPLICATE &&
	    (a = sieve_tag(n, "header")) != NULL)
		names(s, a);
}

static void
check_command(struct sieve_script *s, const struct sieve_node *n)
{
	switch ((int)n->word->id) {
	case CMD_REDIRECT:
		address(s, n->at[0], n->at[0]->strings[0]);
		break;
	case CMD_SET:
		variable_name(s, n->at[0], n->at[0]->strings[0], true);
		break;
	case CMD_SETFLAG:
	case CMD_ADDFLAG:
	case CMD_REMOVEFLAG:
		if (n->at[0] == NULL)
			break;
		need(s, EXT_VARIABLES, n->line, n->column,
		    SPAN("a variable for flags"));
		variable_name(s, n->at[0], n->at[0]->strings[0], true);
		break;
	case CMD_ADDHEADER:
	case CMD_DELETEHEADER:
		names(s, n->at[0]);
		break;
	case CMD_GLOBAL:
		need(s, EXT_VARIABLES, n->line, n->column, SPAN("global"));
		for (size_t i = 0; i < n->at[0]->count; i++)
			variable_name(s, n->at[0], n->at[0]->strings[i], false);
		break;
	case CMD_INCLUDE:
		if (!sieve_name_valid(n->at[0]->strings[0]))
			bad_arg(s, n->at[0], "write the name without slashes",
			    "no name of a script", n->at[0]->strings[0]);
		break;
	default:
		break;
	}
}

/* Only fields that have addresses may be asked for them (RFC 5228, 5.1). */
static void
address_names(struct sieve_script *s, const struct sieve_arg *a)
{
	static const char *const known[] = { "From", "To", "Cc", "Bcc",
		"Sender", "Reply-To", "Resent-From", "Resent-To", "Resent-Cc",
		"Resent-Bcc", "Resent-Sender", "Resent-Reply-To", "Return-Path",
		"Errors-To", "Delivered-To", "X-Original-To", "Envelope-To",
		"Apparently-To", "Mail-Followup-To", "Mail-Reply-To",
		"Disposition-Notification-To", "Return-Receipt-To",
		"Approved-By", "Abuse-Reports-To", "Original-Recipient",
		"For-Approval", "For-Handling", "For-Comment",
		"X-Envelope-From", "X-Envelope-To", "X-Forwarded-To",
		"X-Forwarded-For" };

	for (size_t i = 0; i < a->count; i++) {
		size_t k = 0, n = sizeof(known) / sizeof(*known);

		while (k < n && !span_iis(a->strings[i], known[k]))
			k++;
		if (k == n && !has_variable(s, a->strings[i]))
			bad_arg(s, a, "use the test header",
			    "a field that has no addresses", a->strings[i]);
	}
}

static void
check_test(struct sieve_script *s, const struct sieve_node *n)
{
	switch ((int)n->word->id) {
	case TEST_ADDRESS:
		address_names(s, n->at[0]);
		break;
	case TEST_HEADER:
	case TEST_EXISTS:
		names(s, n->at[0]);
		break;
	case TEST_DATE:
		names(s, n->at[0]);
		date_part(s, n->at[1]);
		break;
	case TEST_CURRENTDATE:
		date_part(s, n->at[0]);
		break;
	case TEST_ENVELOPE:
		envelope_part(s, n->at[0]);
		break;
	case TEST_IHAVE:
		ihave(s, n->at[0]);
		break;
	case TEST_SIZE:
		if (sieve_tag(n, "over") == NULL &&
		    sieve_tag(n, "under") == NULL)
			bad_arg(s, n->at[0], "write size :over 100K",
			    "size of what?", SPAN(""));
		break;
	default:
		break;
	}
}

/* What is special to one word. */
static void
check_values(struct sieve_script *s, const struct sieve_node *n)
{
	check_tags(s, n);
	if (n->word->is_test)
		check_test(s, n);
	else
		check_command(s, n);
}

/* ---- binding */

static bool
fits(const struct sieve_arg *a, char kind)
{
	switch (kind) {
	case 'n':
		return a->kind == SIEVE_NUMBER;
	case 's':
		return a->kind == SIEVE_STRINGS && !a->is_list;
	default:
		return a->kind == SIEVE_STRINGS;
	}
}

static const char *
kind_name(char kind)
{
	return kind == 'n' ? "a number" : kind == 's' ? "a string" : "strings";
}

/* A tag and its value: how many arguments; 0: it is wrong. */
static size_t
bind_tag(struct sieve_script *s, struct sieve_node *n, size_t i, char *groups)
{
	const struct sieve_arg *a = &n->args[i];
	const struct sieve_tag *t = sieve_tag_find(a->tag, n->word->tags);
	size_t used = strlen(groups);

	if (t == NULL) {
		bad_arg(s, a, "leave it out, or see sieve(5)",
		    "the word does not take the tag", a->tag);
		return 0;
	}
	need(s, t->needs, a->line, a->column, a->tag);
	if (strchr(groups, t->group) != NULL) {
		bad_arg(s, a, "leave one out",
		    "a tag that excludes one before it", a->tag);
		return 0;
	}
	groups[used] = t->group;
	groups[used + 1] = '\0';
	if (t->value == 0)
		return 1;
	if (i + 1 < n->arg_count && fits(&n->args[i + 1], t->value))
		return 2;
	bad_arg(
	    s, a, kind_name(t->value), "this has to follow the tag", a->tag);
	return 0;
}

static size_t
positional_count(const struct sieve_node *n)
{
	size_t count = 0;

	for (size_t i = 0; i < n->arg_count; i++) {
		if (n->args[i].kind == SIEVE_TAG) {
			const struct sieve_tag *t =
			    sieve_tag_find(n->args[i].tag, n->word->tags);

			i += t != NULL && t->value != 0;
		} else {
			count++;
		}
	}
	return count;
}

static bool
bind(struct sieve_script *s, struct sieve_node *n)
{
	char groups[GROUPS_MAX] = "";
	const char *mark = strchr(n->word->shape, '?');
	char shape[SIEVE_POSITIONS + 1] = "";
	size_t given = positional_count(n), at = 0, step, all = 0;

	for (const char *p = n->word->shape; *p != '\0'; p++)
		if (p != mark)
			shape[all++] = *p;
	if (mark != NULL && given < all) { /* it is left out */
		if (mark == n->word->shape)
			at = 1;
		else
			shape[--all] = '\0';
	}
	for (size_t i = 0; i < n->arg_count; i += step) {
		const struct sieve_arg *a = &n->args[i];

		step = 1;
		if (a->kind == SIEVE_TAG) {
			step = bind_tag(s, n, i, groups);
			if (step == 0)
				return false;
		} else if (at >= strlen(shape) || !fits(a, shape[at])) {
			bad_arg(s, a,
			    at < strlen(shape) ? kind_name(shape[at])
					       : "leave it out",
			    at < strlen(shape) ? "this has to stand here in"
					       : "an argument too many for",
			    n->name);
			return false;
		} else {
			n->at[at++] = a;
		}
	}
	if (at == strlen(shape))
		return true;
	sieve_error_add(s, (struct sieve_place){ n->line, n->column },
	    kind_name(shape[at]), "an argument is missing to %.*s",
	    (int)n->name.n, n->name.p);
	return false;
}

/* ---- require */

static void
require(struct sieve_script *s, const struct sieve_node *n)
{
	for (size_t i = 0; i < n->at[0]->count; i++) {
		struct span name = n->at[0]->strings[i];
		enum sieve_extension e = sieve_extension_find(name);

		if (e == EXT_NONE)
			bad_arg(s, n->at[0],
			    "facteur does not have it: leave out what needs it",
			    "unknown extension", name);
		else
			s->required |= (uint64_t)1 << e;
	}
}

/* ---- the walk */

static bool
counts_fit(struct sieve_script *s, const struct sieve_node *n)
{
	size_t have = 0;
	const char *what = NULL;

	for (const struct sieve_node *t = n->tests; t != NULL; t = t->next)
		have++;
	if (n->word->tests == TESTS_NONE && have > 0)
		what = "takes no test";
	else if (n->word->tests == TESTS_ONE && (have != 1 || n->has_test_list))
		what = "takes one test";
	else if (n->word->tests == TESTS_LIST && !n->has_test_list)
		what = "takes tests in parentheses";
	else if (n->word->block && !n->has_block)
		what = "takes a block in braces";
	else if (!n->word->block && n->has_block)
		what = "takes no block; a ; is missing";
	if (what != NULL)
		sieve_error_add(s, (struct sieve_place){ n->line, n->column },
		    "see sieve(5)", "%.*s %s", (int)n->name.n, n->name.p, what);
	return what == NULL;
}

/* A node for itself; false: what is below it makes no sense. */
static bool
check_node(struct sieve_script *s, struct sieve_node *n, bool is_test)
{
	n->word = sieve_word_find(n->name, is_test);
	if (n->word == NULL) {
		sieve_error_add(s, (struct sieve_place){ n->line, n->column },
		    "facteur does not have it; see sieve(5)", "unknown %s %.*s",
		    is_test ? "test" : "command", (int)n->name.n, n->name.p);
		return false;
	}
	need(s, n->word->needs, n->line, n->column, n->name);
	if (!counts_fit(s, n))
		return false;
	if (has(s, EXT_ENCODED))
		decode_all(s, n);
	if (has(s, EXT_VARIABLES))
		all_references(s, n);
	if (bind(s, n))
		check_values(s, n);
	return true;
}

/* With ihave a script may have what is wrong here, as long as it is not run
 * (RFC 5463, 4). */
static bool
check_one(struct sieve_script *s, struct sieve_node *n, bool is_test)
{
	bool good;

	if (has(s, EXT_IHAVE) && !span_iis(n->name, "require"))
		s->lenient = n;
	good = check_node(s, n, is_test);
	s->lenient = NULL;
	return good;
}

static void
check_tests(struct sieve_script *s, struct sieve_node *n)
{
	for (; n != NULL; n = n->next)
		if (check_one(s, n, true))
			check_tests(s, n->tests);
}

static bool
continues(const struct sieve_node *before)
{
	return before != NULL && before->word != NULL &&
	    (before->word->id == CMD_IF || before->word->id == CMD_ELSIF);
}

static void
check_commands(struct sieve_script *s, struct sieve_node *n, bool top)
{
	const struct sieve_node *before = NULL;
	bool may_require = top;

	for (; n != NULL; before = n, n = n->next) {
		bool good = check_one(s, n, false);
		enum sieve_id id = good ? n->word->id : CMD_STOP;

		if (!good)
			continue;
		if (id == CMD_REQUIRE && !may_require)
			sieve_error_add(s,
			    (struct sieve_place){ n->line, n->column },
			    "move it to the front of the script",
			    "require stands behind other commands");
		else if (id == CMD_REQUIRE && n->at[0] != NULL)
			require(s, n);
		if ((id == CMD_ELSIF || id == CMD_ELSE) && !continues(before))
			sieve_error_add(s,
			    (struct sieve_place){ n->line, n->column },
			    "put it right behind the block of an if",
			    "%.*s without an if before it", (int)n->name.n,
			    n->name.p);
		may_require = may_require && id == CMD_REQUIRE;
		check_tests(s, n->tests);
		check_commands(s, n->block, false);
	}
}

void
sieve_check(struct sieve_script *s)
{
	check_commands(s, s->commands, true);
}
