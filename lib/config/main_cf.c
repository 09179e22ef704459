/*
 * main_cf.c - main.cf as read: names and values, each with its place
 *
 * Postfix's rules: a line that begins with a blank continues the one before,
 * comments and empty lines may stand between, what is set later wins. Names
 * are kept in the file's order, since people who read a report look for them
 * there.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/table.h"
#include "base/why.h"
#include "config/computed.h"
#include "config/lines.h"
#include "config/macro.h"
#include "config/notes.h"
#include "config/param.h"
#include "config/places.h"
#include "os/file.h"

#define MAIN_CF_MAX (1 << 20)

struct entry {
	const char *name, *value;
	const char *where;
};

struct main_cf {
	struct arena *arena;
	struct table *by_name; /* struct entry */
	struct entry **order;
	size_t n, cap;
	const char *file, *folder;
	struct notes notes;
	struct computed *computed;
};

/* Parameters that say where Postfix itself lives: taken from our own file,
 * passed over in one that is found in Postfix's home. */
static const char *const of_home[] = { "command_directory", "config_directory",
	"daemon_directory", "data_directory", "html_directory", "mail_owner",
	"mailq_path", "manpage_directory", "meta_directory", "newaliases_path",
	"process_id_directory", "queue_directory", "readme_directory",
	"sample_directory", "sendmail_path", "setgid_group",
	"shlib_directory" };

static struct main_cf *
main_cf_new(const char *file, const char *folder)
{
	struct main_cf *m = mem_new(sizeof(*m));

	m->arena = arena_new();
	m->by_name = table_new();
	m->file = arena_str(m->arena, file);
	if (folder != NULL)
		m->folder = arena_str(m->arena, folder);
	m->computed = computed_new(folder != NULL);
	return m;
}

void
main_cf_free(struct main_cf **m)
{
	if (*m == NULL)
		return;
	table_free(&(*m)->by_name, NULL);
	computed_free(&(*m)->computed);
	notes_free(&(*m)->notes);
	free((*m)->order);
	arena_free(&(*m)->arena);
	mem_free(m);
}

static struct entry *
entry_get(const struct main_cf *m, struct span name)
{
	return table_get(m->by_name, name);
}

static struct entry *
entry_make(struct main_cf *m, struct span name)
{
	struct entry *e = arena_alloc(m->arena, sizeof(*e));

	e->name = arena_span_str(m->arena, name);
	if (m->n == m->cap) {
		m->cap = m->cap == 0 ? 64 : m->cap * 2;
		m->order = mem_resize(m->order, m->cap, sizeof(void *));
	}
	m->order[m->n++] = e;
	table_put(m->by_name, name, e);
	return e;
}

static void
entry_set(
    struct main_cf *m, struct span name, struct span value, const char *where)
{
	struct entry *e = entry_get(m, name);

	if (e == NULL)
		e = entry_make(m, name);
	e->value = arena_span_str(m->arena, value);
	e->where = where;
}

/* Lines joined into one setting. */
struct setting {
	struct buf text;
	unsigned line; /* where it began; 0: none began */
};

static bool
setting_split(struct span text, struct span *name, struct span *value)
{
	size_t n = 0;
	struct span rest;

	while (n < text.n && text.p[n] != '=' &&
	    !ascii_space((unsigned char)text.p[n]))
		n++;
	*name = span_head(text, n);
	rest = span_trim_left(span_skip(text, n));
	*value = span_trim(span_skip(rest, 1));
	return span_at(rest, 0) == '=';
}

static bool
setting_end(struct main_cf *m, struct setting *s, struct why *why)
{
	struct span text = buf_span(&s->text), name, value;
	int shown = text.n < 60 ? (int)text.n : 60;
	const struct entry *before;

	if (s->line == 0)
		return true;
	if (!setting_split(text, &name, &value) || name.n == 0) {
		why_set(why, "4.3.5",
		    "%s, line %u: \"%.*s\": %s; write name = value, or # in "
		    "front of a remark",
		    m->file, s->line, shown, text.p,
		    name.n == 0 ? "missing name before ="
				: "missing = behind the name");
		return false;
	}
	before = entry_get(m, name);
	if (before != NULL)
		notes_add(&m->notes, m->file, s->line,
		    "overriding earlier entry: %s=%s", before->name,
		    before->value);
	entry_set(m, name, value,
	    arena_printf(m->arena, "%s, line %u", m->file, s->line));
	s->line = 0;
	return true;
}

static bool
setting_line(struct main_cf *m, struct setting *s, struct span line,
    unsigned number, struct why *why)
{
	if (ascii_blank(span_at(line, 0)) && s->line == 0) {
		notes_add(&m->notes, m->file, number,
		    "a line that begins with a blank continues the one before, "
		    "but there is none; passed over: %.*s",
		    line.n < 60 ? (int)line.n : 60, line.p);
		return true;
	}
	if (!ascii_blank(span_at(line, 0))) {
		if (!setting_end(m, s, why))
			return false;
		buf_clear(&s->text);
		s->line = number;
	}
	buf_add_span(&s->text, line);
	return true;
}

static bool
read_text(struct main_cf *m, struct span text, struct why *why)
{
	struct conf_lines lines = { text, m->file, &m->notes, 0 };
	struct setting setting = { BUF_EMPTY, 0 };
	struct span line;
	enum conf_line got;
	bool ok = true;

	while (ok && (got = conf_line_next(&lines, &line, why)) != CONF_END) {
		if (got == CONF_BAD)
			ok = false;
		else if (!conf_line_idle(line))
			ok = setting_line(m, &setting, line, lines.line, why);
	}
	ok = ok && setting_end(m, &setting, why);
	buf_free(&setting.text);
	return ok;
}

static struct main_cf *
parse(struct span text, const char *file, const char *folder, struct why *why)
{
	struct main_cf *m = main_cf_new(file, folder);

	if (text.n > MAIN_CF_MAX)
		why_set(why, "4.3.5", "%s: longer than %d bytes", file,
		    MAIN_CF_MAX);
	else if (read_text(m, text, why))
		return m;
	main_cf_free(&m);
	return NULL;
}

struct main_cf *
main_cf_parse(struct span text, const char *name, struct why *why)
{
	return parse(text, name, NULL, why);
}

struct main_cf *
main_cf_empty(const char *folder)
{
	return main_cf_new("defaults", folder);
}

/* Drop what says where Postfix lives: this is its own file. */
static void
forget_home(struct main_cf *m)
{
	size_t kept = 0;

	for (size_t i = 0; i < m->n; i++) {
		struct entry *e = m->order[i];
		bool drop = false;

		for (size_t k = 0; k < sizeof(of_home) / sizeof(of_home[0]);
		     k++)
			drop = drop || strcmp(e->name, of_home[k]) == 0;
		if (!drop) {
			m->order[kept++] = e;
			continue;
		}
		notes_add(&m->notes, m->file, 0,
		    "%s=%s is Postfix's own and not taken over", e->name,
		    e->value);
		table_remove(m->by_name, span_str(e->name));
	}
	m->n = kept;
}

static struct main_cf *
load(const char *path, const char *folder, bool optional, struct why *why)
{
	struct buf text = BUF_EMPTY;
	struct main_cf *m = NULL;

	if (file_read_path(path, MAIN_CF_MAX, &text) == 0)
		m = parse(buf_span(&text), path, folder, why);
	else if (errno == ENOENT && optional)
		m = parse(SPAN(""), path, folder, why);
	else if (errno == EFBIG)
		why_set(why, "4.3.5", "%s: longer than %d bytes", path,
		    MAIN_CF_MAX);
	else
		why_set(why, "4.3.5", "open %s: %s%s", path, strerror(errno),
		    errno == ENOENT ? "; name the configuration's folder by "
				      "-c or MAIL_CONFIG, or make the file"
				    : "");
	buf_free(&text);
	return m;
}

struct main_cf *
main_cf_load_under(
    const char *root, const char *folder, bool optional, struct why *why)
{
	struct buf path = BUF_EMPTY;
	bool old = places_find_under(root, folder, PLACE_MAIN_CF, &path);
	struct main_cf *m = load(buf_str(&path), folder, optional, why);

	if (m != NULL && old)
		forget_home(m);
	buf_free(&path);
	return m;
}

struct main_cf *
main_cf_load(const char *folder, bool optional, struct why *why)
{
	return main_cf_load_under("", folder, optional, why);
}

static const char option_where[] = "option -o ";

void
main_cf_set(struct main_cf *m, const char *name, const char *value)
{
	entry_set(m, span_str(name), span_str(value),
	    arena_printf(m->arena, "%s%s", option_where, name));
	computed_forget(m->computed);
}

const char *
main_cf_folder(const struct main_cf *m)
{
	return m->folder;
}

const char *
main_cf_file(const struct main_cf *m)
{
	return m->file;
}

const struct notes *
main_cf_notes(const struct main_cf *m)
{
	return &m->notes;
}

/* The value of a parameter that is not set: *value is NULL when nobody knows
 * the name. */
static bool
default_get(const struct main_cf *m, struct span name, const char **value,
    struct why *why)
{
	const struct param *row;

	if (!computed_default(m->computed, m, name, value, why))
		return false;
	if (*value != NULL)
		return true;
	if (m->folder != NULL && span_is(name, "config_directory")) {
		*value = m->folder;
		return true;
	}
	row = param_find(name);
	if (row != NULL)
		*value = row->fallback;
	return true;
}

static bool
lookup(const void *from, struct span name, struct macro_value *value,
    struct why *why)
{
	const struct main_cf *m = from;
	const struct entry *e = entry_get(m, name);
	const char *origin = NULL;

	*value = (struct macro_value){ NULL, NULL };
	if (e != NULL)
		*value = (struct macro_value){ e->value, e->where };
	else if (!default_get(m, name, &value->text, why))
		return false;
	if (value->text == NULL || !span_is(name, "myorigin"))
		return true;
	if (!computed_origin(m->computed, value->text, &origin, why))
		return false;
	if (origin != NULL)
		value->text = origin;
	return true;
}

const char *
main_cf_raw(const struct main_cf *m, const char *name)
{
	const struct entry *e = entry_get(m, span_str(name));
	const char *value = NULL;
	struct why why;

	if (e != NULL)
		return e->value;
	why_init(&why);
	if (!default_get(m, span_str(name), &value, &why))
		value = "";
	why_free(&why);
	return value;
}

bool
main_cf_is_set(const struct main_cf *m, const char *name)
{
	return entry_get(m, span_str(name)) != NULL;
}

const char *
main_cf_where(const struct main_cf *m, const char *name)
{
	const struct entry *e = entry_get(m, span_str(name));

	return e == NULL ? NULL : e->where;
}

static bool
is_option(const char *where)
{
	return where != NULL && span_starts(span_str(where), option_where);
}

bool
main_cf_is_option(const struct main_cf *m, const char *name)
{
	return is_option(main_cf_where(m, name));
}

/* As lookup(), and notes whether another service may have another value. */
struct noted {
	const struct main_cf *m;
	bool *varies;
};

static bool
lookup_noted(const void *from, struct span name, struct macro_value *value,
    struct why *why)
{
	const struct noted *n = from;
	const struct entry *e = entry_get(n->m, name);

	if (e != NULL ? is_option(e->where) : computed_knows(name))
		*n->varies = true;
	return lookup(n->m, name, value, why);
}

const char *
main_cf_table(const struct main_cf *m, struct arena *a, const char *name)
{
	bool varies = false;
	struct noted noted = { m, &varies };
	struct macro_source source = { lookup_noted, &noted };
	struct buf text = BUF_EMPTY, value = BUF_EMPTY;
	const char *asked = name;
	struct why why;

	why_init(&why);
	buf_printf(&text, "${%s}", name);
	if (macro_expand(&source, m->file, buf_span(&text), &value, &why) &&
	    varies)
		asked = arena_printf(a, "%s %s", name, buf_str(&value));
	why_free(&why);
	buf_free(&text);
	buf_free(&value);
	return asked;
}

bool
main_cf_next(
    const struct main_cf *m, size_t *at, const char **name, const char **value)
{
	if (*at >= m->n)
		return false;
	*name = m->order[*at]->name;
	*value = m->order[*at]->value;
	++*at;
	return true;
}

bool
main_cf_expand(
    const struct main_cf *m, struct span text, struct buf *out, struct why *why)
{
	struct macro_source source = { lookup, m };

	return macro_expand(&source, m->file, text, out, why);
}

bool
main_cf_value(
    const struct main_cf *m, const char *name, struct buf *out, struct why *why)
{
	struct macro_source source = { lookup, m };
	struct macro_value value;
	struct buf where = BUF_EMPTY;
	bool ok;

	if (!lookup(m, span_str(name), &value, why))
		return false;
	if (value.text == NULL)
		return true;
	buf_printf(&where, "%s: %s",
	    value.where == NULL ? "default" : value.where, name);
	ok = macro_expand(
	    &source, buf_str(&where), span_str(value.text), out, why);
	buf_free(&where);
	return ok;
}
