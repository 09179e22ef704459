/*
 * visit_parse.c - what another's imapd answers to our own FETCH and APPEND, and
 * tells after NOTIFY
 *
 * Its words are looked at like those of any stranger.
 */

#include "imapd/visit_copy.h"
#include "imapd/visit_notify.h"

#include "message/date.h"

static bool
take_item(
    struct arena *a, struct span *rest, struct visit_fetched *out, bool *body)
{
	struct span text;
	struct date date;
	uint64_t number;

	if (imap_is_word(rest, "UID"))
		return imap_space(rest) && imap_number(rest, &out->uid);
	if (imap_is_word(rest, "FLAGS"))
		return imap_space(rest) &&
		    imap_flag_list(a, rest, false, &out->flags);
	if (imap_is_word(rest, "MODSEQ"))
		return imap_space(rest) && imap_char(rest, '(') &&
		    imap_number64(rest, &number) && imap_char(rest, ')');
	if (imap_is_word(rest, "INTERNALDATE")) {
		if (!imap_space(rest) || !imap_string(a, rest, &text) ||
		    !date_parse_imap(text, &date))
			return false;
		out->date = date.time == 0 ? 1 : date.time;
		return true;
	}
	*body = span_istarts(*rest, "BODY[] ");
	*rest = span_skip(*rest, 7);
	return *body;
}

/* "* n FETCH (UID u FLAGS (...) INTERNALDATE "..." BODY[] {size}" */
bool
visit_fetched(struct arena *a, struct span line, struct visit_fetched *out)
{
	struct imap_scan_out scan;
	uint32_t number;
	bool body = false;

	*out = (struct visit_fetched){ .uid = 0 };
	if (imap_scan_line(line, &scan) != IMAP_SCAN_LITERAL ||
	    !imap_char(&line, '*') || !imap_space(&line) ||
	    !imap_number(&line, &number) || !imap_space(&line))
		return false;
	if (imap_is_word(&line, "UIDFETCH"))
		out->uid = number;
	else if (!imap_is_word(&line, "FETCH"))
		return false;
	if (!imap_space(&line) || !imap_char(&line, '('))
		return false;
	while (!body)
		if (!take_item(a, &line, out, &body) ||
		    (!body && !imap_space(&line)))
			return false;
	out->size = scan.literal;
	/* the size that ends the line stands right here */
	return out->uid != 0 && span_at(line, 0) == '{' &&
	    span_find(line, '}') + 3 == line.n;
}

bool
visit_appended(struct arena *a, struct span line, size_t count,
    uint32_t *validity, struct span *set)
{
	struct imap_set got;
	struct span at;
	uint64_t n = 0;

	if (!imap_tag(&line, &at) || !imap_space(&line) ||
	    !imap_is_word(&line, "OK") || !imap_space(&line) ||
	    !imap_char(&line, '[') || !imap_is_word(&line, "APPENDUID") ||
	    !imap_space(&line) || !imap_number(&line, validity) ||
	    !imap_space(&line))
		return false;
	at = line;
	if (!imap_sequence_set(a, &line, &got) || !imap_char(&line, ']'))
		return false;
	*set = span_head(at, at.n - line.n - 1);
	for (size_t i = 0; i < got.count; i++) {
		if (got.list[i].last == IMAP_STAR ||
		    got.list[i].first > got.list[i].last)
			return false;
		n += got.list[i].last - got.list[i].first + 1;
	}
	return n == count && *validity != 0;
}

/* "(\\Flags) "." name", and perhaps " ("OLDNAME" (name))". */
static bool
told_list(struct arena *a, struct span rest, struct visit_told *out)
{
	struct span word;

	if (!imap_char(&rest, '('))
		return false;
	rest = span_skip(rest, span_find(rest, ')'));
	if (!imap_char(&rest, ')') || !imap_space(&rest) ||
	    !imap_string(a, &rest, &word) || !imap_space(&rest) ||
	    !imap_astring(a, &rest, &out->name))
		return false;
	if (imap_end(rest))
		return true;
	return imap_space(&rest) && imap_char(&rest, '(') &&
	    imap_string(a, &rest, &word) && span_is(word, "OLDNAME") &&
	    imap_space(&rest) && imap_char(&rest, '(') &&
	    imap_astring(a, &rest, &out->old) && imap_char(&rest, ')') &&
	    imap_char(&rest, ')') && imap_end(rest);
}

bool
visit_told(struct arena *a, struct span line, struct visit_told *out)
{
	struct span word;

	*out = (struct visit_told){ .old = span_of(NULL, 0) };
	if (span_find(line, '\n') + 1 != line.n || !imap_char(&line, '*') ||
	    !imap_space(&line) || !imap_atom(&line, &word) ||
	    !imap_space(&line))
		return false;
	if (span_iis(word, "LIST"))
		return told_list(a, line, out);
	return (span_iis(word, "STATUS") || span_iis(word, "METADATA")) &&
	    imap_astring(a, &line, &out->name) && imap_space(&line);
}
