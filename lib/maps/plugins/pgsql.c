/*
 * pgsql.c - pgsql: tables, by libpq; see pgsql_table(5)
 *
 * Nothing waits in the library: connections and queries are begun, and the
 * socket is waited for here, so that a server that hangs costs a known time.
 */

#include <postgresql/libpq-fe.h>

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "maps/plugin.h"

enum { PARAMETERS = 10 };

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* libpq ends its messages with line ends. */
static void
error_take(const PGconn *db, char error[MAP_PLUGIN_ERROR_MAX])
{
	size_t n;

	snprintf(error, MAP_PLUGIN_ERROR_MAX, "%s", PQerrorMessage(db));
	n = strlen(error);
	while (n > 0 && (error[n - 1] == '\n' || error[n - 1] == ' '))
		error[--n] = '\0';
	for (size_t i = 0; i < n; i++)
		if (error[i] == '\n' || error[i] == '\t')
			error[i] = ' ';
}

/* Wait for the socket. False: it takes too long. */
static bool
wait_for(const PGconn *db, short events, int64_t until)
{
	struct pollfd p = { .fd = PQsocket(db), .events = events };
	int64_t left = until - now_ms();

	while (left > 0) {
		int got = poll(&p, 1, (int)left);

		if (got > 0)
			return true;
		if (got == -1 && errno != EINTR)
			return false;
		left = until - now_ms();
	}
	return false;
}

static bool
connect_wait(PGconn *db, char error[MAP_PLUGIN_ERROR_MAX])
{
	int64_t until = now_ms() + MAP_PLUGIN_CONNECT_MS;
	PostgresPollingStatusType state = PGRES_POLLING_WRITING;

	while (PQstatus(db) != CONNECTION_BAD && state != PGRES_POLLING_OK &&
	    state != PGRES_POLLING_FAILED) {
		if (!wait_for(db,
			state == PGRES_POLLING_READING ? POLLIN : POLLOUT,
			until)) {
			snprintf(error, MAP_PLUGIN_ERROR_MAX,
			    "the server does not answer");
			return false;
		}
		state = PQconnectPoll(db);
	}
	if (PQstatus(db) == CONNECTION_OK)
		return true;
	error_take(db, error);
	return false;
}

/* The parts of a host: unix:/folder, inet:name:port, name, [::1]:port. Spoils
 * text, into which the parts point. */
static void
host_split(char *text, const char **host, const char **port)
{
	char *mark;

	*port = "";
	*host = text;
	if (strncmp(text, "unix:", 5) == 0) {
		*host = text + 5;
		mark = strrchr(text, '/');
		/* the socket itself, in place of its folder */
		if (mark != NULL && strncmp(mark, "/.s.PGSQL.", 10) == 0) {
			*mark = '\0';
			*port = mark + 10;
		}
		return;
	}
	if (strncmp(text, "inet:", 5) == 0)
		*host = text = text + 5;
	mark = strrchr(text, ':');
	if (text[0] == '[' && strchr(text, ']') != NULL) {
		*host = text + 1;
		mark = strchr(text, ']');
		*mark++ = '\0';
		*port = *mark == ':' ? mark + 1 : "";
	} else if (mark != NULL && strchr(text, ':') == mark) {
		*mark = '\0';
		*port = mark + 1;
	}
}

/* A name and a value, unless it is empty. */
struct parameters {
	const char *names[PARAMETERS + 1], *values[PARAMETERS + 1];
	int n;
};

static void
add(struct parameters *p, const char *name, const char *value)
{
	if (value[0] == '\0')
		return;
	p->names[p->n] = name;
	p->values[p->n++] = value;
}

static void *
connect_db(const struct map_plugin_conf *conf, const char *host,
    char error[MAP_PLUGIN_ERROR_MAX])
{
	bool uri = strncmp(host, "postgresql://", 13) == 0 ||
	    strncmp(host, "postgres://", 11) == 0;
	struct parameters p = { .n = 0 };
	char *copy = strdup(host);
	const char *name, *port;
	PGconn *db;

	if (copy == NULL)
		return NULL;
	add(&p, "dbname", uri ? host : conf->get(conf, "dbname"));
	if (!uri) {
		host_split(copy, &name, &port);
		add(&p, "host", name);
		add(&p, "port", port);
	}
	add(&p, "user", conf->get(conf, "user"));
	add(&p, "password", conf->get(conf, "password"));
	add(&p, "client_encoding", conf->get(conf, "encoding"));
	add(&p, "fallback_application_name", "facteur");
	db = PQconnectStartParams(p.names, p.values, 1);
	free(copy);
	if (db != NULL && PQstatus(db) == CONNECTION_BAD)
		error_take(db, error);
	else if (db != NULL && connect_wait(db, error) &&
	    PQsetnonblocking(db, 1) == 0)
		return db;
	PQfinish(db);
	return NULL;
}

static void
disconnect(void *db)
{
	PQfinish(db);
}

static size_t
escape(void *db, char *out, const char *in, size_t n)
{
	int error = 0;
	size_t got = PQescapeStringConn(db, out, in, n, &error);

	return error == 0 ? got : (size_t)-1;
}

static bool
send_all(PGconn *db, const char *sql, int64_t until)
{
	int left;

	/* the form with parameters takes one statement only */
	if (PQsendQueryParams(db, sql, 0, NULL, NULL, NULL, NULL, 0) == 0 ||
	    PQsetSingleRowMode(db) == 0)
		return false;
	while ((left = PQflush(db)) == 1)
		if (!wait_for(db, POLLOUT, until))
			return false;
	return left == 0;
}

/* The next part of the answer, or NULL. False: none came in time. */
static bool
next(PGconn *db, int64_t until, PGresult **r)
{
	while (PQisBusy(db))
		if (!wait_for(db, POLLIN, until) || PQconsumeInput(db) == 0)
			return false;
	*r = PQgetResult(db);
	return true;
}

static bool
row_take(const PGresult *r, struct map_plugin_question *q)
{
	bool more = true;

	for (int row = 0; more && row < PQntuples(r); row++)
		for (int i = 0; more && i < PQnfields(r); i++)
			if (!PQgetisnull(r, row, i))
				more = q->found(q, PQgetvalue(r, row, i),
				    (size_t)PQgetlength(r, row, i));
	return more;
}

/* The whole answer. When it is cut short the connection is of no use. */
static enum map_plugin_result
answer(PGconn *db, struct map_plugin_question *q, int64_t until,
    char error[MAP_PLUGIN_ERROR_MAX])
{
	enum map_plugin_result got = MAP_PLUGIN_OK;
	bool more = true;
	PGresult *r;

	while (next(db, until, &r)) {
		ExecStatusType status;

		if (r == NULL)
			return got;
		status = PQresultStatus(r);
		if (status == PGRES_SINGLE_TUPLE) {
			more = more && row_take(r, q);
		} else if (status != PGRES_TUPLES_OK) {
			if (status == PGRES_FATAL_ERROR)
				error_take(db, error);
			else
				snprintf(error, MAP_PLUGIN_ERROR_MAX,
				    "the query gives no rows");
			got = MAP_PLUGIN_FAILED;
		}
		PQclear(r);
		if (PQstatus(db) == CONNECTION_BAD)
			return MAP_PLUGIN_LOST;
	}
	error_take(db, error);
	if (error[0] == '\0')
		snprintf(
		    error, MAP_PLUGIN_ERROR_MAX, "the server does not answer");
	return MAP_PLUGIN_LOST;
}

static enum map_plugin_result
ask(void *db, struct map_plugin_question *q, char error[MAP_PLUGIN_ERROR_MAX])
{
	int64_t until = now_ms() + MAP_PLUGIN_ASK_MS;
	const char *sql = q->expand(q, "query", escape, db);

	if (sql == NULL)
		return MAP_PLUGIN_OK;
	if (!send_all(db, sql, until)) {
		error_take(db, error);
		return MAP_PLUGIN_LOST;
	}
	return answer(db, q, until, error);
}

extern const struct map_plugin facteur_map_plugin;
const struct map_plugin facteur_map_plugin = {
	.version = MAP_PLUGIN_VERSION,
	.connect = connect_db,
	.disconnect = disconnect,
	.ask = ask,
};
