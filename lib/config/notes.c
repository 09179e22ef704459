/*
 * notes.c - what a reader of a configuration file has to say about it
 *
 * The readers are pure: they collect, and the program decides whether its
 * remarks go to the log, to standard error (postconf) or to a report.
 */

#include "config/notes.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"

/* Longest text that is kept of one remark. */
#define NOTE_MAX 400

void
notes_free(struct notes *notes)
{
	for (size_t i = 0; i < notes->n; i++)
		free(notes->rows[i].text);
	free(notes->rows);
	*notes = (struct notes){ NULL, 0, 0 };
}

static void
append(struct notes *notes, unsigned line, struct buf *raw)
{
	struct buf clean = BUF_EMPTY;

	if (notes->n == notes->cap) {
		notes->cap = notes->cap == 0 ? 8 : notes->cap * 2;
		notes->rows =
		    mem_resize(notes->rows, notes->cap, sizeof(notes->rows[0]));
	}
	log_quote(&clean, buf_span(raw), NOTE_MAX);
	notes->rows[notes->n].line = line;
	notes->rows[notes->n].text = buf_take(&clean);
	notes->n++;
}

void
notes_add(struct notes *notes, const char *file, unsigned line,
    const char *format, ...)
{
	struct buf raw = BUF_EMPTY;
	va_list args;

	if (notes->n > NOTES_MAX)
		return;
	buf_add_str(&raw, file);
	if (line > 0)
		buf_printf(&raw, ", line %u", line);
	buf_add_str(&raw, ": ");
	if (notes->n == NOTES_MAX) {
		buf_add_str(&raw, "more is wrong from here on, not listed");
	} else {
		va_start(args, format);
		buf_vprintf(&raw, format, args);
		va_end(args);
	}
	append(notes, line, &raw);
	buf_free(&raw);
}
