/*
 * serve.c - the questions of all callers, and tables that change meanwhile
 *
 * Files are looked at before each answer: whoever made a table and then sends a
 * letter gets what the new table says, from each of our processes. When one
 * changed all tables are opened anew; where that needs rights that are gone,
 * the process ends and master starts another. The end waits until callers are
 * quiet, as a question that was sent but not read is lost to them; until then
 * what the old tables do not have is a temporary failure.
 *
 * Who needs a database or a table on another server waits for it alone: see
 * parked.h.
 */

#include "lookup/serve.h"

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/why.h"
#include "config/param.h"
#include "ipc/server.h"
#include "lookup/answer.h"
#include "lookup/asked.h"
#include "lookup/dbpool.h"
#include "lookup/netpool.h"
#include "lookup/parked.h"
#include "lookup/roles.h"
#include "lookup/tables.h"
#include "maps/dial.h"
#include "maps/plugin_link.h"
#include "maps/plugin_map.h"
#include "os/clock.h"
#include "os/loop.h"
#include "service/service.h"

enum {
	QUIET_MS = 100,
	END_MS = 2000,
	DATABASES_MS = 12000 /* the same when a server is waited for */
};

struct serve {
	const struct route_conf *conf;
	struct tables *tables;
	struct parking *parking;
	struct dbpool *dbpool;
	struct netpool *netpool;
	struct server **servers; /* one for each listener, or NULL */
	struct loop_timer *end_timer; /* NULL: no end is near */
	int64_t asked, end_by;
};

static struct tables *
open_all(const struct serve *s, bool quiet)
{
	const struct main_cf *m = service_main_cf();

	return tables_open(m, s->conf, main_cf_folder(m), quiet);
}

static void
end_check(void *arg)
{
	struct serve *s = arg;
	int64_t now = clock_ms();
	bool waits = parking_count(s->parking) > 0 && !service_stopping();

	if ((now - s->asked >= QUIET_MS && !waits) ||
	    now >= s->end_by + (waits ? DATABASES_MS : 0))
		service_exit();
	else
		loop_timer_set(s->end_timer, QUIET_MS);
}

void
serve_end(struct serve *s)
{
	if (s->end_timer != NULL)
		return;
	for (size_t i = 0; i < service_listeners(); i++)
		if (s->servers[i] != NULL)
			server_stop(s->servers[i]);
	s->end_by = clock_ms() + END_MS;
	s->end_timer = loop_timer_new(service_loop(), end_check, s);
	loop_timer_set(s->end_timer, QUIET_MS);
}

/* What cannot be opened now may need root: the next process says if not. */
static void
open_anew(struct serve *s)
{
	struct tables *fresh = open_all(s, true);

	if (tables_broken(fresh) > 0) {
		tables_free(&fresh);
		tables_set_stale(s->tables);
		serve_end(s);
		return;
	}
	tables_free(&s->tables);
	s->tables = fresh;
}

static void
check_tables(struct serve *s)
{
	const char *changed =
	    tables_stale(s->tables) ? NULL : tables_changed(s->tables);

	if (changed != NULL) {
		log_info("table %s has changed", changed);
		open_anew(s);
	}
}

/* Where the answer goes, unless it is none yet. */
struct reply_to {
	const struct parking *parking;
	struct server_peer *peer;
};

static void
reply(void *arg, const struct packet_out *o)
{
	const struct reply_to *to = arg;

	if (!parking_again(to->parking))
		server_reply(to->peer, o);
}

/* Once, or again when a server has answered. */
static void
run(void *arg, struct server_peer *peer, struct packet_in *in)
{
	const struct role *role = role_find(server_peer_label(peer));
	struct serve *s = arg;
	struct reply_to to = { s->parking, peer };

	tables_hush(s->tables, false);
	if (role == NULL || !answer(s->tables, role, in, reply, &to))
		server_refuse(peer, in);
}

static void
request(void *arg, struct server_peer *peer, struct packet_in *in)
{
	struct serve *s = arg;

	s->asked = clock_ms();
	check_tables(s);
	parking_begin(s->parking, peer, in);
}

/* A table of a database. */
struct db_wish {
	struct dbpool *pool;
	const struct plugin_table *table;
	struct span key;
};

static bool
db_ask(void *arg, struct parked_to to, struct why *why)
{
	const struct db_wish *w = arg;

	return dbpool_ask(w->pool, w->table, w->key, to, why);
}

/* Only while a question is run. */
static enum map_result
ask_server(struct serve *s, const struct parked_wish *w, struct buf *out,
    struct why *why)
{
	enum map_result got = parking_ask(s->parking, w, out, why);

	tables_hush(s->tables, parking_again(s->parking));
	return got;
}

static enum map_result
ask_database(void *arg, const struct plugin_table *t, struct span key,
    struct buf *out, struct why *why)
{
	struct serve *s = arg;
	struct db_wish w = { s->dbpool, t, key };
	struct buf name = BUF_EMPTY;
	enum map_result got;

	buf_add_str(&name, t->name);
	buf_add_byte(&name, '\n');
	buf_add_span(&name, key);
	got = ask_server(
	    s, &(struct parked_wish){ buf_span(&name), db_ask, &w }, out, why);
	buf_free(&name);
	return got;
}

/* A table on another server. */
struct net_wish {
	struct netpool *pool;
	const struct map_net_question *question;
};

static bool
net_ask(void *arg, struct parked_to to, struct why *why)
{
	const struct net_wish *w = arg;

	return netpool_ask(w->pool, w->question, to, why);
}

static enum map_result
ask_net(void *arg, const struct map_net_question *q, struct buf *out,
    struct why *why)
{
	struct serve *s = arg;
	struct net_wish w = { s->netpool, q };
	struct buf name = BUF_EMPTY;
	enum map_result got;

	/* no table of a database begins so */
	buf_add_byte(&name, '\n');
	netpool_name(q, &name);
	got = ask_server(
	    s, &(struct parked_wish){ buf_span(&name), net_ask, &w }, out, why);
	buf_free(&name);
	return got;
}

/* daemon_directory, below which the plug-ins lie. */
static void
plugins_set(struct serve *s)
{
	struct buf folder = BUF_EMPTY;
	struct why why;

	why_init(&why);
	if (!main_cf_value(
		service_main_cf(), "daemon_directory", &folder, &why))
		log_fatal("%s", why_text(&why));
	map_plugin_set(buf_str(&folder), ask_database, s);
	buf_free(&folder);
	why_free(&why);
}

struct serve *
serve_new(const struct route_conf *conf)
{
	struct serve *s = mem_new(sizeof(*s));

	s->conf = conf;
	plugins_set(s);
	map_net_set(ask_net, s);
	s->tables = open_all(s, false);
	return s;
}

void
serve_start(struct serve *s)
{
	static const struct server_calls calls = { .request = request };

	s->dbpool = dbpool_new(service_loop(), service_path("dbmap"));
	s->netpool = netpool_new(
	    service_loop(), service_channel("connector"), ASKED_LIMIT_MS);
	s->parking = parking_new(run, s);
	s->servers = mem_array(service_listeners(), sizeof(struct server *));
	for (size_t i = 0; i < service_listeners(); i++) {
		const struct service_listener *l = service_listener(i);

		if (!l->inet && !l->stream)
			s->servers[i] = server_new(
			    service_loop(), l->fd, l->label, &calls, s);
	}
}
