/* plugin_conf.c - the files that describe tables of databases */

#include "maps/plugin_conf.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/why.h"
#include "maps/source.h"

enum { SQLITE = 1, PGSQL = 2, MYSQL = 4, LDAP = 8 };
enum { SERVERS = PGSQL | MYSQL, SQL = SQLITE | SERVERS, ALL = SQL | LDAP };

static const struct {
	const char *name;
	unsigned mark;
} types[] = { { "ldap", LDAP }, { "mysql", MYSQL }, { "pgsql", PGSQL },
	{ "sqlite", SQLITE } };

enum { TYPES = sizeof(types) / sizeof(types[0]) };

enum kind { STRING, NUMBER, YES_NO, TEMPLATE, CHOICE };

/* A key of the files. */
static const struct key {
	const char *name;
	unsigned types; /* that have it */
	bool table; /* of one table, not of the connection */
	enum kind kind;
	const char *fallback;
	int64_t least, most; /* NUMBER */
	const char *choices; /* CHOICE: "|a|b|" */
} keys[] = {
	{ "hosts", SERVERS, false, STRING, "localhost", 0, 0, NULL },
	{ "user", SERVERS, false, STRING, "", 0, 0, NULL },
	{ "password", SERVERS, false, STRING, "", 0, 0, NULL },
	{ "dbname", SERVERS, false, STRING, "", 0, 0, NULL },
	{ "encoding", PGSQL, false, STRING, "UTF8", 0, 0, NULL },
	{ "charset", MYSQL, false, STRING, "utf8mb4", 0, 0, NULL },
	{ "option_file", MYSQL, false, STRING, "", 0, 0, NULL },
	{ "option_group", MYSQL, false, STRING, "client", 0, 0, NULL },
	{ "tls_cert_file", MYSQL, false, STRING, "", 0, 0, NULL },
	{ "tls_key_file", MYSQL, false, STRING, "", 0, 0, NULL },
	{ "tls_CAfile", MYSQL, false, STRING, "", 0, 0, NULL },
	{ "tls_CApath", MYSQL, false, STRING, "", 0, 0, NULL },
	{ "tls_ciphers", MYSQL, false, STRING, "", 0, 0, NULL },
	{ "tls_verify_cert", MYSQL, false, YES_NO, "no", 0, 0, NULL },
	{ "require_result_set", MYSQL, true, YES_NO, "yes", 0, 0, NULL },
	{ "idle_interval", SERVERS, false, NUMBER, "60", 1, 86400, NULL },
	{ "retry_interval", SERVERS, false, NUMBER, "60", 1, 86400, NULL },
	{ "dbpath", SQLITE, false, STRING, "", 0, 0, NULL },
	{ "query", SQL, true, TEMPLATE, "", 0, 0, NULL },
	{ "select_function", PGSQL, true, STRING, "", 0, 0, NULL },
	{ "table", SQL, true, STRING, "", 0, 0, NULL },
	{ "select_field", SQL, true, STRING, "", 0, 0, NULL },
	{ "where_field", SQL, true, STRING, "", 0, 0, NULL },
	{ "additional_conditions", SQL, true, STRING, "", 0, 0, NULL },
	{ "result_format", ALL, true, TEMPLATE, "%s", 0, 0, NULL },
	{ "domain", ALL, true, STRING, "", 0, 0, NULL },
	{ "expansion_limit", ALL, true, NUMBER, "0", 0, 1000000, NULL },

	{ "server_host", LDAP, false, STRING, "localhost", 0, 0, NULL },
	{ "server_port", LDAP, false, NUMBER, "389", 1, 65535, NULL },
	{ "timeout", LDAP, false, NUMBER, "10", 1, 3600, NULL },
	{ "version", LDAP, false, NUMBER, "3", 2, 3, NULL },
	{ "bind", LDAP, false, CHOICE, "yes", 0, 0, "|yes|no|simple|none|" },
	{ "bind_dn", LDAP, false, STRING, "", 0, 0, NULL },
	{ "bind_pw", LDAP, false, STRING, "", 0, 0, NULL },
	{ "start_tls", LDAP, false, YES_NO, "no", 0, 0, NULL },
	{ "tls_ca_cert_dir", LDAP, false, STRING, "", 0, 0, NULL },
	{ "tls_ca_cert_file", LDAP, false, STRING, "", 0, 0, NULL },
	{ "tls_cert", LDAP, false, STRING, "", 0, 0, NULL },
	{ "tls_key", LDAP, false, STRING, "", 0, 0, NULL },
	{ "tls_require_cert", LDAP, false, YES_NO, "no", 0, 0, NULL },
	{ "tls_cipher_suite", LDAP, false, STRING, "", 0, 0, NULL },
	{ "dereference", LDAP, false, NUMBER, "0", 0, 3, NULL },
	{ "chase_referrals", LDAP, false, YES_NO, "no", 0, 0, NULL },
	{ "search_base", LDAP, true, TEMPLATE, "", 0, 0, NULL },
	{ "query_filter", LDAP, true, TEMPLATE, "mailacceptinggeneralid=%s", 0,
	    0, NULL },
	{ "result_filter", LDAP, true, TEMPLATE, "", 0, 0, NULL },
	{ "result_attribute", LDAP, true, STRING, "maildrop", 0, 0, NULL },
	{ "special_result_attribute", LDAP, true, STRING, "", 0, 0, NULL },
	{ "terminal_result_attribute", LDAP, true, STRING, "", 0, 0, NULL },
	{ "leaf_result_attribute", LDAP, true, STRING, "", 0, 0, NULL },
	{ "scope", LDAP, true, CHOICE, "sub", 0, 0, "|sub|base|one|" },
	{ "recursion_limit", LDAP, true, NUMBER, "1000", 1, 10000, NULL },
	{ "size_limit", LDAP, true, NUMBER, "0", 0, 1000000, NULL },
};

enum { KEYS = sizeof(keys) / sizeof(keys[0]) };

/* Taken, and without effect: of Postfix's, or of its forebears. */
static const char *const idle_keys[] = { "cache", "cache_expiry", "cache_size",
	"debuglevel", "tls_random_file", NULL };

struct plugin_conf {
	unsigned type;
	char *values[KEYS]; /* NULL: not set */
	char *query; /* made of the old keys, or NULL */
};

const char *
plugin_type(size_t i)
{
	return i < TYPES ? types[i].name : NULL;
}

static unsigned
type_mark(const char *type)
{
	for (size_t i = 0; i < TYPES; i++)
		if (strcmp(types[i].name, type) == 0)
			return types[i].mark;
	return 0;
}

/* -1: there is none of this name for the type. */
static int
key_index(unsigned type, struct span name)
{
	for (int i = 0; i < KEYS; i++)
		if ((keys[i].types & type) != 0 && span_is(name, keys[i].name))
			return i;
	return -1;
}

/* ---- templates */

/* The byte of a template that ends its %x; 0: it ends too early, or is not
 * known. */
static bool
template_fits(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '%') {
			int c = span_at(s, ++i);

			if (c == -1 || c == 0 ||
			    strchr("%sSuUdD123456789", c) == NULL)
				return false;
		}
	return true;
}

/* Where a string that opens at i ends: its closing quote, or s.n. *expands is
 * set when something is filled in there. */
static size_t
quoted_end(struct span s, size_t i, bool backslash, bool *expands)
{
	char quote = s.p[i];

	for (i++; i < s.n; i++) {
		if (s.p[i] == quote && span_at(s, i + 1) != quote)
			break;
		if (s.p[i] == quote || (backslash && s.p[i] == '\\'))
			i++; /* doubled, or escaped */
		else if (s.p[i] == '%' && span_at(s, ++i) != '%')
			*expands = true;
	}
	return i;
}

/* What is wrong with the bytes at i, outside of strings. */
static const char *
bare_check(const char *type, struct span s, size_t i)
{
	bool comment = s.p[i] == '#' || span_starts(span_skip(s, i), "--") ||
	    span_starts(span_skip(s, i), "/*");

	if (comment && (s.p[i] != '#' || strcmp(type, "mysql") == 0))
		return "a comment, which could hide a quote";
	if (s.p[i] == '$' && strcmp(type, "pgsql") == 0)
		return "'$' outside of quotes, which could be a quote";
	if (s.p[i] == '%' && span_at(s, i + 1) != '%')
		return "'%' and a letter outside of quotes: what is filled in "
		       "there could not be told from SQL";
	return NULL;
}

/* Something is filled into the string that opens at i. */
static const char *
string_check(const char *type, struct span s, size_t i)
{
	int before = i == 0 ? -1 : ascii_lower((unsigned char)s.p[i - 1]);

	if (s.p[i] == '`' || (s.p[i] == '"' && strcmp(type, "mysql") != 0))
		return "'%' and a letter in a name's quotes; only '...' is "
		       "for strings";
	if (before == '&' || (before == 'e' && strcmp(type, "pgsql") == 0))
		return "'%' and a letter in a string with escapes: E'...' or "
		       "U&'...'";
	return NULL;
}

const char *
plugin_sql_check(const char *type, struct span sql)
{
	bool backslash = strcmp(type, "mysql") == 0;
	const char *wrong = NULL;

	for (size_t i = 0; i < sql.n && wrong == NULL; i++) {
		size_t begin = i;
		bool expands = false;

		if (sql.p[i] != '\'' && sql.p[i] != '"' && sql.p[i] != '`') {
			wrong = bare_check(type, sql, i);
			i += sql.p[i] == '%';
			continue;
		}
		i = quoted_end(sql, i, backslash && sql.p[i] != '`', &expands);
		if (i >= sql.n)
			wrong = "a quote without its match";
		else if (expands)
			wrong = string_check(type, sql, begin);
	}
	return wrong;
}

/* ---- reading */

static bool
yes_no(struct span s)
{
	return span_iis(s, "yes") || span_iis(s, "no");
}

static bool
choice_fits(const char *choices, struct span s)
{
	char *wanted = mem_printf("|%.*s|", (int)s.n, s.p);
	bool fits = strstr(choices, wanted) != NULL;

	free(wanted);
	return fits && s.n > 0;
}

/* NULL, or what is wanted. */
static const char *
value_check(const struct key *k, struct span value)
{
	int64_t number;

	switch (k->kind) {
	case STRING:
		break;
	case NUMBER:
		if (!number_parse_signed(value, k->least, k->most, &number))
			return "a number in bounds";
		break;
	case YES_NO:
		if (!yes_no(value))
			return "yes or no";
		break;
	case TEMPLATE:
		if (!template_fits(value))
			return "only %s %u %d %S %U %D %1..%9 and %% in it";
		break;
	case CHOICE:
		if (!choice_fits(k->choices, value))
			return "one of the words for it (SASL is not "
			       "supported)";
		break;
	}
	return NULL;
}

static bool
is_idle_key(struct span name)
{
	for (size_t i = 0; idle_keys[i] != NULL; i++)
		if (span_is(name, idle_keys[i]))
			return true;
	return false;
}

static bool
take(
    struct plugin_conf *c, struct span name, struct span value, struct why *why)
{
	int at = key_index(c->type, name);
	const char *wanted = value_check(&keys[at], value);

	if (wanted != NULL) {
		why_set(why, "4.3.0", "%s = %.*s: %s is wanted", keys[at].name,
		    (int)value.n, value.p, wanted);
		return false;
	}
	free(c->values[at]);
	c->values[at] = mem_span(value);
	return true;
}

static bool
line_take(struct plugin_conf *c, struct span line, const char *log_name,
    struct why *why)
{
	struct span name, rest = line;

	if (span_find(line, '\0') < line.n || !span_cut(&rest, '=', &name) ||
	    rest.p == NULL || span_trim(name).n == 0) {
		why_set(why, "4.3.0", "\"%.*s\" is not key = value",
		    (int)span_head(line, 80).n, line.p);
		return false;
	}
	name = span_trim(name);
	if (key_index(c->type, name) != -1)
		return take(c, name, span_trim(rest), why);
	if (log_name != NULL && !is_idle_key(name))
		log_warning("%s: unknown key \"%.*s\" is passed over", log_name,
		    (int)name.n, name.p);
	return true;
}

/* Without a query the keys of Postfix 2.1 make one. False: they do not. */
static bool
query_make(struct plugin_conf *c)
{
	const char *get[4] = { "select_field", "table", "where_field",
		"additional_conditions" };

	if ((c->type & PGSQL) != 0 &&
	    plugin_conf_get(c, "select_function")[0] != '\0') {
		c->query = mem_printf(
		    "SELECT %s('%%s')", plugin_conf_get(c, "select_function"));
		return true;
	}
	for (int i = 0; i < 3; i++)
		if (!plugin_conf_is_set(c, get[i]))
			return false;
	c->query = mem_printf("SELECT %s FROM %s WHERE %s = '%%s' %s",
	    plugin_conf_get(c, get[0]), plugin_conf_get(c, get[1]),
	    plugin_conf_get(c, get[2]), plugin_conf_get(c, get[3]));
	return true;
}

/* What must be there, and fit together. */
static const char *
whole_check(const char *type, struct plugin_conf *c)
{
	const char *must = c->type == SQLITE ? "dbpath"
	    : c->type == LDAP                ? "search_base"
					     : "hosts";

	if (plugin_conf_get(c, must)[0] == '\0')
		return c->type == SQLITE ? "there is no dbpath"
		    : c->type == LDAP    ? "there is no search_base"
					 : "there is no host in hosts";
	if (c->type == LDAP)
		return NULL;
	if (plugin_conf_get(c, "query")[0] == '\0' && !query_make(c))
		return "there is no query";
	return plugin_sql_check(type, span_str(plugin_conf_get(c, "query")));
}

struct plugin_conf *
plugin_conf_parse(const char *type, struct span text, const char *name,
    bool quiet, struct why *why)
{
	struct plugin_conf *c = mem_new(sizeof(*c));
	const char *wrong = NULL;
	struct span line;
	struct source s;
	bool good = text.n <= PLUGIN_CONF_MAX;

	c->type = type_mark(type);
	if (!good)
		why_set(why, "4.3.0", "more than %d bytes", PLUGIN_CONF_MAX);
	source_init(&s, text);
	while (good && source_next(&s, &line))
		good = line_take(c, line, quiet ? NULL : name, why);
	source_done(&s);
	if (good)
		wrong = whole_check(type, c);
	if (wrong != NULL)
		why_set(why, "4.3.0", "%s", wrong);
	if (!good || wrong != NULL)
		plugin_conf_free(&c);
	return c;
}

void
plugin_conf_free(struct plugin_conf **c)
{
	if (*c == NULL)
		return;
	for (int i = 0; i < KEYS; i++)
		free((*c)->values[i]);
	free((*c)->query);
	mem_free(c);
}

bool
plugin_conf_is_set(const struct plugin_conf *c, const char *key)
{
	int i = key_index(c->type, span_str(key));

	return i != -1 && c->values[i] != NULL && c->values[i][0] != '\0';
}

const char *
plugin_conf_get(const struct plugin_conf *c, const char *key)
{
	int i = key_index(c->type, span_str(key));

	if (i == -1)
		return NULL;
	if (c->query != NULL && strcmp(key, "query") == 0)
		return c->query;
	if (c->values[i] != NULL)
		return c->values[i];
	if (strcmp(key, "result_format") == 0 &&
	    plugin_conf_is_set(c, "result_filter"))
		return plugin_conf_get(c, "result_filter");
	return keys[i].fallback;
}

int64_t
plugin_conf_number(const struct plugin_conf *c, const char *key)
{
	const char *value = plugin_conf_get(c, key);
	int64_t number = 0;

	if (value != NULL)
		(void)number_parse_signed(
		    span_str(value), INT64_MIN, INT64_MAX, &number);
	return number;
}

static void
text_of(const struct plugin_conf *c, bool tables, struct buf *out)
{
	for (int i = 0; i < KEYS; i++)
		if (c->values[i] != NULL && (tables || !keys[i].table))
			buf_printf(
			    out, "%s = %s\n", keys[i].name, c->values[i]);
}

void
plugin_conf_text(const struct plugin_conf *c, struct buf *out)
{
	text_of(c, true, out);
}

void
plugin_conf_group(const struct plugin_conf *c, struct buf *out)
{
	buf_printf(out, "%u\n", c->type);
	text_of(c, false, out);
}
