/* plugin_map.c - pgsql:, mysql:, sqlite: and ldap: as tables */

#include "maps/plugin_map.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/why.h"
#include "maps/map_type.h"
#include "maps/plugin_conf.h"
#include "maps/plugin_filter.h"
#include "maps/plugin_link.h"

/* Set once at the start of a process, before there is a table. */
static struct {
	char *folder;
	plugin_ask_fn *fn;
	void *arg;
	struct plugin_set *set; /* without fn */
} asker;

void
map_plugin_set(const char *folder, plugin_ask_fn *fn, void *arg)
{
	free(asker.folder);
	plugin_set_free(&asker.set);
	asker.folder = mem_str(folder);
	asker.fn = fn;
	asker.arg = arg;
}

static bool
installed(const char *type)
{
	char *path =
	    asker.folder == NULL ? NULL : plugin_path(asker.folder, type);
	bool there = path != NULL && access(path, R_OK) == 0;

	free(path);
	return there;
}

bool
map_plugin_lacks(const char *type)
{
	for (size_t i = 0; plugin_type(i) != NULL; i++)
		if (strcmp(plugin_type(i), type) == 0)
			return !installed(type);
	return false;
}

struct kept {
	struct plugin_conf *conf;
	struct plugin_filter *filter;
	struct buf text; /* of conf, without what means nothing */
};

/* A plug-in that is installed later is seen as a change. */
static bool
installed_check(struct map *m, struct why *why)
{
	struct why reason;
	char *path;

	if (asker.folder == NULL) {
		map_trouble(m, why, "this program does not ask databases");
		return false;
	}
	if (installed(m->type->name))
		return true;
	path = plugin_path(asker.folder, m->type->name);
	map_watch(m, path, -1);
	free(path);
	why_init(&reason);
	plugin_missing(m->type->name, &reason);
	map_trouble(m, why, "%s", why_text(&reason));
	why_free(&reason);
	return false;
}

static bool
plugin_open(struct map *m, struct why *why)
{
	struct kept *k = mem_new(sizeof(*k));
	struct buf text = BUF_EMPTY;
	struct why reason;

	m->state = k;
	why_init(&reason);
	if (m->name[0] != '/')
		map_trouble(m, why,
		    "a file is wanted, by a name that begins with '/'; %s_... "
		    "parameters in main.cf are not taken",
		    m->name);
	else if (map_text(m, &text, why)) {
		k->conf = plugin_conf_parse(
		    m->type->name, buf_span(&text), m->spec, false, &reason);
		if (k->conf == NULL) {
			map_trouble(m, why, "%s", why_text(&reason));
		} else {
			plugin_conf_text(k->conf, &k->text);
			k->filter = plugin_filter_new(k->conf);
		}
	}
	buf_wipe(&text);
	why_free(&reason);
	return k->filter != NULL && installed_check(m, why);
}

static enum map_result
plugin_get(struct map *m, struct span key, struct buf *out, struct why *why)
{
	struct kept *k = m->state;
	struct plugin_table t = { m->type->name, m->spec, buf_span(&k->text) };
	enum map_result got = plugin_filter_test(k->filter, key, why);
	struct why reason;

	if (got != MAP_FOUND)
		return got;
	why_init(&reason);
	if (asker.fn == NULL && asker.set == NULL)
		asker.set = plugin_set_new(asker.folder);
	got = asker.fn != NULL ? asker.fn(asker.arg, &t, key, out, &reason)
			       : plugin_ask(asker.set, &t, key, out, &reason);
	if (got == MAP_ERROR)
		map_trouble(m, why, "%s", why_text(&reason));
	why_free(&reason);
	return got;
}

static void
plugin_close(struct map *m)
{
	struct kept *k = m->state;

	if (k == NULL)
		return;
	plugin_filter_free(&k->filter);
	plugin_conf_free(&k->conf);
	buf_wipe(&k->text);
	mem_free(&m->state);
}

static bool
plugin_changed(const struct map *m)
{
	const struct kept *k = m->state;

	return k->filter != NULL && plugin_filter_changed(k->filter);
}

#define PLUGIN_TYPE(type) \
	const struct map_type map_type_##type = { \
		.name = #type, \
		.fixed = true, \
		.open = plugin_open, \
		.get = plugin_get, \
		.close = plugin_close, \
		.changed = plugin_changed, \
	}

PLUGIN_TYPE(ldap);
PLUGIN_TYPE(mysql);
PLUGIN_TYPE(pgsql);
PLUGIN_TYPE(sqlite);
