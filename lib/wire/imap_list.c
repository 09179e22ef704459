/* imap_list.c - what LIST asks for (RFC 3501, 6.3.8; RFC 5258, 5819, 6154) */

#include "wire/imap_list.h"

#include <string.h>

#include "base/arena.h"
#include "wire/imap_metadata.h"
#include "wire/imap_parse.h"

bool
imap_status_items(struct span *rest, unsigned *items)
{
	static const struct {
		const char *word;
		unsigned bit;
	} words[] = {
		{ "MESSAGES", STATUS_MESSAGES },
		{ "RECENT", STATUS_RECENT },
		{ "UIDNEXT", STATUS_UIDNEXT },
		{ "UIDVALIDITY", STATUS_UIDVALIDITY },
		{ "UNSEEN", STATUS_UNSEEN },
		{ "SIZE", STATUS_SIZE },
		{ "DELETED", STATUS_DELETED },
		{ "HIGHESTMODSEQ", STATUS_HIGHESTMODSEQ },
		{ "MAILBOXID", STATUS_MAILBOXID },
		{ "APPENDLIMIT", STATUS_APPENDLIMIT },
		{ "DELETED-STORAGE", STATUS_DELETED_STORAGE },
	};
	size_t i;

	*items = 0;
	if (!imap_char(rest, '('))
		return false;
	do {
		for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			if (imap_is_word(rest, words[i].word))
				break;
		if (i == sizeof(words) / sizeof(words[0]))
			return false;
		*items |= words[i].bit;
	} while (imap_space(rest));
	return imap_char(rest, ')');
}

static bool
select_option(struct arena *a, struct span *rest, struct imap_list *out)
{
	struct span word;

	(void)a;
	if (!imap_atom(rest, &word))
		return false;
	if (span_iis(word, "SUBSCRIBED"))
		out->subscribed = true;
	else if (span_iis(word, "RECURSIVEMATCH"))
		out->recursive = true;
	else if (span_iis(word, "SPECIAL-USE"))
		out->special_only = true;
	else if (!span_iis(word, "REMOTE")) /* there are no remote ones */
		return false;
	return true;
}

static bool
return_option(struct arena *a, struct span *rest, struct imap_list *out)
{
	struct span word;

	if (!imap_atom(rest, &word))
		return false;
	if (span_iis(word, "SUBSCRIBED"))
		out->return_subscribed = true;
	else if (span_iis(word, "CHILDREN"))
		out->return_children = true;
	else if (span_iis(word, "SPECIAL-USE"))
		out->return_special = true;
	else if (span_iis(word, "MYRIGHTS"))
		out->my_rights = true;
	else if (span_iis(word, "STATUS"))
		return imap_space(rest) &&
		    imap_status_items(rest, &out->status);
	else if (span_iis(word, "METADATA"))
		return imap_space(rest) &&
		    imap_metadata_names(
			a, rest, &out->metadata, &out->metadata_count);
	else
		return false;
	return true;
}

typedef bool
option_fn(struct arena *a, struct span *rest, struct imap_list *out);

static bool
options(
    struct arena *a, struct span *rest, option_fn *one, struct imap_list *out)
{
	if (!imap_char(rest, '('))
		return false;
	if (imap_char(rest, ')'))
		return true;
	do {
		if (!one(a, rest, out))
			return false;
	} while (imap_space(rest));
	return imap_char(rest, ')');
}

static bool
patterns(struct arena *a, struct span *rest, struct imap_list *out)
{
	bool many = imap_char(rest, '(');

	out->extended = out->extended || many;
	out->patterns =
	    arena_array(a, LIST_PATTERNS_MAX, sizeof(*out->patterns));
	do {
		if (out->count == LIST_PATTERNS_MAX ||
		    !imap_pattern(a, rest, &out->patterns[out->count]))
			return false;
		out->count++;
	} while (many && imap_space(rest));
	return !many || imap_char(rest, ')');
}

bool
imap_list_parse(struct arena *a, struct span rest, struct imap_list *out)
{
	memset(out, 0, sizeof(*out));
	if (!imap_space(&rest))
		return false;
	if (span_at(rest, 0) == '(') {
		out->extended = true;
		if (!options(a, &rest, select_option, out) ||
		    !imap_space(&rest))
			return false;
	}
	if (!imap_astring(a, &rest, &out->reference) || !imap_space(&rest) ||
	    !patterns(a, &rest, out))
		return false;
	if (imap_space(&rest)) {
		out->extended = true;
		if (!imap_is_word(&rest, "RETURN") || !imap_space(&rest) ||
		    !options(a, &rest, return_option, out))
			return false;
	}
	/* RECURSIVEMATCH stands for nothing alone (RFC 5258, 3), nor with an
	 * option that is no base for it (RFC 6154, 6) */
	return imap_end(rest) && !(out->recursive && !out->subscribed);
}

/* open[i]: the name so far can be what the first i bytes of the pattern stand
 * for. A wildcard may stand for nothing, so it opens the place behind it. */
static void
pass_wildcards(struct span pattern, bool *open)
{
	for (size_t i = 0; i < pattern.n; i++)
		if (open[i] && (pattern.p[i] == '*' || pattern.p[i] == '%'))
			open[i + 1] = true;
}

bool
imap_list_match(struct span pattern, struct span name, char separator)
{
	bool open[LIST_PATTERN_BYTES_MAX + 1] = { true };

	if (pattern.n > LIST_PATTERN_BYTES_MAX)
		return false;
	pass_wildcards(pattern, open);
	for (size_t k = 0; k < name.n; k++) {
		char c = name.p[k];

		for (size_t i = pattern.n + 1; i-- > 0;) {
			char p = i < pattern.n ? pattern.p[i] : '\0';
			bool stays = i < pattern.n && open[i] &&
			    (p == '*' || (p == '%' && c != separator));
			bool steps = i > 0 && open[i - 1] &&
			    pattern.p[i - 1] == c && c != '*' && c != '%';

			open[i] = stays || steps;
		}
		pass_wildcards(pattern, open);
	}
	return open[pattern.n];
}
