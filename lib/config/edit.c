/*
 * edit.c - changes to main.cf and master.cf that keep comments and layout
 *
 * Works on lines, not on what they mean: a file that is broken elsewhere can
 * still be repaired by postconf -e.
 */

#include "config/edit.h"

#include "base/buf.h"
#include "config/lines.h"

static bool
key_of_main(struct span line, struct edit *edits, size_t n, size_t *which)
{
	struct span name = span_head(line, span_find_any(line, "= \t\r\n"));

	for (*which = 0; *which < n; ++*which)
		if (span_eq(edits[*which].key, name))
			return true;
	return false;
}

/* "service/type" against the first two words. */
static bool
key_of_master(struct span line, struct edit *edits, size_t n, size_t *which)
{
	struct span service = { NULL, 0 }, type = { NULL, 0 };

	span_word(&line, " \t\r\n", &service);
	span_word(&line, " \t\r\n", &type);
	for (*which = 0; *which < n; ++*which) {
		struct span key = edits[*which].key;
		size_t slash = span_rfind(key, '/');

		if (span_eq(span_head(key, slash), service) &&
		    span_eq(span_skip(key, slash + 1), type))
			return true;
	}
	return false;
}

static void
put_line(struct span line, struct buf *out)
{
	buf_add_span(out, line);
	buf_add_byte(out, '\n');
}

/* A line of an entry that is to be changed; first: it begins the entry. */
static void
put_changed(enum edit_how how, const struct edit *edit, struct span line,
    bool first, struct buf *out)
{
	switch (how) {
	case EDIT_SET:
		if (first)
			put_line(edit->text, out);
		break;
	case EDIT_COMMENT:
		buf_add_byte(out, '#');
		put_line(line, out);
		break;
	case EDIT_REMOVE:
		break;
	}
}

void
edit_apply(enum edit_file file, struct span text, enum edit_how how,
    struct edit *edits, size_t n, struct buf *out)
{
	const struct edit *at = NULL; /* of the entry that a line belongs to */
	struct span line;
	size_t which;

	for (size_t i = 0; i < n; i++)
		edits[i].found = 0;
	while (span_line(&text, &line)) {
		bool first = !ascii_blank(span_at(line, 0));

		if (conf_line_idle(line)) {
			put_line(line, out);
			continue;
		}
		if (first)
			at = (file == EDIT_MAIN_CF
				     ? key_of_main
				     : key_of_master)(line, edits, n, &which)
			    ? &edits[which]
			    : NULL;
		if (first && at != NULL)
			edits[which].found++;
		if (at == NULL)
			put_line(line, out);
		else
			put_changed(how, at, line, first, out);
	}
	for (size_t i = 0; i < n && how == EDIT_SET; i++)
		if (edits[i].found == 0)
			put_line(edits[i].text, out);
}
