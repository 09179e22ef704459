/*
 * tls_sessions.c - sessions that a client may resume
 *
 * In memory, by what was wanted of the server. A session of TLS 1.3 is used
 * once (RFC 8446, C.4): the server sends another. With it comes what its first
 * handshake found of the certificate, so the key holds every name and record
 * that it was checked by. Where another machine has the same name, its server
 * does not know the session, and the handshake is a whole one.
 */

#include "tls/tls_sessions.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/list.h"
#include "base/mem.h"
#include "base/table.h"
#include "os/clock.h"
#include "tls/tls_stream.h"

struct entry {
	struct list in; /* oldest first */
	int64_t until_ms;
	SSL_SESSION *session;
	unsigned char key[SHA256_BYTES];
};

struct tls_sessions {
	int64_t life_ms;
	struct table *entries;
	struct list order;
};

struct tls_sessions *
tls_sessions_new(int64_t life_s)
{
	struct tls_sessions *t = mem_new(sizeof(*t));

	t->life_ms = life_s * 1000;
	t->entries = table_new();
	list_init(&t->order);
	return t;
}

static struct span
key_span(const unsigned char *key)
{
	return span_of((const char *)key, SHA256_BYTES);
}

/* Its session goes to the caller. */
static SSL_SESSION *
entry_end(struct tls_sessions *t, struct entry *e)
{
	SSL_SESSION *session = e->session;

	(void)table_remove(t->entries, key_span(e->key));
	list_remove(&e->in);
	free(e);
	return session;
}

void
tls_sessions_free(struct tls_sessions **tp)
{
	struct tls_sessions *t = *tp;

	if (t == NULL)
		return;
	while (!list_empty(&t->order))
		SSL_SESSION_free(
		    entry_end(t, LIST_OF(t->order.next, struct entry, in)));
	table_free(&t->entries, NULL);
	mem_free(tp);
}

static void
part_add(struct buf *out, struct span part)
{
	buf_printf(out, "%zu:", part.n);
	buf_add_span(out, part);
}

void
tls_sessions_key(const struct tls_want *want, unsigned char key[SHA256_BYTES])
{
	struct buf text = BUF_EMPTY;

	part_add(&text, want->server_name);
	buf_printf(&text, "%d,%d,%zu,", want->san_only, want->wide_wildcards,
	    want->name_count);
	for (size_t i = 0; i < want->name_count; i++)
		part_add(&text, want->names[i]);
	for (size_t i = 0; i < want->tlsa_count; i++) {
		buf_printf(&text, "%u %u %u ", want->tlsa[i].usage,
		    want->tlsa[i].selector, want->tlsa[i].matching);
		part_add(&text, want->tlsa[i].data);
	}
	digest_sha256(buf_span(&text), key);
	buf_free(&text);
}

SSL_SESSION *
tls_sessions_take(struct tls_sessions *t, const unsigned char key[SHA256_BYTES])
{
	struct entry *e = table_get(t->entries, key_span(key));

	if (e == NULL)
		return NULL;
	if (e->until_ms <= clock_ms() ||
	    SSL_SESSION_is_resumable(e->session) != 1) {
		SSL_SESSION_free(entry_end(t, e));
		return NULL;
	}
	if (SSL_SESSION_get_protocol_version(e->session) >= TLS1_3_VERSION)
		return entry_end(t, e);
	SSL_SESSION_up_ref(e->session);
	return e->session;
}

void
tls_sessions_forget(
    struct tls_sessions *t, const unsigned char key[SHA256_BYTES])
{
	struct entry *e = table_get(t->entries, key_span(key));

	if (e != NULL)
		SSL_SESSION_free(entry_end(t, e));
}

void
tls_sessions_put(struct tls_sessions *t, const unsigned char key[SHA256_BYTES],
    SSL_SESSION *session)
{
	struct entry *e = table_get(t->entries, key_span(key));

	if (e == NULL && table_count(t->entries) >= TLS_SESSIONS_MAX)
		e = LIST_OF(t->order.next, struct entry, in);
	if (e != NULL)
		SSL_SESSION_free(entry_end(t, e));
	e = mem_new(sizeof(*e));
	e->until_ms = clock_ms() + t->life_ms;
	e->session = session;
	memcpy(e->key, key, SHA256_BYTES);
	table_put(t->entries, key_span(e->key), e);
	list_add_tail(&t->order, &e->in);
}
