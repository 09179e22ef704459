/*
 * abstract.c - what the log says of a delivery
 *
 * The shape is procmail's, since people and mailstat read it. No byte of the
 * message brings a control character into the log.
 */

#include "rules/abstract.h"

enum { SUBJECT_MAX = 78, FOLDER_MAX = 60, SIZE_COLUMN = 72, TAB = 8 };

static void
add_plain(struct buf *out, struct span s, size_t max)
{
	s = span_head(s, max);
	for (size_t i = 0; i < s.n; i++) {
		int c = (unsigned char)s.p[i];

		if (c >= '\t' && c <= '\r')
			c = ' ';
		buf_add_byte(out, ascii_control(c) ? '?' : (char)c);
	}
}

/* As it is, but for what could be taken for more. */
static void
add_from(struct buf *out, struct span from)
{
	for (size_t i = 0; i < from.n; i++) {
		int c = (unsigned char)from.p[i];

		if (c == '\t')
			buf_add_byte(out, (char)c);
		else
			add_plain(out, span_of(from.p + i, 1), 1);
	}
	buf_add_byte(out, '\n');
}

static void
add_folder(struct buf *out, struct span folder, uint64_t bytes)
{
	size_t begin = out->n, column;

	buf_add_str(out, "  Folder: ");
	add_plain(out, folder, FOLDER_MAX);
	column = (out->n - begin) / TAB * TAB;
	do {
		buf_add_byte(out, '\t');
		column += TAB;
	} while (column < SIZE_COLUMN);
	buf_printf(out, "%7llu\n", (unsigned long long)bytes);
}

void
abstract_add(struct buf *out, struct span from, struct span subject,
    struct span folder, uint64_t bytes)
{
	if (from.n > 0)
		add_from(out, from);
	if (subject.n > 0) {
		buf_add_byte(out, ' ');
		add_plain(out, subject, SUBJECT_MAX);
		buf_add_byte(out, '\n');
	}
	add_folder(out, folder, bytes);
}
