/*
 * access.c - keys and values of access(5) tables
 *
 * Which parts of a name, an address or a mailbox are looked for, in what
 * order, and what the value says. Nothing is asked here.
 */

#include "smtpd/access.h"

#include "base/arena.h"
#include "base/number.h"
#include "intake/check_act.h"
#include "message/address.h"

enum { PARENTS_MAX = 30 };

static void
key_add(struct access_keys *out, struct span key)
{
	if (key.n > 0 && out->count < ACCESS_KEYS_MAX)
		out->keys[out->count++] = key;
}

static struct span
joined(struct arena *a, struct span x, const char *between, struct span y)
{
	return span_str(arena_printf(
	    a, "%.*s%s%.*s", (int)x.n, x.p, between, (int)y.n, y.p));
}

void
access_keys_name(struct access_keys *out, struct arena *a, struct span name,
    const struct access_style *style)
{
	(void)a;
	if (span_ends(name, "."))
		name = span_head(name, name.n - 1);
	key_add(out, name);
	if (style->whole_only || span_at(name, 0) == '[')
		return;
	for (int i = 0; i < PARENTS_MAX; i++) {
		size_t dot = span_find(name, '.');

		if (dot == name.n)
			break;
		name = span_skip(name, style->parents ? dot + 1 : dot);
		key_add(out, name);
		if (!style->parents)
			name = span_skip(name, 1);
	}
}

void
access_keys_host(struct access_keys *out, struct arena *a, struct span address,
    const struct access_style *style)
{
	char sep = span_find(address, ':') < address.n ? ':' : '.';

	(void)a;
	key_add(out, address);
	while (!style->whole_only) {
		size_t at = span_rfind(address, sep);

		if (at == address.n)
			break;
		address = span_head(address, at);
		/* "2001:db8::1" loses both colons */
		if (span_at(address, address.n - 1) != sep)
			key_add(out, address);
	}
}

void
access_keys_mail(struct access_keys *out, struct arena *a, struct span address,
    const struct access_style *style)
{
	struct span local, domain, user, extension;
	bool extended;

	if (address.n == 0) {
		key_add(out, span_str(style->null_key));
		return;
	}
	key_add(out, address);
	if (style->whole_only || !address_split(address, &local, &domain))
		return;
	extended =
	    address_extension(local, style->delimiters, &user, &extension);
	if (extended)
		key_add(out, joined(a, user, "@", domain));
	access_keys_name(out, a, domain, style);
	key_add(out, joined(a, local, "@", SPAN("")));
	if (extended)
		key_add(out, joined(a, user, "@", SPAN("")));
}

static const struct {
	const char *word;
	enum access_action action;
} words[] = {
	{ "OK", ACCESS_OK },
	{ "DUNNO", ACCESS_DUNNO },
	{ "REJECT", ACCESS_REJECT },
	{ "DEFER", ACCESS_DEFER },
	{ "DEFER_IF_PERMIT", ACCESS_DEFER_IF_PERMIT },
	{ "DEFER_IF_REJECT", ACCESS_DEFER_IF_REJECT },
	{ "WARN", ACCESS_WARN },
	{ "INFO", ACCESS_INFO },
	{ "HOLD", ACCESS_HOLD },
	{ "DISCARD", ACCESS_DISCARD },
	{ "PREPEND", ACCESS_PREPEND },
	{ "FILTER", ACCESS_FILTER },
	{ "REDIRECT", ACCESS_REDIRECT },
	{ "BCC", ACCESS_BCC },
};

static bool
all_digits(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_digit(span_at(s, i)))
			return false;
	return s.n > 0;
}

void
access_value_parse(struct span value, struct access_value *out)
{
	struct span rest = span_trim(value), word = { "", 0 };
	uint64_t code;

	*out = (struct access_value){
		.action = ACCESS_LIST, .status = { "", 0 }, .text = { "", 0 }
	};
	if (!span_word(&rest, " \t", &word))
		return;
	if (word.n == 3 && number_parse(word, 400, 599, &code)) {
		out->action = ACCESS_CODE;
		out->code = (int)code;
		out->text = span_trim(rest);
		out->status = check_status_take(&out->text);
		return;
	}
	/* a number: whatever made the table recorded when, or who, said yes */
	if (all_digits(word) && span_trim(rest).n == 0) {
		out->action = ACCESS_OK;
		return;
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!span_iis(word, words[i].word))
			continue;
		out->action = words[i].action;
		out->text = span_trim(rest);
		if (out->action <= ACCESS_DEFER_IF_REJECT)
			out->status = check_status_take(&out->text);
		return;
	}
	out->text = span_trim(value);
}
