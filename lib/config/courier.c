/*
 * courier.c - Courier's configuration files, read as data
 *
 * The files are made of shell assignments, with comments and marks of
 * Courier's own (##NAME: X:0, comments too). Names keep the line that they
 * were last set in; a later setting wins, as it would in a shell.
 */

#include "config/courier.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/table.h"
#include "base/why.h"
#include "config/lines.h"
#include "config/notes.h"
#include "os/file.h"

#define COURIER_MAX (1 << 20)
#define VALUE_MAX   (64 << 10)
#define MEMORY_MAX  (8 << 20) /* of all names and values */

struct courier {
	struct arena *arena;
	const char *file;
	struct courier_setting **order;
	size_t n, cap;
	struct table *by_name; /* struct courier_setting */
	struct notes notes;
};

static struct courier_setting *
setting_get(const struct courier *c, struct span name)
{
	return table_get(c->by_name, name);
}

static void
setting_put(
    struct courier *c, struct span name, struct span value, unsigned line)
{
	struct courier_setting *s = setting_get(c, name);

	if (s == NULL) {
		s = arena_alloc(c->arena, sizeof(*s));
		s->name = arena_span_str(c->arena, name);
		if (c->n == c->cap) {
			c->cap = c->cap == 0 ? 32 : c->cap * 2;
			c->order = mem_resize(c->order, c->cap, sizeof(void *));
		}
		c->order[c->n++] = s;
		table_put(c->by_name, name, s);
	} else {
		notes_add(&c->notes, c->file, line,
		    "%s was set before, in line %u; this setting wins", s->name,
		    s->line);
	}
	s->value = arena_span_str(c->arena, value);
	s->line = line;
}

/* A value while it is read off its line. */
struct reader {
	struct courier *c;
	struct span rest;
	unsigned line;
	struct buf value;
	struct why *why;
};

static bool
refuse(struct reader *r, struct span words, const char *text)
{
	why_set(r->why, "4.3.5", "%s, line %u: \"%.*s\": %s", r->c->file,
	    r->line, words.n < 80 ? (int)words.n : 80,
	    words.p == NULL ? "" : words.p, text);
	return false;
}

static bool
is_name_byte(int c)
{
	return ascii_alnum(c) || c == '_';
}

static struct span
take_name(struct span *rest)
{
	struct span name;
	size_t n = 0;

	while (is_name_byte(span_at(*rest, n)))
		n++;
	name = span_head(*rest, n);
	*rest = span_skip(*rest, n);
	return name;
}

/* $NAME or ${NAME}; the $ was taken. */
static bool
take_reference(struct reader *r)
{
	struct span begun = r->rest, name;
	const struct courier_setting *s;
	bool brace = span_at(r->rest, 0) == '{';

	if (span_at(r->rest, 0) == '(')
		return refuse(
		    r, begun, "commands are not run; write the value itself");
	if (brace)
		r->rest = span_skip(r->rest, 1);
	name = take_name(&r->rest);
	if (name.n == 0 && !brace) {
		buf_add_byte(&r->value, '$');
		return true;
	}
	if (name.n == 0 || (brace && span_at(r->rest, 0) != '}'))
		return refuse(r, begun, "wanted ${NAME}");
	if (brace)
		r->rest = span_skip(r->rest, 1);
	s = setting_get(r->c, name);
	if (s == NULL)
		notes_add(&r->c->notes, r->c->file, r->line,
		    "$%.*s is not set before this line; nothing is put there",
		    name.n < 80 ? (int)name.n : 80, name.p);
	else
		buf_add_str(&r->value, s->value);
	return true;
}

/* One byte or reference of unquoted or "quoted" text. */
static bool
take_piece(struct reader *r, bool quoted)
{
	char c = r->rest.p[0];

	r->rest = span_skip(r->rest, 1);
	if (c == '`')
		return refuse(
		    r, r->rest, "commands are not run; write the value itself");
	if (c == '$')
		return take_reference(r);
	if (c == '\\' && r->rest.n > 0) {
		char next = r->rest.p[0];

		if (quoted && strchr("\"\\$`", next) == NULL)
			buf_add_byte(&r->value, '\\');
		buf_add_byte(&r->value, next);
		r->rest = span_skip(r->rest, 1);
		return true;
	}
	buf_add_byte(&r->value, c);
	return true;
}

static bool
take_double_quoted(struct reader *r)
{
	struct span begun = r->rest;

	r->rest = span_skip(r->rest, 1);
	while (r->rest.n > 0 && r->rest.p[0] != '"')
		if (!take_piece(r, true))
			return false;
	if (r->rest.n == 0)
		return refuse(r, begun, "the closing \" is missing");
	r->rest = span_skip(r->rest, 1);
	return true;
}

static bool
take_single_quoted(struct reader *r)
{
	struct span inner = span_skip(r->rest, 1);
	size_t n = span_find(inner, '\'');

	if (n == inner.n)
		return refuse(r, r->rest, "the closing ' is missing");
	buf_add_span(&r->value, span_head(inner, n));
	r->rest = span_skip(inner, n + 1);
	return true;
}

/* One word of a value, quotes and all, up to a blank or ; */
static bool
take_word(struct reader *r)
{
	while (r->rest.n > 0 && r->rest.p[0] != ';' &&
	    !ascii_blank((unsigned char)r->rest.p[0])) {
		bool ok = r->rest.p[0] == '"' ? take_double_quoted(r)
		    : r->rest.p[0] == '\''    ? take_single_quoted(r)
					      : take_piece(r, false);

		if (!ok)
			return false;
		if (r->value.n > VALUE_MAX)
			return refuse(r, SPAN(""), "the value is too long");
	}
	return true;
}

static bool
take_value(struct reader *r)
{
	bool more = false;

	r->rest = span_trim(r->rest);
	if (!take_word(r))
		return false;
	for (;;) {
		r->rest = span_trim_left(r->rest);
		if (r->rest.n == 0 || r->rest.p[0] == '#')
			break;
		if (r->rest.p[0] == ';') {
			struct span behind =
			    span_trim_left(span_skip(r->rest, 1));

			if (behind.n > 0 && behind.p[0] != '#')
				notes_add(&r->c->notes, r->c->file, r->line,
				    "what stands behind the ; is passed over");
			break;
		}
		if (!more)
			notes_add(&r->c->notes, r->c->file, r->line,
			    "a value with blanks wants quotes; it is taken to "
			    "the end of the line");
		more = true;
		buf_add_byte(&r->value, ' ');
		if (!take_word(r))
			return false;
	}
	return true;
}

/* The name before =, or false when the line is no assignment. */
static bool
take_assignment(struct span *line, struct span *name)
{
	struct span rest = span_trim_left(*line);

	if (span_starts(rest, "export ") || span_starts(rest, "export\t"))
		rest = span_trim_left(span_skip(rest, strlen("export ")));
	*name = take_name(&rest);
	rest = span_trim_left(rest);
	if (name->n == 0 || ascii_digit(name->p[0]) || span_at(rest, 0) != '=')
		return false;
	*line = span_skip(rest, 1);
	return true;
}

static bool
read_line(struct courier *c, struct span line, unsigned number, struct why *why)
{
	struct reader r = { c, line, number, BUF_EMPTY, why };
	struct span name;
	bool ok = true;

	if (!take_assignment(&r.rest, &name)) {
		/* "export NAME" alone changes nothing here. */
		if (!span_starts(span_trim(line), "export "))
			notes_add(&c->notes, c->file, number,
			    "not understood and passed over: \"%.*s\"; wanted "
			    "NAME=value",
			    line.n < 80 ? (int)line.n : 80, line.p);
		return true;
	}
	ok = take_value(&r);
	if (ok && arena_used(c->arena) > MEMORY_MAX)
		ok = refuse(&r, name, "the file's values are too long");
	if (ok)
		setting_put(c, name, buf_span(&r.value), number);
	buf_free(&r.value);
	return ok;
}

static bool
read_text(struct courier *c, struct span text, struct why *why)
{
	struct conf_lines lines = { text, c->file, &c->notes, 0 };
	struct span line;
	enum conf_line got;

	while ((got = conf_line_next(&lines, &line, why)) == CONF_LINE)
		if (!conf_line_idle(line) &&
		    !read_line(c, line, lines.line, why))
			return false;
	return got == CONF_END;
}

struct courier *
courier_parse(struct span text, const char *name, struct why *why)
{
	struct courier *c = mem_new(sizeof(*c));

	c->arena = arena_new();
	c->by_name = table_new();
	c->file = arena_str(c->arena, name);
	if (text.n > COURIER_MAX)
		why_set(why, "4.3.5", "%s: longer than %d bytes", name,
		    COURIER_MAX);
	else if (read_text(c, text, why))
		return c;
	courier_free(&c);
	return NULL;
}

struct courier *
courier_load(const char *path, bool optional, struct why *why)
{
	struct buf text = BUF_EMPTY;
	struct courier *c = NULL;

	if (file_read_path(path, COURIER_MAX, &text) == 0 ||
	    (errno == ENOENT && optional))
		c = courier_parse(buf_span(&text), path, why);
	else
		why_set(why, "4.3.5", "open %s: %s", path, strerror(errno));
	buf_free(&text);
	return c;
}

void
courier_free(struct courier **c)
{
	if (*c == NULL)
		return;
	table_free(&(*c)->by_name, NULL);
	notes_free(&(*c)->notes);
	free((*c)->order);
	arena_free(&(*c)->arena);
	mem_free(c);
}

const char *
courier_file(const struct courier *c)
{
	return c->file;
}

const struct notes *
courier_notes(const struct courier *c)
{
	return &c->notes;
}

const char *
courier_get(const struct courier *c, const char *name)
{
	const struct courier_setting *s = setting_get(c, span_str(name));

	return s == NULL ? NULL : s->value;
}

unsigned
courier_line(const struct courier *c, const char *name)
{
	const struct courier_setting *s = setting_get(c, span_str(name));

	return s == NULL ? 0 : s->line;
}

bool
courier_next(
    const struct courier *c, size_t *at, struct courier_setting *setting)
{
	if (*at >= c->n)
		return false;
	*setting = *c->order[*at];
	++*at;
	return true;
}

static bool
refuse_value(const struct courier *c, const struct courier_setting *s,
    const char *wanted, struct why *why)
{
	why_set(why, "4.3.5", "%s, line %u: %s=%.80s: wanted %s", c->file,
	    s->line, s->name, s->value, wanted);
	return false;
}

bool
courier_yes(const struct courier *c, const char *name, bool otherwise,
    bool *value, struct why *why)
{
	static const char *const yes[] = { "yes", "y", "1", "true", "on" };
	static const char *const no[] = { "no", "n", "0", "false", "off" };
	const struct courier_setting *s = setting_get(c, span_str(name));
	struct span word;

	*value = otherwise;
	if (s == NULL || s->value[0] == '\0')
		return true;
	word = span_trim(span_str(s->value));
	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
		if (span_iis(word, yes[i]) || span_iis(word, no[i])) {
			*value = span_iis(word, yes[i]);
			return true;
		}
	}
	return refuse_value(c, s, "YES or NO", why);
}

bool
courier_number(const struct courier *c, const char *name,
    const struct courier_range *range, int64_t *value, struct why *why)
{
	const struct courier_setting *s = setting_get(c, span_str(name));
	struct buf wanted = BUF_EMPTY;

	*value = range->otherwise;
	if (s == NULL || s->value[0] == '\0' ||
	    number_parse_signed(
		span_trim(span_str(s->value)), range->min, range->max, value))
		return true;
	buf_printf(&wanted, "a number from %lld to %lld", (long long)range->min,
	    (long long)range->max);
	refuse_value(c, s, buf_str(&wanted), why);
	buf_free(&wanted);
	return false;
}
