/*
 * ldap.c - ldap: tables, by OpenLDAP's library; see ldap_table(5)
 *
 * Each search is begun, and its result waited for with a limit. Entries that
 * others point to (special_result_attribute) are gone through one after the
 * other, from a list with how deep each stands.
 */

#include <ldap.h>

#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "maps/plugin.h"

enum { ATTRIBUTES_MAX = 64, LIST_MAX = 20000, LIMIT_MAX = 8 };

struct db {
	LDAP *ldap;
	struct timeval limit;
	int64_t until; /* of the question under way */
	char *error;
};

/* What a table reads of an entry. */
struct wanted {
	char *room[4]; /* of the names */
	char *names[ATTRIBUTES_MAX + 1];
	char kinds[ATTRIBUTES_MAX]; /* r, s, t, l: see ldap_table(5) */
	int count;
};

/* An entry, or several, still to be read. */
struct target {
	char *text; /* a DN or a URL */
	int depth;
};

struct walk {
	struct db *db;
	struct map_plugin_question *q;
	struct wanted wanted;
	struct target *list;
	size_t count, at;
	int depth; /* of the entry that is read now */
	int depth_max, size_limit;
	bool stop;
};

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static bool
is_yes(const struct map_plugin_conf *c, const char *key)
{
	return strcasecmp(c->get(c, key), "yes") == 0;
}

static void
say(char *error, const char *what, int code)
{
	snprintf(
	    error, MAP_PLUGIN_ERROR_MAX, "%s: %s", what, ldap_err2string(code));
}

/* ---- connecting */

static char *
uri_of(const struct map_plugin_conf *c, const char *host)
{
	const char *port = c->get(c, "server_port");
	size_t room = strlen(host) + 32;
	bool whole = strstr(host, "://") != NULL;
	char *uri = malloc(room);

	/* a host with a port of its own, but not an IPv6 address */
	if (uri == NULL)
		return NULL;
	if (whole)
		snprintf(uri, room, "%s", host);
	else if (strchr(host, ':') != NULL &&
	    (strchr(host, ':') == strrchr(host, ':') ||
		strstr(host, "]:") != NULL))
		snprintf(uri, room, "ldap://%s", host);
	else
		snprintf(uri, room, "ldap://%s:%s", host, port);
	return uri;
}

/* The host has looked at what the file says: digits, or nothing. */
static int
number_of(const struct map_plugin_conf *c, const char *key)
{
	long n = strtol(c->get(c, key), NULL, 10);

	return n < 0 ? 0 : n > INT_MAX ? INT_MAX : (int)n;
}

static bool
set_text(LDAP *l, int option, const char *value)
{
	return value[0] == '\0' ||
	    ldap_set_option(l, option, value) == LDAP_OPT_SUCCESS;
}

static bool
tls_set(LDAP *l, const struct map_plugin_conf *c)
{
	int demand = is_yes(c, "tls_require_cert") ? LDAP_OPT_X_TLS_DEMAND
						   : LDAP_OPT_X_TLS_NEVER;
	int client = 0;

	return set_text(l, LDAP_OPT_X_TLS_CACERTFILE,
		   c->get(c, "tls_ca_cert_file")) &&
	    set_text(
		l, LDAP_OPT_X_TLS_CACERTDIR, c->get(c, "tls_ca_cert_dir")) &&
	    set_text(l, LDAP_OPT_X_TLS_CERTFILE, c->get(c, "tls_cert")) &&
	    set_text(l, LDAP_OPT_X_TLS_KEYFILE, c->get(c, "tls_key")) &&
	    set_text(l, LDAP_OPT_X_TLS_CIPHER_SUITE,
		c->get(c, "tls_cipher_suite")) &&
	    ldap_set_option(l, LDAP_OPT_X_TLS_REQUIRE_CERT, &demand) ==
	    LDAP_OPT_SUCCESS &&
	    ldap_set_option(l, LDAP_OPT_X_TLS_NEWCTX, &client) ==
	    LDAP_OPT_SUCCESS;
}

static bool
options_set(struct db *d, const struct map_plugin_conf *c)
{
	struct timeval connecting = { .tv_sec = MAP_PLUGIN_CONNECT_MS / 1000 };
	int version = number_of(c, "version");
	int dereference = number_of(c, "dereference");
	int limit = number_of(c, "timeout");

	d->limit.tv_sec = limit > LIMIT_MAX ? LIMIT_MAX : limit;
	return ldap_set_option(d->ldap, LDAP_OPT_PROTOCOL_VERSION, &version) ==
	    LDAP_OPT_SUCCESS &&
	    ldap_set_option(d->ldap, LDAP_OPT_NETWORK_TIMEOUT, &connecting) ==
	    LDAP_OPT_SUCCESS &&
	    ldap_set_option(d->ldap, LDAP_OPT_TIMEOUT, &d->limit) ==
	    LDAP_OPT_SUCCESS &&
	    ldap_set_option(d->ldap, LDAP_OPT_DEREF, &dereference) ==
	    LDAP_OPT_SUCCESS &&
	    ldap_set_option(d->ldap, LDAP_OPT_REFERRALS,
		is_yes(c, "chase_referrals") ? LDAP_OPT_ON : LDAP_OPT_OFF) ==
	    LDAP_OPT_SUCCESS &&
	    tls_set(d->ldap, c);
}

/* The answer to a request; the caller frees it. An LDAP code. */
static int
result_wait(
    struct db *d, int id, int all, struct timeval limit, LDAPMessage **message)
{
	int code = LDAP_SUCCESS;

	*message = NULL;
	switch (ldap_result(d->ldap, id, all, &limit, message)) {
	case 0:
		ldap_abandon_ext(d->ldap, id, NULL, NULL);
		return LDAP_TIMEOUT;
	case -1:
		ldap_get_option(d->ldap, LDAP_OPT_RESULT_CODE, &code);
		return code == LDAP_SUCCESS ? LDAP_SERVER_DOWN : code;
	default:
		return LDAP_SUCCESS;
	}
}

static int
bind_simple(struct db *d, const struct map_plugin_conf *c)
{
	const char *name = c->get(c, "bind_dn");
	struct berval password;
	LDAPMessage *message;
	int id, code, got = LDAP_SUCCESS;

	password.bv_val = strdup(c->get(c, "bind_pw"));
	if (password.bv_val == NULL)
		return LDAP_NO_MEMORY;
	password.bv_len = strlen(password.bv_val);
	code = ldap_sasl_bind(
	    d->ldap, name, LDAP_SASL_SIMPLE, &password, NULL, NULL, &id);
	free(password.bv_val);
	if (code != LDAP_SUCCESS)
		return code;
	code = result_wait(d, id, LDAP_MSG_ALL, d->limit, &message);
	if (code == LDAP_SUCCESS)
		code = ldap_parse_result(
		    d->ldap, message, &got, NULL, NULL, NULL, NULL, 1);
	return code != LDAP_SUCCESS ? code : got;
}

static void
disconnect(void *db)
{
	struct db *d = db;

	if (d->ldap != NULL)
		ldap_unbind_ext(d->ldap, NULL, NULL);
	free(d);
}

static bool
connected(struct db *d, const struct map_plugin_conf *c, char *error)
{
	const char *bind = c->get(c, "bind");
	int code;

	if (!options_set(d, c)) {
		snprintf(error, MAP_PLUGIN_ERROR_MAX,
		    "an option is refused by the library: a tls_ file that "
		    "cannot be read?");
		return false;
	}
	code = is_yes(c, "start_tls") ? ldap_start_tls_s(d->ldap, NULL, NULL)
				      : LDAP_SUCCESS;
	if (code != LDAP_SUCCESS) {
		say(error, "start_tls", code);
		return false;
	}
	if (strcasecmp(bind, "no") == 0 || strcasecmp(bind, "none") == 0)
		return true;
	code = bind_simple(d, c);
	if (code != LDAP_SUCCESS)
		say(error, "bind", code);
	return code == LDAP_SUCCESS;
}

static void *
connect_db(const struct map_plugin_conf *conf, const char *host,
    char error[MAP_PLUGIN_ERROR_MAX])
{
	struct db *d = calloc(1, sizeof(*d));
	char *uri = uri_of(conf, host);
	int code;

	if (d == NULL || uri == NULL) {
		free(d);
		free(uri);
		return NULL;
	}
	code = ldap_initialize(&d->ldap, uri);
	free(uri);
	if (code != LDAP_SUCCESS)
		say(error, "initialize", code);
	else if (connected(d, conf, error))
		return d;
	disconnect(d);
	return NULL;
}

/* ---- what is asked */

static size_t
filter_escape(void *db, char *out, const char *in, size_t n)
{
	struct berval from, to = { 0, NULL };
	size_t length = (size_t)-1;

	(void)db;
	from.bv_val = malloc(n + 1);
	if (from.bv_val == NULL)
		return length;
	memcpy(from.bv_val, in, n);
	from.bv_val[n] = '\0';
	from.bv_len = n;
	if (ldap_bv2escaped_filter_value(&from, &to) == 0 &&
	    to.bv_len <= n * 3) {
		memcpy(out, to.bv_val, to.bv_len);
		length = to.bv_len;
	}
	if (to.bv_val != from.bv_val)
		ldap_memfree(to.bv_val);
	free(from.bv_val);
	return length;
}

/* RFC 4514: whatever is not a letter or a digit as \XX; the library has no
 * such function. */
static size_t
name_escape(void *db, char *out, const char *in, size_t n)
{
	size_t at = 0;

	(void)db;
	for (size_t i = 0; i < n; i++) {
		unsigned c = (unsigned char)in[i];

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9'))
			out[at++] = in[i];
		else
			at += (size_t)snprintf(out + at, 4, "\\%02x", c);
	}
	return at;
}

static bool
wanted_add(struct wanted *w, const struct map_plugin_conf *c, const char *key,
    char kind)
{
	int slot = kind == 'r' ? 0 : kind == 's' ? 1 : kind == 't' ? 2 : 3;
	char *name;

	w->room[slot] = strdup(c->get(c, key));
	if (w->room[slot] == NULL)
		return false;
	name = w->room[slot] + strspn(w->room[slot], " ,\t");
	while (*name != '\0') {
		size_t n = strcspn(name, " ,\t");
		bool last = name[n] == '\0';

		if (w->count == ATTRIBUTES_MAX)
			return false;
		name[n] = '\0';
		w->names[w->count] = name;
		w->kinds[w->count++] = kind;
		name += last ? n : n + 1;
		name += strspn(name, " ,\t");
	}
	return true;
}

/* 0: the name is none of them. */
static char
kind_of(const struct wanted *w, const char *name)
{
	for (int i = 0; i < w->count; i++)
		if (strcasecmp(w->names[i], name) == 0)
			return w->kinds[i];
	return 0;
}

/* ---- entries */

static void
target_add(struct walk *w, const struct berval *value)
{
	struct target *list;

	if (w->count >= LIST_MAX || w->depth + 1 > w->depth_max) {
		w->stop = true;
		snprintf(w->db->error, MAP_PLUGIN_ERROR_MAX,
		    "special_result_attribute leads too far: recursion_limit");
		return;
	}
	list = realloc(w->list, (w->count + 1) * sizeof(*list));
	if (list == NULL)
		return;
	w->list = list;
	list[w->count].text = strndup(value->bv_val, value->bv_len);
	list[w->count].depth = w->depth + 1;
	w->count++;
}

static void
values_take(struct walk *w, LDAPMessage *entry, const char *name, char kind)
{
	struct berval **values = ldap_get_values_len(w->db->ldap, entry, name);

	for (int i = 0; !w->stop && values != NULL && values[i] != NULL; i++)
		if (kind == 's')
			target_add(w, values[i]);
		else if (!w->q->found(
			     w->q, values[i]->bv_val, values[i]->bv_len))
			w->stop = true;
	ldap_value_free_len(values);
}

/* Which kinds of attributes does the entry have? */
static void
kinds_see(struct walk *w, LDAPMessage *entry, bool *terminal, bool *special)
{
	BerElement *ber = NULL;
	char *name;

	*terminal = *special = false;
	for (name = ldap_first_attribute(w->db->ldap, entry, &ber);
	     name != NULL;
	     name = ldap_next_attribute(w->db->ldap, entry, ber)) {
		*terminal = *terminal || kind_of(&w->wanted, name) == 't';
		*special = *special || kind_of(&w->wanted, name) == 's';
		ldap_memfree(name);
	}
	ber_free(ber, 0);
}

/* Terminal attributes stand alone; leaves count only where nothing leads on. */
static void
entry_take(struct walk *w, LDAPMessage *entry)
{
	bool terminal, special;
	BerElement *ber = NULL;
	char *name;

	kinds_see(w, entry, &terminal, &special);
	for (name = ldap_first_attribute(w->db->ldap, entry, &ber);
	     name != NULL;
	     name = ldap_next_attribute(w->db->ldap, entry, ber)) {
		char kind = kind_of(&w->wanted, name);

		if (kind != 0 &&
		    (terminal ? kind == 't' : kind != 'l' || !special))
			values_take(w, entry, name, kind);
		ldap_memfree(name);
	}
	ber_free(ber, 0);
}

struct search {
	const char *base, *filter;
	int scope;
	char **attributes;
};

/* An LDAP code. */
static int
search_run(struct walk *w, const struct search *s)
{
	struct timeval limit = w->db->limit;
	int64_t left = w->db->until - now_ms();
	LDAPMessage *message;
	int id, code, got = LDAP_SUCCESS;

	if (left <= 0)
		return LDAP_TIMEOUT;
	limit.tv_sec = left / 1000;
	limit.tv_usec = left % 1000 * 1000;
	code = ldap_search_ext(w->db->ldap, s->base, s->scope, s->filter,
	    s->attributes, 0, NULL, NULL, &limit, w->size_limit, &id);
	if (code != LDAP_SUCCESS)
		return code;
	code = result_wait(w->db, id, LDAP_MSG_ALL, limit, &message);
	if (code == LDAP_SUCCESS)
		code = ldap_parse_result(
		    w->db->ldap, message, &got, NULL, NULL, NULL, NULL, 0);
	if (code == LDAP_SUCCESS)
		code = got;
	if (code == LDAP_SUCCESS)
		for (LDAPMessage *e = ldap_first_entry(w->db->ldap, message);
		     e != NULL && !w->stop; e = ldap_next_entry(w->db->ldap, e))
			entry_take(w, e);
	ldap_msgfree(message);
	return code;
}

/* Of the attributes that a URL names those that the table reads. */
static void
both(const struct wanted *w, char **url, char **out)
{
	int n = 0;

	for (int i = 0; i < w->count; i++)
		for (int j = 0; url[j] != NULL; j++)
			if (strcasecmp(w->names[i], url[j]) == 0) {
				out[n++] = w->names[i];
				break;
			}
	out[n] = NULL;
}

static int
url_run(struct walk *w, const char *text)
{
	char *attributes[ATTRIBUTES_MAX + 1];
	struct search s = { .attributes = w->wanted.names };
	LDAPURLDesc *url = NULL;
	int code = LDAP_SUCCESS;

	if (ldap_url_parse(text, &url) != LDAP_URL_SUCCESS)
		return LDAP_SUCCESS; /* says nothing */
	s.base = url->lud_dn == NULL ? "" : url->lud_dn;
	s.scope = url->lud_scope == LDAP_SCOPE_DEFAULT ? LDAP_SCOPE_BASE
						       : url->lud_scope;
	s.filter =
	    url->lud_filter == NULL ? "(objectClass=*)" : url->lud_filter;
	if (url->lud_attrs != NULL) {
		both(&w->wanted, url->lud_attrs, attributes);
		s.attributes = attributes;
	}
	if (s.attributes[0] != NULL)
		code = search_run(w, &s);
	ldap_free_urldesc(url);
	return code;
}

static int
target_run(struct walk *w, const struct target *t)
{
	struct search s = { .base = t->text,
		.filter = "(objectClass=*)",
		.scope = LDAP_SCOPE_BASE,
		.attributes = w->wanted.names };
	int code;

	w->depth = t->depth;
	if (t->text == NULL)
		return LDAP_NO_MEMORY;
	code =
	    ldap_is_ldap_url(t->text) ? url_run(w, t->text) : search_run(w, &s);
	/* what leads nowhere, or is no name, has no values */
	return code == LDAP_NO_SUCH_OBJECT || code == LDAP_INVALID_DN_SYNTAX
	    ? LDAP_SUCCESS
	    : code;
}

static int
scope_of(const char *word)
{
	if (strcmp(word, "base") == 0)
		return LDAP_SCOPE_BASE;
	return strcmp(word, "one") == 0 ? LDAP_SCOPE_ONELEVEL
					: LDAP_SCOPE_SUBTREE;
}

/* The first search, and what it leads to. */
static int
walk_run(struct walk *w)
{
	const struct map_plugin_conf *c = w->q->conf;
	const char *text = w->q->expand(w->q, "search_base", name_escape, NULL);
	struct search s = { .scope = scope_of(c->get(c, "scope")),
		.attributes = w->wanted.names };
	char *base = text == NULL ? NULL : strdup(text);
	int code = LDAP_SUCCESS;

	if (base == NULL)
		return code;
	s.base = base;
	s.filter = w->q->expand(w->q, "query_filter", filter_escape, NULL);
	if (s.filter != NULL)
		code = search_run(w, &s);
	free(base);
	if (code == LDAP_NO_SUCH_OBJECT)
		code = LDAP_SUCCESS; /* no such base: of that domain, say */
	while (code == LDAP_SUCCESS && !w->stop && w->at < w->count) {
		struct target t = w->list[w->at++];

		code = target_run(w, &t);
	}
	return code;
}

static bool
connection_lost(int code)
{
	return code == LDAP_SERVER_DOWN || code == LDAP_CONNECT_ERROR ||
	    code == LDAP_TIMEOUT || code == LDAP_UNAVAILABLE ||
	    code == LDAP_BUSY || code == LDAP_PROTOCOL_ERROR;
}

static enum map_plugin_result
ask(void *db, struct map_plugin_question *q, char error[MAP_PLUGIN_ERROR_MAX])
{
	const struct map_plugin_conf *c = q->conf;
	struct walk w = { .db = db,
		.q = q,
		.depth_max = number_of(c, "recursion_limit"),
		.size_limit = number_of(c, "size_limit") };
	int code = LDAP_PARAM_ERROR;

	w.db->error = error;
	w.db->until = now_ms() + (int64_t)w.db->limit.tv_sec * 1000;
	if (w.size_limit == 0)
		w.size_limit = number_of(c, "expansion_limit");
	if (wanted_add(&w.wanted, c, "result_attribute", 'r') &&
	    wanted_add(&w.wanted, c, "special_result_attribute", 's') &&
	    wanted_add(&w.wanted, c, "terminal_result_attribute", 't') &&
	    wanted_add(&w.wanted, c, "leaf_result_attribute", 'l'))
		code = walk_run(&w);
	for (size_t i = 0; i < w.count; i++)
		free(w.list[i].text);
	free(w.list);
	for (int i = 0; i < 4; i++)
		free(w.wanted.room[i]);
	if (code == LDAP_SUCCESS && error[0] == '\0')
		return MAP_PLUGIN_OK;
	if (code != LDAP_SUCCESS)
		say(error, "search", code);
	return connection_lost(code) ? MAP_PLUGIN_LOST : MAP_PLUGIN_FAILED;
}

extern const struct map_plugin facteur_map_plugin;
const struct map_plugin facteur_map_plugin = {
	.version = MAP_PLUGIN_VERSION,
	.connect = connect_db,
	.disconnect = disconnect,
	.ask = ask,
};
