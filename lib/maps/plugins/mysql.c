/*
 * mysql.c - mysql: tables, by MariaDB's client library; see mysql_table(5)
 *
 * The library waits by itself, each time for no longer than it was told.
 */

#include <mariadb/mysql.h>

#include <mariadb/errmsg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "maps/plugin.h"

/* Errors of the library, and not of the server, are of the connection. */
enum { LIBRARY_ERRORS = CR_MIN_ERROR };

static void
error_take(MYSQL *db, char error[MAP_PLUGIN_ERROR_MAX])
{
	snprintf(error, MAP_PLUGIN_ERROR_MAX, "%s", mysql_error(db));
}

static const char *
or_null(const char *s)
{
	return s[0] == '\0' ? NULL : s;
}

static void
tls_set(MYSQL *db, const struct map_plugin_conf *c)
{
	my_bool verify = strcasecmp(c->get(c, "tls_verify_cert"), "yes") == 0;
	const char *key = or_null(c->get(c, "tls_key_file"));
	const char *cert = or_null(c->get(c, "tls_cert_file"));
	const char *ca = or_null(c->get(c, "tls_CAfile"));
	const char *path = or_null(c->get(c, "tls_CApath"));
	const char *ciphers = or_null(c->get(c, "tls_ciphers"));

	if (key != NULL || cert != NULL || ca != NULL || path != NULL ||
	    ciphers != NULL)
		mysql_ssl_set(db, key, cert, ca, path, ciphers);
	mysql_options(db, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
}

static void
options_set(MYSQL *db, const struct map_plugin_conf *c)
{
	unsigned connecting = MAP_PLUGIN_CONNECT_MS / 1000;
	unsigned asking = MAP_PLUGIN_ASK_MS / 1000;
	my_bool off = 0;
	const char *file = or_null(c->get(c, "option_file"));
	const char *group = or_null(c->get(c, "option_group"));

	mysql_options(db, MYSQL_OPT_CONNECT_TIMEOUT, &connecting);
	mysql_options(db, MYSQL_OPT_READ_TIMEOUT, &asking);
	mysql_options(db, MYSQL_OPT_WRITE_TIMEOUT, &asking);
	mysql_options(db, MYSQL_OPT_RECONNECT, &off);
	mysql_options(db, MYSQL_OPT_LOCAL_INFILE, NULL);
	mysql_options(db, MYSQL_SET_CHARSET_NAME, c->get(c, "charset"));
	if (file != NULL)
		mysql_options(db, MYSQL_READ_DEFAULT_FILE, file);
	if (file != NULL || group != NULL)
		mysql_options(
		    db, MYSQL_READ_DEFAULT_GROUP, group == NULL ? "" : group);
	tls_set(db, c);
}

/* unix:/socket, inet:name:port, name:port, name; spoils text. */
static void
host_split(char *text, const char **host, const char **path, unsigned *port)
{
	char *mark;

	*path = NULL;
	*port = 0;
	if (strncmp(text, "unix:", 5) == 0) {
		*host = NULL;
		*path = text + 5;
		return;
	}
	if (strncmp(text, "inet:", 5) == 0)
		text += 5;
	*host = text;
	mark = strrchr(text, ':');
	if (text[0] == '[' && strchr(text, ']') != NULL) {
		*host = text + 1;
		mark = strchr(text, ']');
		*mark++ = '\0';
		mark = *mark == ':' ? mark : NULL;
	} else if (mark != NULL && strchr(text, ':') != mark) {
		mark = NULL; /* an IPv6 address */
	}
	if (mark != NULL) {
		*mark = '\0';
		*port = (unsigned)strtoul(mark + 1, NULL, 10);
	}
}

/* What the server takes for a quote must be what escape() does: two of its
 * modes would change that. */
static bool
modes_set(MYSQL *db, char error[MAP_PLUGIN_ERROR_MAX])
{
	static const char set[] =
	    "SET SESSION sql_mode = REPLACE(REPLACE(@@sql_mode, "
	    "'NO_BACKSLASH_ESCAPES', ''), 'ANSI_QUOTES', '')";
	MYSQL_RES *result;
	MYSQL_ROW row;
	bool good;

	if (mysql_query(db, set) != 0 ||
	    mysql_query(db, "SELECT @@sql_mode") != 0 ||
	    (result = mysql_store_result(db)) == NULL) {
		error_take(db, error);
		return false;
	}
	row = mysql_fetch_row(result);
	good = row != NULL && row[0] != NULL &&
	    strstr(row[0], "NO_BACKSLASH_ESCAPES") == NULL &&
	    strstr(row[0], "ANSI_QUOTES") == NULL;
	mysql_free_result(result);
	if (!good)
		snprintf(error, MAP_PLUGIN_ERROR_MAX,
		    "sql_mode has NO_BACKSLASH_ESCAPES or ANSI_QUOTES, with "
		    "which queries cannot be made safely");
	return good;
}

static void *
connect_db(const struct map_plugin_conf *conf, const char *host,
    char error[MAP_PLUGIN_ERROR_MAX])
{
	char *copy = strdup(host);
	MYSQL *db = mysql_init(NULL);
	const char *name = NULL, *path = NULL;
	unsigned port = 0;
	bool good = false;

	if (db != NULL && copy != NULL) {
		options_set(db, conf);
		host_split(copy, &name, &path, &port);
		good = mysql_real_connect(db, name,
			   or_null(conf->get(conf, "user")),
			   or_null(conf->get(conf, "password")),
			   or_null(conf->get(conf, "dbname")), port, path,
			   CLIENT_MULTI_RESULTS) != NULL;
		if (!good)
			error_take(db, error);
		good = good && modes_set(db, error);
	}
	free(copy);
	if (good || db == NULL)
		return db;
	mysql_close(db);
	return NULL;
}

static void
disconnect(void *db)
{
	mysql_close(db);
}

static size_t
escape(void *db, char *out, const char *in, size_t n)
{
	unsigned long got = mysql_real_escape_string(db, out, in, n);

	return got == (unsigned long)-1 ? (size_t)-1 : (size_t)got;
}

static void
rows_take(MYSQL_RES *result, struct map_plugin_question *q)
{
	unsigned columns = mysql_num_fields(result);
	bool more = true;
	MYSQL_ROW row;

	/* all are read, or the connection would be of no use */
	while ((row = mysql_fetch_row(result)) != NULL) {
		const unsigned long *sizes = mysql_fetch_lengths(result);

		for (unsigned i = 0; more && i < columns; i++)
			if (row[i] != NULL)
				more = q->found(q, row[i], sizes[i]);
	}
}

/* The results of a query: one, and for a CALL one without rows behind it. */
static unsigned
results_take(MYSQL *db, struct map_plugin_question *q, int *left)
{
	unsigned sets = 0;

	do {
		MYSQL_RES *result = mysql_use_result(db);

		if (result != NULL && ++sets == 1)
			rows_take(result, q);
		if (result != NULL)
			mysql_free_result(result);
		if (mysql_errno(db) != 0) {
			*left = 1;
			return sets;
		}
		*left = mysql_next_result(db);
	} while (*left == 0);
	return sets;
}

static enum map_plugin_result
ask(void *db, struct map_plugin_question *q, char error[MAP_PLUGIN_ERROR_MAX])
{
	const struct map_plugin_conf *c = q->conf;
	const char *sql = q->expand(q, "query", escape, db);
	unsigned sets = 0;
	int left;

	if (sql == NULL)
		return MAP_PLUGIN_OK;
	/* which says -1 as well as 1 */
	left = mysql_real_query(db, sql, strlen(sql)) != 0;
	if (left == 0)
		sets = results_take(db, q, &left);
	if (left > 0) {
		error_take(db, error);
		return mysql_errno(db) >= LIBRARY_ERRORS ? MAP_PLUGIN_LOST
							 : MAP_PLUGIN_FAILED;
	}
	if (sets == 1 ||
	    (sets == 0 &&
		strcasecmp(c->get(c, "require_result_set"), "no") == 0))
		return MAP_PLUGIN_OK;
	snprintf(error, MAP_PLUGIN_ERROR_MAX, "the query gives %s",
	    sets == 0 ? "no rows" : "more than one set of rows");
	return MAP_PLUGIN_FAILED;
}

extern const struct map_plugin facteur_map_plugin;
const struct map_plugin facteur_map_plugin = {
	.version = MAP_PLUGIN_VERSION,
	.connect = connect_db,
	.disconnect = disconnect,
	.ask = ask,
};
