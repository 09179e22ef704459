/*
 * edit.c - changes to main.cf and master.cf that keep comments and layout
 *
 * Works on lines, not on what they mean: a file that is broken elsewhere can
 * still be repaired by postconf -e.
 */

#include "config/edit.h"

#include "base/buf.h"
#include "config/lines.h"

static struct edit *
edit_of_main(const struct edit_job *job, struct span line)
{
	struct span name = span_head(line, span_find_any(line, "= \t\r\n"));

	for (size_t i = 0; i < job->n; i++)
		if (span_eq(job->edits[i].key, name))
			return &job->edits[i];
	return NULL;
}

/* "service/type" against the first two words. */
static struct edit *
edit_of_master(const struct edit_job *job, struct span line)
{
	struct span service = { NULL, 0 }, type = { NULL, 0 };

	span_word(&line, " \t\r\n", &service);
	span_word(&line, " \t\r\n", &type);
	for (size_t i = 0; i < job->n; i++) {
		struct span key = job->edits[i].key;
		size_t slash = span_rfind(key, '/');

		if (span_eq(span_head(key, slash), service) &&
		    span_eq(span_skip(key, slash + 1), type))
			return &job->edits[i];
	}
	return NULL;
}

/* The edit that concerns the entry which begins with line, or NULL. */
static struct edit *
edit_of(const struct edit_job *job, struct span line)
{
	struct edit *edit = job->file == EDIT_MAIN_CF
	    ? edit_of_main(job, line)
	    : edit_of_master(job, line);

	if (edit != NULL)
		edit->found++;
	return edit;
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
edit_apply(const struct edit_job *job, struct span text, struct buf *out)
{
	const struct edit *at = NULL; /* of the entry that a line belongs to */
	struct span line;

	for (size_t i = 0; i < job->n; i++)
		job->edits[i].found = 0;
	while (span_line(&text, &line)) {
		bool first = !ascii_blank(span_at(line, 0));

		if (conf_line_idle(line)) {
			put_line(line, out);
			continue;
		}
		if (first)
			at = edit_of(job, line);
		if (at == NULL)
			put_line(line, out);
		else
			put_changed(job->how, at, line, first, out);
	}
	for (size_t i = 0; i < job->n && job->how == EDIT_SET; i++)
		if (job->edits[i].found == 0)
			put_line(job->edits[i].text, out);
}
