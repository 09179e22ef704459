/*
 * targets.c - what may be dialled, and for whom
 *
 * A target is a word "inet:HOST:PORT" or "unix:PATH" in a value that the role
 * works with, wherever in it: in a list of milters, behind
 * check_policy_service, in {braces} with its settings. For tables it is the
 * server in "tcp:HOST:PORT" and "socketmap:inet:HOST:PORT:NAME"; for smtp the
 * Unix sockets of LMTP servers, "lmtp:unix:PATH". The tables of
 * smtpd_milter_maps are read too, as text and once. Who can write main.cf
 * decides, and nobody else.
 */

#include "connector/targets.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/table.h"
#include "base/why.h"
#include "calls/dial_call.h"
#include "config/master_cf.h"
#include "config/param.h"
#include "os/file.h"

enum {
	ROLE_SMTPD = 1,
	ROLE_LOOKUP = 2,
	ROLE_SMTP = 4,
	ROLE_LOCAL = 8 /* pickup, bounce */
};
enum { SOURCE_MAX = 4 * 1024 * 1024 };

struct targets {
	struct arena *arena;
	struct table *by_text; /* struct target */
	const char *queue; /* where relative paths begin; NULL: not known */
	bool proxies; /* imap_proxy_maps or its kin is set */
};

struct targets *
targets_new(void)
{
	struct targets *t = mem_new(sizeof(*t));

	t->arena = arena_new();
	t->by_text = table_new();
	return t;
}

void
targets_free(struct targets **t)
{
	if (*t == NULL)
		return;
	table_free(&(*t)->by_text, NULL);
	arena_free(&(*t)->arena);
	mem_free(t);
}

size_t
targets_count(const struct targets *t)
{
	return table_count(t->by_text);
}

static unsigned
role_of(const char *label)
{
	if (strcmp(label, "smtpd") == 0)
		return ROLE_SMTPD;
	if (strcmp(label, "smtp") == 0)
		return ROLE_SMTP;
	if (strcmp(label, "pickup") == 0 || strcmp(label, "bounce") == 0)
		return ROLE_LOCAL;
	return strcmp(label, "lookup") == 0 ? ROLE_LOOKUP : 0;
}

const struct target *
targets_find(const struct targets *t, struct span text, const char *label)
{
	const struct target *found = table_get(t->by_text, text);

	return found != NULL && (found->roles & role_of(label)) != 0 ? found
								     : NULL;
}

/* "HOST:PORT" or "[ADDRESS]:PORT". */
static bool
inet_split(struct arena *a, struct span text, struct target *out)
{
	size_t colon = span_rfind(text, ':');
	struct span host = span_head(text, colon);
	int port = master_port(span_skip(text, colon + 1));

	if (span_starts(host, "[") && span_ends(host, "]"))
		host = span_skip(span_head(host, host.n - 1), 1);
	if (host.n == 0 || port < 1 || port > UINT16_MAX)
		return false;
	out->host = arena_span_str(a, host);
	out->port = (uint16_t)port;
	return true;
}

bool
targets_proxy(const struct targets *t, struct span text, const char *label,
    struct arena *a, struct target *out)
{
	*out = (struct target){ .roles = 0 };
	if (!t->proxies || strcmp(label, "auth") != 0 ||
	    !span_starts(text, "inet:") ||
	    !inet_split(a, span_skip(text, 5), out))
		return false;
	out->text = arena_span_str(a, text);
	return true;
}

static const char *
path_make(struct targets *t, struct span path)
{
	if (path.p[0] == '/' || t->queue == NULL)
		return arena_span_str(t->arena, path);
	return arena_printf(t->arena, "%s/%.*s", t->queue, (int)path.n, path.p);
}

/* text: "inet:..." or "unix:...". What is neither is passed over. */
static void
target_add(struct targets *t, struct span text, unsigned role)
{
	struct target *known = table_get(t->by_text, text);
	struct target new = { .roles = role };

	if (known != NULL) {
		known->roles |= role;
		return;
	}
	if (span_starts(text, "inet:")) {
		if (!inet_split(t->arena, span_skip(text, 5), &new))
			return;
	} else if (span_starts(text, "unix:") && text.n > 5) {
		new.path = path_make(t, span_skip(text, 5));
		if (text.p[5] == '/' && t->queue != NULL)
			new.path_inside = arena_printf(t->arena, "%s%.*s",
			    t->queue, (int)(text.n - 5), text.p + 5);
	} else {
		return;
	}
	new.text = arena_span_str(t->arena, text);
	known = arena_alloc(t->arena, sizeof(*known));
	*known = new;
	table_put(t->by_text, text, known);
}

/* Milters may say local: for unix:. */
static void
local_add(struct targets *t, struct span path, unsigned role)
{
	struct buf text = BUF_EMPTY;

	buf_add_str(&text, "unix:");
	buf_add_span(&text, path);
	target_add(t, buf_span(&text), role);
	buf_free(&text);
}

static void
words_add(struct targets *t, struct span value, unsigned role)
{
	struct span word;

	while (span_word(&value, " \t\r\n,{}", &word))
		if (span_starts(word, "local:"))
			local_add(t, span_skip(word, 6), role);
		else
			target_add(t, word, role);
}

/* What stands in the sources of tables; those without one give nothing. */
static void
sources_add(struct targets *t, struct span tables, unsigned role)
{
	struct span word;

	while (span_word(&tables, " \t\r\n,{}", &word)) {
		size_t colon = span_find(word, ':');
		struct buf text = BUF_EMPTY;
		const char *path =
		    arena_span_str(t->arena, span_skip(word, colon + 1));

		if (path[0] == '/' &&
		    file_read_path(path, SOURCE_MAX, &text) == 0)
			words_add(t, buf_span(&text), role);
		buf_free(&text);
	}
}

/* The server of a table, without the name of a map behind it. */
static void
table_add(struct targets *t, struct span word)
{
	struct buf text = BUF_EMPTY;

	if (span_starts(word, "proxy:"))
		word = span_skip(word, 6);
	if (span_starts(word, "tcp:")) {
		buf_add_str(&text, "inet:");
		buf_add_span(&text, span_skip(word, 4));
	} else if (span_starts(word, "socketmap:")) {
		word = span_skip(word, 10);
		buf_add_span(&text, span_head(word, span_rfind(word, ':')));
	}
	target_add(t, buf_span(&text), ROLE_LOOKUP);
	buf_free(&text);
}

static void
tables_add(struct targets *t, struct span value)
{
	struct span word;

	while (span_word(&value, " \t\r\n,{}", &word))
		table_add(t, word);
}

/* A transport "NAME:unix:PATH", also as the value of an entry. */
static void
transports_add(struct targets *t, struct span value)
{
	struct span word;

	while (span_word(&value, " \t\r\n,{}", &word)) {
		size_t at = span_search(word, SPAN(":unix:"));

		if (at > 0 && at < word.n)
			target_add(t, span_skip(word, at + 1), ROLE_SMTP);
	}
}

static bool
is_transport(const char *name)
{
	return span_ends(span_str(name), "_transport") ||
	    span_ends(span_str(name), "transport_maps");
}

static bool
listed(struct span list, const char *word)
{
	struct span one;

	while (span_word(&list, " \t\r\n,", &one))
		if (span_is(one, word))
			return true;
	return false;
}

static void
filter_add(struct targets *t, struct span value)
{
	struct buf text = BUF_EMPTY;

	dial_filter_target(&text, value);
	target_add(t, buf_span(&text), ROLE_SMTPD);
	buf_free(&text);
}

static bool
parameter_add(struct targets *t, const struct main_cf *m, const char *name,
    struct span classes, struct why *why)
{
	struct buf value = BUF_EMPTY;
	bool good = main_cf_value(m, name, &value, why);

	if (good) {
		tables_add(t, buf_span(&value));
		if (strcmp(name, "imap_proxy_maps") == 0 ||
		    strcmp(name, "pop3_proxy_maps") == 0 ||
		    strcmp(name, "sieve_proxy_maps") == 0)
			t->proxies = t->proxies || value.n > 0;
		if (is_transport(name))
			transports_add(t, buf_span(&value));
		if (strcmp(name, "smtpd_milter_maps") == 0)
			sources_add(t, buf_span(&value), ROLE_SMTPD);
		if (strcmp(name, "smtpd_proxy_filter") == 0)
			filter_add(t, buf_span(&value));
		if (strcmp(name, "non_smtpd_milters") == 0)
			words_add(t, buf_span(&value), ROLE_LOCAL);
		else if (strncmp(name, "smtpd_", 6) == 0 ||
		    listed(classes, name))
			words_add(t, buf_span(&value), ROLE_SMTPD);
	}
	buf_free(&value);
	return good;
}

bool
targets_add(struct targets *t, const struct main_cf *m, struct why *why)
{
	struct buf classes = BUF_EMPTY, queue = BUF_EMPTY;
	const char *name, *value;
	size_t at = 0;
	bool good =
	    main_cf_value(m, "smtpd_restriction_classes", &classes, why) &&
	    main_cf_value(m, "queue_directory", &queue, why);

	if (good)
		t->queue = arena_str(t->arena, buf_str(&queue));

	/* defaults name nobody to dial */
	while (good && main_cf_next(m, &at, &name, &value))
		good = parameter_add(t, m, name, buf_span(&classes), why);
	buf_free(&queue);
	buf_free(&classes);
	return good;
}

static bool
row_read(struct targets *t, const char *folder, const struct master_row *row,
    struct why *why)
{
	struct main_cf *m = master_row_main_cf(row, folder, false, why);
	bool good;

	if (m == NULL)
		return false;
	good = targets_add(t, m, why);
	main_cf_free(&m);
	return good;
}

bool
targets_read(struct targets *t, const char *folder, struct why *why)
{
	struct main_cf *m = main_cf_load(folder, false, why);
	struct master_cf *master;
	const struct master_row *rows;
	size_t n = 0;
	bool good = m != NULL && targets_add(t, m, why);

	main_cf_free(&m);
	if (!good)
		return false;
	master = master_cf_load(folder, why);
	if (master == NULL)
		return false;
	rows = master_cf_rows(master, &n);
	for (size_t i = 0; good && i < n; i++)
		good = row_read(t, folder, &rows[i], why);
	master_cf_free(&master);
	return good;
}
