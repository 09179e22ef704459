/*
 * lines.c - the lines of a configuration file, one by one
 *
 * What main.cf, master.cf and Courier's files have in common: numbered lines,
 * no control bytes, and the <br/> that remains at the ends of lines when a
 * configuration was copied out of a web page.
 */

#include "config/lines.h"

#include "base/why.h"
#include "config/notes.h"

#define UTF8_MARK "\xef\xbb\xbf"

static const char *const marks_known[] = { "<br/>", "<br />", "<br>" };

static size_t
mark_length(struct span line)
{
	for (size_t i = 0; i < sizeof(marks_known) / sizeof(marks_known[0]);
	     i++)
		if (span_iends(line, marks_known[i]))
			return strlen(marks_known[i]);
	return 0;
}

size_t
conf_line_unmarked(struct span line, unsigned *marks)
{
	size_t n;

	*marks = 0;
	line = span_trim_right(line);
	while ((n = mark_length(line)) > 0) {
		line = span_trim_right(span_head(line, line.n - n));
		++*marks;
	}
	return line.n;
}

static bool
is_comment(struct span line)
{
	return span_at(span_trim_left(line), 0) == '#';
}

bool
conf_line_idle(struct span line)
{
	line = span_trim_left(line);
	return line.n == 0 || line.p[0] == '#';
}

/* The first byte that may not stand there, or -1. */
static int
odd_byte(struct span line)
{
	bool comment = is_comment(line);

	for (size_t i = 0; i < line.n; i++) {
		int c = (unsigned char)line.p[i];

		if (c == '\0' || (!comment && ascii_control(c) && c != '\t'))
			return c;
	}
	return -1;
}

enum conf_line
conf_line_next(struct conf_lines *l, struct span *line, struct why *why)
{
	unsigned marks;
	size_t n;
	int odd;

	if (l->line == 0 && span_starts(l->rest, UTF8_MARK)) {
		l->rest = span_skip(l->rest, strlen(UTF8_MARK));
		notes_add(l->notes, l->file, 1,
		    "the invisible mark at the start of the file is passed "
		    "over; save the file as plain UTF-8");
	}
	if (!span_line(&l->rest, line))
		return CONF_END;
	l->line++;
	odd = odd_byte(*line);
	if (odd != -1) {
		why_set(why, "4.3.5",
		    "%s, line %u: control byte 0x%02x in \"%.*s\"; remove it",
		    l->file, l->line, (unsigned)odd,
		    (int)(line->n < 60 ? line->n : 60), line->p);
		return CONF_BAD;
	}
	n = conf_line_unmarked(*line, &marks);
	if (marks > 0) {
		line->n = n;
		if (!is_comment(*line))
			notes_add(l->notes, l->file, l->line,
			    "<br/> at the end of the line is passed over; "
			    "remove it");
	}
	return CONF_LINE;
}
