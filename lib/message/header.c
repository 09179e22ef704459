/*
 * header.c - the header section of a message (RFC 5322, 2.2), never copied
 *
 * Walking is by spans into the message. A header ends at an empty line only;
 * lines that are no field are handed out with an empty name, so that a reader
 * that shows or copies the header loses nothing.
 */

#include "message/header.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/mem.h"

bool
header_name_valid(struct span name)
{
	for (size_t i = 0; i < name.n; i++)
		if (span_at(name, i) <= ' ' || span_at(name, i) > '~' ||
		    name.p[i] == ':')
			return false;
	return name.n > 0;
}

/* Length of the first line of s with its line end. */
static size_t
line_length(struct span s)
{
	size_t at = span_find(s, '\n');

	return at < s.n ? at + 1 : at;
}

static struct span
without_line_end(struct span s)
{
	if (s.n > 0 && s.p[s.n - 1] == '\n')
		s.n--;
	if (s.n > 0 && s.p[s.n - 1] == '\r')
		s.n--;
	return s;
}

/* The field that all holds. */
static void
field_split(struct span all, struct header_field *out)
{
	struct span line = span_head(all, span_find(all, '\n'));
	size_t colon = span_find(line, ':');
	struct span name = span_trim_right(span_head(line, colon));

	out->all = all;
	if (colon < line.n && header_name_valid(name)) {
		out->name = name;
		out->value = without_line_end(span_skip(all, colon + 1));
	} else {
		out->name = SPAN("");
		out->value = without_line_end(all);
	}
}

bool
header_next(struct span *rest, struct header_field *out)
{
	size_t n = line_length(*rest);
	struct span first = span_head(*rest, n);

	if (n == 0)
		return false;
	if (span_is(first, "\n") || span_is(first, "\r\n")) {
		*rest = span_skip(*rest, n);
		return false;
	}
	while (ascii_blank(span_at(*rest, n)))
		n += line_length(span_skip(*rest, n));
	field_split(span_head(*rest, n), out);
	*rest = span_skip(*rest, n);
	return true;
}

size_t
header_end(struct span message)
{
	struct span rest = message;
	struct header_field field;

	while (header_next(&rest, &field))
		;
	return message.n - rest.n;
}

bool
header_find(struct span message, const char *name, struct header_field *out)
{
	struct header_field field;

	while (header_next(&message, &field))
		if (span_iis(field.name, name)) {
			*out = field;
			return true;
		}
	return false;
}

size_t
header_count(struct span message, const char *name)
{
	struct header_field field;
	size_t n = 0;

	while (header_next(&message, &field))
		n += span_iis(field.name, name);
	return n;
}

void
header_list_parse(struct arena *a, struct span message, struct header_list *out)
{
	struct header_field *list = NULL, field;
	struct span rest = message;
	size_t room = 0;

	*out = (struct header_list){ 0 };
	while (header_next(&rest, &field)) {
		if (out->count == HEADER_FIELDS_MAX ||
		    message.n - rest.n > HEADER_BYTES_MAX) {
			out->cut = true;
			continue;
		}
		if (list == NULL || out->count == room) {
			room = room == 0 ? 16 : room * 2;
			list = mem_resize(list, room, sizeof(*list));
		}
		list[out->count++] = field;
	}
	out->body_at = message.n - rest.n;
	out->list = arena_array(a, out->count, sizeof(*list));
	if (list != NULL)
		memcpy(out->list, list, out->count * sizeof(*list));
	free(list);
}

const struct header_field *
header_list_find(const struct header_list *l, const char *name, size_t *at)
{
	while (*at < l->count) {
		const struct header_field *f = &l->list[(*at)++];

		if (span_iis(f->name, name))
			return f;
	}
	return NULL;
}

/* Length of the line end at the front of s that folds it, else 0. */
static size_t
fold_length(struct span s)
{
	size_t n = 0;

	if (span_at(s, 0) == '\n')
		n = 1;
	else if (span_at(s, 0) == '\r' && span_at(s, 1) == '\n')
		n = 2;
	return n > 0 && (n == s.n || ascii_blank(span_at(s, n))) ? n : 0;
}

/* How much of s is of a line. */
static size_t
plain_run(struct span s)
{
	size_t i = 0;

	while (i < s.n && s.p[i] != '\r' && s.p[i] != '\n' && s.p[i] != '\0')
		i++;
	return i;
}

void
header_unfold(struct buf *out, struct span value)
{
	value = span_trim(value);
	while (value.n > 0) {
		size_t run = plain_run(value), fold;

		buf_add(out, value.p, run);
		value = span_skip(value, run);
		fold = fold_length(value);
		if (fold == 0 && value.n > 0)
			buf_add_byte(out, ' ');
		value = span_skip(value, fold > 0 ? fold : 1);
	}
}

struct span
header_unfold_arena(struct arena *a, struct span value)
{
	struct buf b = BUF_EMPTY;
	struct span s;

	header_unfold(&b, value);
	s = arena_span(a, buf_span(&b));
	buf_free(&b);
	return s;
}
