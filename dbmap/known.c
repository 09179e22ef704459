/* known.c - the tables of databases that the configuration names */

#include "dbmap/known.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/table.h"
#include "base/why.h"
#include "config/master_cf.h"
#include "config/param.h"
#include "maps/plugin_conf.h"
#include "os/file.h"

/* A name, and what stands in its file. */
struct one {
	char *name;
	const char *type;
	struct buf conf; /* as plugin_conf_text() has it; empty: of no use */
};

struct known {
	struct table *by_name;
};

struct known *
known_new(void)
{
	struct known *k = mem_new(sizeof(*k));

	k->by_name = table_new();
	return k;
}

static void
one_free(void *value)
{
	struct one *o = value;

	buf_wipe(&o->conf);
	free(o->name);
	free(o);
}

void
known_free(struct known **k)
{
	if (*k == NULL)
		return;
	table_free(&(*k)->by_name, one_free);
	mem_free(k);
}

static void
note(struct known *k, const char *type, struct span name)
{
	struct one *o;

	if (table_get(k->by_name, name) != NULL)
		return;
	o = mem_new(sizeof(*o));
	o->name = mem_span(name);
	o->type = type;
	table_put(k->by_name, name, o);
}

/* A name ends where an item of a list does. */
static void
scan_type(struct known *k, const char *type, struct span text)
{
	char *mark = mem_printf("%s:/", type);
	size_t at;

	while ((at = span_search(text, span_str(mark))) < text.n) {
		text = span_skip(text, at);
		note(k, type,
		    span_head(text, span_find_any(text, " \t\r\n,{}")));
		text = span_skip(text, strlen(mark));
	}
	free(mark);
}

void
known_scan(struct known *k, struct span text)
{
	for (size_t i = 0; plugin_type(i) != NULL; i++)
		scan_type(k, plugin_type(i), text);
}

static void
main_scan(struct known *k, const struct main_cf *m)
{
	struct buf value = BUF_EMPTY;
	const char *name, *raw;
	struct why why;
	size_t at = 0;

	/* what cannot be expanded is told by those who need it */
	why_init(&why);
	while (main_cf_next(m, &at, &name, &raw)) {
		buf_clear(&value);
		if (main_cf_expand(m, span_str(raw), &value, &why))
			known_scan(k, buf_span(&value));
		why_free(&why);
		why_init(&why);
	}
	why_free(&why);
	buf_free(&value);
}

static bool
master_scan(struct known *k, struct master_cf *master, const char *folder,
    struct why *why)
{
	size_t n = 0;
	const struct master_row *rows = master_cf_rows(master, &n);
	struct main_cf *m;

	for (size_t i = 0; i < n; i++) {
		m = master_row_main_cf(&rows[i], folder, false, why);
		if (m == NULL)
			return false;
		main_scan(k, m);
		main_cf_free(&m);
	}
	return true;
}

bool
known_read(struct known *k, const char *folder, struct why *why)
{
	struct main_cf *m = main_cf_load(folder, false, why);
	struct master_cf *master = NULL;
	bool good;

	if (m == NULL)
		return false;
	main_scan(k, m);
	master = master_cf_load(folder, why);
	good = master != NULL && master_scan(k, master, folder, why);
	main_cf_free(&m);
	master_cf_free(&master);
	return good;
}

static void
load(struct one *o)
{
	const char *path = o->name + strlen(o->type) + 1;
	struct buf text = BUF_EMPTY;
	struct plugin_conf *c = NULL;
	struct why why;

	why_init(&why);
	buf_clear(&o->conf);
	if (file_read_path(path, PLUGIN_CONF_MAX, &text) == 0)
		c = plugin_conf_parse(
		    o->type, buf_span(&text), o->name, true, &why);
	if (c != NULL)
		plugin_conf_text(c, &o->conf);
	plugin_conf_free(&c);
	buf_wipe(&text);
	why_free(&why);
}

void
known_load(struct known *k)
{
	struct span key;
	void *value;
	size_t at = 0;

	while (table_next(k->by_name, &at, &key, &value))
		load(value);
}

bool
known_has(const struct known *k, struct span name, struct span conf)
{
	const struct one *o = table_get(k->by_name, name);

	return o != NULL && o->conf.n > 0 && span_eq(buf_span(&o->conf), conf);
}
