/* sqlite.c - sqlite: tables, by SQLite's library; see sqlite_table(5) */

#include <sqlite3.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "maps/plugin.h"

enum { BUSY_MS = 2000, STEPS = 10000 };

struct db {
	sqlite3 *sqlite;
	int64_t until; /* of the question under way */
};

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
disconnect(void *db)
{
	struct db *d = db;

	sqlite3_close(d->sqlite);
	free(d);
}

/* Called every so many steps of a query; other than 0 ends it. */
static int
too_late(void *arg)
{
	const struct db *d = arg;

	return now_ms() > d->until;
}

static void *
connect_db(const struct map_plugin_conf *conf, const char *host,
    char error[MAP_PLUGIN_ERROR_MAX])
{
	struct db *d = calloc(1, sizeof(*d));
	const char *path = conf->get(conf, "dbpath");
	int got;

	(void)host;
	if (d == NULL) {
		snprintf(error, MAP_PLUGIN_ERROR_MAX, "out of memory");
		return NULL;
	}
	got = sqlite3_open_v2(
	    path, &d->sqlite, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);
	if (got != SQLITE_OK) {
		snprintf(error, MAP_PLUGIN_ERROR_MAX, "%s: %s", path,
		    d->sqlite == NULL ? sqlite3_errstr(got)
				      : sqlite3_errmsg(d->sqlite));
		disconnect(d);
		return NULL;
	}
	sqlite3_busy_timeout(d->sqlite, BUSY_MS);
	sqlite3_progress_handler(d->sqlite, STEPS, too_late, d);
	return d;
}

static size_t
escape(void *db, char *out, const char *in, size_t n)
{
	char *copy = strndup(in, n);

	(void)db;
	if (copy == NULL || strlen(copy) != n) {
		free(copy);
		return (size_t)-1;
	}
	sqlite3_snprintf((int)(n * 2 + 1), out, "%q", copy);
	free(copy);
	return strlen(out);
}

/* The first column of a row, as Postfix has it. False: stop. */
static bool
row_take(sqlite3_stmt *s, struct map_plugin_question *q)
{
	const char *text = (const char *)sqlite3_column_text(s, 0);

	return text == NULL ||
	    q->found(q, text, (size_t)sqlite3_column_bytes(s, 0));
}

/* The file was replaced by another one. */
static bool
moved(const struct db *d)
{
	int yes = 0;

	return sqlite3_file_control(d->sqlite, "main", SQLITE_FCNTL_HAS_MOVED,
		   &yes) == SQLITE_OK &&
	    yes != 0;
}

static enum map_plugin_result
ask(void *db, struct map_plugin_question *q, char error[MAP_PLUGIN_ERROR_MAX])
{
	struct db *d = db;
	sqlite3_stmt *statement = NULL;
	const char *sql, *rest = "";
	int got;

	if (moved(d)) {
		snprintf(error, MAP_PLUGIN_ERROR_MAX, "the file is gone");
		return MAP_PLUGIN_LOST;
	}
	sql = q->expand(q, "query", escape, d);
	if (sql == NULL)
		return MAP_PLUGIN_OK;
	d->until = now_ms() + MAP_PLUGIN_ASK_MS;
	got = sqlite3_prepare_v2(d->sqlite, sql, -1, &statement, &rest);
	if (got == SQLITE_OK && rest[strspn(rest, " ;\t")] != '\0') {
		snprintf(error, MAP_PLUGIN_ERROR_MAX, "more than one query");
		sqlite3_finalize(statement);
		return MAP_PLUGIN_FAILED;
	}
	if (got == SQLITE_OK)
		got = SQLITE_ROW;
	while (got == SQLITE_ROW) {
		got = sqlite3_step(statement);
		if (got == SQLITE_ROW && !row_take(statement, q))
			got = SQLITE_DONE;
	}
	if (got != SQLITE_DONE)
		snprintf(error, MAP_PLUGIN_ERROR_MAX, "%s",
		    sqlite3_errmsg(d->sqlite));
	sqlite3_finalize(statement);
	return got == SQLITE_DONE ? MAP_PLUGIN_OK : MAP_PLUGIN_FAILED;
}

extern const struct map_plugin facteur_map_plugin;
const struct map_plugin facteur_map_plugin = {
	.version = MAP_PLUGIN_VERSION,
	.connect = connect_db,
	.disconnect = disconnect,
	.ask = ask,
};
