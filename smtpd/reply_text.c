/* reply_text.c - a reply in lines */

#include "smtpd/reply_text.h"

#include <string.h>

#include "base/buf.h"

/* Do not look further back than so for a blank to break at. */
enum { BREAK_BACK = 80, CODE_AND_END = 6 };

/* The front of text that fits into a line; no character of UTF-8 is cut. */
static size_t
fitting(struct span text, size_t room)
{
	size_t end = span_find(text, '\n'), cut;

	if (end <= room)
		return end;
	for (cut = room; cut > room - BREAK_BACK; cut--)
		if (span_at(text, cut) == ' ')
			return cut;
	cut = room;
	while (cut > room - 4 && (span_at(text, cut) & 0xc0) == 0x80)
		cut--;
	return cut;
}

void
reply_text_put(struct buf *out, int code, const char *status, struct span text)
{
	size_t room = REPLY_LINE_MAX - CODE_AND_END - strlen(status) - 1;

	for (int lines = 1;; lines++) {
		size_t n = fitting(text, room);
		struct span line = span_head(text, n);
		bool last;

		text = span_skip(text, n);
		if (span_at(text, 0) == '\n' || span_at(text, 0) == ' ')
			text = span_skip(text, 1);
		last = text.n == 0 || lines == REPLY_LINES_MAX;
		buf_printf(out, "%03d%c", code, last ? ' ' : '-');
		if (status[0] != '\0')
			buf_printf(out, "%s ", status);
		buf_add_span(out, line);
		buf_add_str(out, "\r\n");
		if (last)
			return;
	}
}
