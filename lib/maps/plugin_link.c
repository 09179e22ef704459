/*
 * plugin_link.c - questions to databases, by their plug-ins
 *
 * Of several servers the one that is connected is asked; else those over Unix
 * sockets first, in any order, and one that failed only when there is no
 * other, or after retry_interval. A connection that breaks at a question may
 * have been idle for too long: the same server is tried again, once.
 */

#include "maps/plugin_link.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/must.h"
#include "base/table.h"
#include "base/why.h"
#include "maps/plugin.h"
#include "maps/plugin_conf.h"
#include "maps/plugin_expand.h"
#include "os/clock.h"

/* No other server is tried after that. */
enum { TRY_MS = 6000, HOSTS_MAX = 32, VALUE_MAX = 1 << 20 };

struct host {
	char *name;
	void *db; /* NULL: not connected */
	int64_t failed; /* when; 0: it did not */
	bool tried; /* for this question */
};

/* The servers of some tables. */
struct servers {
	const struct map_plugin *plugin;
	struct host *hosts;
	size_t count;
	int64_t retry_ms;
};

struct open_table {
	char *name;
	struct plugin_conf *conf;
	struct servers *servers;
	int64_t limit; /* expansion_limit */
};

struct plugin_set {
	char *folder;
	struct table *plugins; /* by type: struct map_plugin */
	struct table *links; /* by plugin_conf_group() */
	struct table *tables; /* by type and text: struct open_table */
};

/* What a plug-in is handed of a file. */
struct conf_view {
	struct map_plugin_conf face;
	const struct plugin_conf *conf;
};

struct question {
	struct map_plugin_question face;
	struct conf_view view;
	const struct open_table *table;
	struct span key;
	struct buf expanded, one, *out;
	int64_t values;
	bool over; /* more than there may be */
};

/* ---- loading */

char *
plugin_path(const char *folder, const char *type)
{
	return mem_printf("%s/maps/%s.so", folder, type);
}

void
plugin_missing(const char *type, struct why *why)
{
	why_set(why, "4.3.0",
	    "%s: tables need the package facteur-%s, which is not installed",
	    type, type);
}

/* Code that anybody could have put there is not run. */
static bool
anybody_writes(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && (st.st_mode & S_IWOTH) != 0;
}

static const struct map_plugin *
load(const char *folder, const char *type, struct why *why)
{
	char *path = plugin_path(folder, type);
	char *within = mem_printf("%s/maps", folder);
	const struct map_plugin *p = NULL;
	void *object = NULL;

	if (access(path, F_OK) == -1) {
		plugin_missing(type, why);
	} else if (anybody_writes(path) || anybody_writes(within)) {
		why_set(why, "4.3.0",
		    "%s is not loaded: it or its folder may be written by "
		    "everybody",
		    path);
	} else {
		object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
		if (object != NULL)
			p = dlsym(object, MAP_PLUGIN_SYMBOL);
		if (p == NULL)
			why_set(why, "4.3.0", "%s", dlerror());
	}
	if (p != NULL && p->version != MAP_PLUGIN_VERSION) {
		why_set(why, "4.3.0",
		    "%s is of another version of this suite (%u, not %d)", path,
		    p->version, MAP_PLUGIN_VERSION);
		p = NULL;
	}
	free(path);
	free(within);
	return p;
}

static const struct map_plugin *
plugin_find(struct plugin_set *s, const char *type, struct why *why)
{
	const struct map_plugin *p = table_get(s->plugins, span_str(type));

	if (p == NULL) {
		p = load(s->folder, type, why);
		if (p != NULL)
			table_put(
			    s->plugins, span_str(type), (void *)(uintptr_t)p);
	}
	return p;
}

/* ---- servers */

static void
hosts_split(struct servers *l, struct span text)
{
	struct span word;

	l->hosts = mem_array(HOSTS_MAX, sizeof(*l->hosts));
	while (l->count < HOSTS_MAX && span_word(&text, " \t\r\n,", &word))
		l->hosts[l->count++].name = mem_span(word);
	if (l->count == 0)
		l->hosts[l->count++].name = mem_str("");
}

static void
host_close(const struct servers *l, struct host *h)
{
	if (h->db != NULL)
		l->plugin->disconnect(h->db);
	h->db = NULL;
}

static void
servers_free(void *value)
{
	struct servers *l = value;

	for (size_t i = 0; i < l->count; i++) {
		host_close(l, &l->hosts[i]);
		free(l->hosts[i].name);
	}
	free(l->hosts);
	free(l);
}

static struct servers *
servers_find(struct plugin_set *s, const char *type,
    const struct plugin_conf *c, struct why *why)
{
	const struct map_plugin *plugin = plugin_find(s, type, why);
	const char *hosts = plugin_conf_get(c, "hosts");
	struct buf group = BUF_EMPTY;
	struct servers *l;

	if (plugin == NULL)
		return NULL;
	if (hosts == NULL)
		hosts = plugin_conf_get(c, "server_host");
	plugin_conf_group(c, &group);
	l = table_get(s->links, buf_span(&group));
	if (l == NULL) {
		l = mem_new(sizeof(*l));
		l->plugin = plugin;
		l->retry_ms = plugin_conf_number(c, "retry_interval") * 1000;
		if (l->retry_ms == 0)
			l->retry_ms = 60000;
		hosts_split(l, span_str(hosts == NULL ? "" : hosts));
		table_put(s->links, buf_span(&group), l);
	}
	buf_free(&group);
	return l;
}

/* Lower is better. */
static unsigned
rank(const struct servers *l, const struct host *h, int64_t now)
{
	if (h->db != NULL)
		return 0;
	if (h->failed != 0 && now - h->failed < l->retry_ms)
		return 3;
	return strncmp(h->name, "unix:", 5) == 0 ||
		strncmp(h->name, "ldapi:", 6) == 0
	    ? 1
	    : 2;
}

/* One of the best that were not tried yet, by chance; NULL: none is left. */
static struct host *
host_next(struct servers *l)
{
	struct host *best = NULL;
	unsigned best_rank = 0, equals = 0;
	int64_t now = clock_ms();

	for (size_t i = 0; i < l->count; i++) {
		struct host *h = &l->hosts[i];
		unsigned r = rank(l, h, now), dice = 0;

		if (h->tried || (best != NULL && r > best_rank))
			continue;
		equals = best != NULL && r == best_rank ? equals + 1 : 1;
		if (equals > 1 &&
		    getrandom(&dice, sizeof(dice), 0) != sizeof(dice))
			continue;
		if (dice % equals == 0) {
			best = h;
			best_rank = r;
		}
	}
	return best;
}

/* ---- what a plug-in is handed */

static const char *
view_get(const struct map_plugin_conf *face, const char *key)
{
	const struct conf_view *v = (const void *)face;
	const char *value = plugin_conf_get(v->conf, key);

	must(value != NULL); /* a plug-in asks for keys of its type only */
	return value;
}

static const char *
question_expand(struct map_plugin_question *face, const char *key,
    map_plugin_escape_fn *escape, void *db)
{
	struct question *q = (void *)face;
	struct plugin_expand e = { .template = span_str(
				       plugin_conf_get(q->table->conf, key)),
		.key = q->key,
		.escape = escape,
		.arg = db };

	buf_clear(&q->expanded);
	return plugin_expand(&e, &q->expanded) ? buf_str(&q->expanded) : NULL;
}

/* A value, in the form of result_format; those that have not got what it wants
 * are passed over. */
static bool
question_found(struct map_plugin_question *face, const char *p, size_t n)
{
	struct question *q = (void *)face;
	struct plugin_expand e = { .template = span_str(plugin_conf_get(
				       q->table->conf, "result_format")),
		.key = q->key,
		.value = span_of(p == NULL ? "" : p, n) };

	buf_clear(&q->one);
	if (n > 0 && memchr(p, '\0', n) != NULL)
		q->over = true;
	else if (n > 0 && plugin_expand(&e, &q->one)) {
		q->values++;
		if (q->out->n + q->one.n > VALUE_MAX ||
		    (q->table->limit > 0 && q->values > q->table->limit))
			q->over = true;
		else if (q->out->n > 0)
			buf_add_byte(q->out, ',');
		if (!q->over)
			buf_add_span(q->out, buf_span(&q->one));
	}
	return !q->over;
}

/* ---- a table's file, read */

static void
table_free_one(void *value)
{
	struct open_table *t = value;

	plugin_conf_free(&t->conf);
	free(t->name);
	free(t);
}

static struct open_table *
table_open(
    struct plugin_set *s, const struct plugin_table *from, struct why *why)
{
	struct plugin_conf *c =
	    plugin_conf_parse(from->type, from->conf, from->name, true, why);
	struct servers *l =
	    c == NULL ? NULL : servers_find(s, from->type, c, why);
	struct open_table *t;

	if (l == NULL) {
		plugin_conf_free(&c);
		return NULL;
	}
	t = mem_new(sizeof(*t));
	t->name = mem_str(from->name);
	t->conf = c;
	t->servers = l;
	t->limit = plugin_conf_number(c, "expansion_limit");
	return t;
}

static struct open_table *
table_find(
    struct plugin_set *s, const struct plugin_table *from, struct why *why)
{
	struct buf key = BUF_EMPTY;
	struct open_table *t;

	buf_printf(&key, "%s\n%s\n", from->type, from->name);
	buf_add_span(&key, from->conf);
	t = table_get(s->tables, buf_span(&key));
	if (t == NULL) {
		t = table_open(s, from, why);
		if (t != NULL)
			table_put(s->tables, buf_span(&key), t);
	}
	buf_free(&key);
	return t;
}

/* ---- asking */

static enum map_plugin_result
host_ask(struct servers *l, struct host *h, struct question *q, char *error)
{
	bool old = h->db != NULL;

	for (;; old = false) {
		enum map_plugin_result got;

		if (h->db == NULL)
			h->db =
			    l->plugin->connect(&q->view.face, h->name, error);
		if (h->db == NULL)
			return MAP_PLUGIN_LOST;
		buf_clear(q->out);
		q->values = 0;
		q->over = false;
		error[0] = '\0';
		got = l->plugin->ask(h->db, &q->face, error);
		if (got != MAP_PLUGIN_LOST)
			return got;
		host_close(l, h);
		if (!old)
			return got;
	}
}

/* Each server until one answers. */
static enum map_plugin_result
ask_any(struct servers *l, struct question *q, struct why *why)
{
	enum map_plugin_result got = MAP_PLUGIN_LOST;
	int64_t end = clock_ms() + TRY_MS;
	struct host *h;

	for (size_t i = 0; i < l->count; i++)
		l->hosts[i].tried = false;
	while (got == MAP_PLUGIN_LOST && clock_ms() < end &&
	    (h = host_next(l)) != NULL) {
		char error[MAP_PLUGIN_ERROR_MAX] = "";

		h->tried = true;
		got = host_ask(l, h, q, error);
		h->failed = got == MAP_PLUGIN_LOST ? clock_ms() : 0;
		if (got != MAP_PLUGIN_OK)
			why_set(why, "4.3.0", "%s%s%s", h->name,
			    h->name[0] == '\0' ? "" : ": ", error);
		if (got == MAP_PLUGIN_LOST && l->count > 1)
			log_warning("%s: %s", q->table->name, why_text(why));
	}
	return got;
}

static enum map_result
table_ask(const struct open_table *t, struct span key, struct buf *out,
    struct why *why)
{
	struct question q = { .face = { .expand = question_expand,
				  .found = question_found },
		.view = { .face = { .get = view_get }, .conf = t->conf },
		.table = t,
		.key = key,
		.out = out };
	enum map_plugin_result got;

	q.face.conf = &q.view.face;
	got = ask_any(t->servers, &q, why);
	buf_free(&q.expanded);
	buf_free(&q.one);
	if (got == MAP_PLUGIN_OK && q.over) {
		why_set(why, "4.3.0",
		    "the answer for %.*s has more values than "
		    "expansion_limit, or is none",
		    (int)span_head(key, 200).n, key.p);
		return MAP_ERROR;
	}
	if (got != MAP_PLUGIN_OK)
		return MAP_ERROR;
	return out->n > 0 ? MAP_FOUND : MAP_NONE;
}

enum map_result
plugin_ask(struct plugin_set *s, const struct plugin_table *t, struct span key,
    struct buf *out, struct why *why)
{
	struct open_table *open = table_find(s, t, why);

	buf_clear(out);
	return open == NULL ? MAP_ERROR : table_ask(open, key, out, why);
}

struct plugin_set *
plugin_set_new(const char *folder)
{
	struct plugin_set *s = mem_new(sizeof(*s));

	s->folder = mem_str(folder);
	s->plugins = table_new();
	s->links = table_new();
	s->tables = table_new();
	return s;
}

void
plugin_set_free(struct plugin_set **s)
{
	if (*s == NULL)
		return;
	table_free(&(*s)->tables, table_free_one);
	table_free(&(*s)->links, servers_free);
	table_free(&(*s)->plugins, NULL);
	free((*s)->folder);
	mem_free(s);
}
