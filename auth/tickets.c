/* tickets.c - a webmail user signs in once and shows a ticket for each page */

#include "auth/tickets.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/base64.h"
#include "base/digest.h"
#include "base/mem.h"
#include "base/must.h"
#include "base/number.h"
#include "base/secret.h"
#include "calls/start_call.h"
#include "maps/store.h"
#include "os/clock.h"

enum { TICKET_BYTES = 32, TICKETS_MAX = 100000, WORD_BLOCK = 64 };

struct tickets {
	struct store *store; /* key: digest; text: "end-of-life user" or
			      * "end-of-life/password user" */
	int64_t idle, life;
};

struct tickets *
tickets_open(
    struct loop *loop, const char *data_directory, int64_t idle, int64_t life)
{
	struct tickets *t = mem_new(sizeof(*t));
	char *path = mem_printf("hash:%s/tickets", data_directory);

	t->store = store_open(loop, path, TICKETS_MAX, STORE_AFTER_MS);
	store_write_aside(t->store, FD_LOG);
	t->idle = idle;
	t->life = life;
	free(path);
	return t;
}

void
tickets_free(struct tickets **t)
{
	store_free(&(*t)->store);
	mem_free(t);
}

void
tickets_flush(struct tickets *t)
{
	store_flush(t->store);
}

/* Hexadecimal, since a key of a table holds no NUL. */
static void
digest_of(struct span ticket, struct buf *out)
{
	unsigned char digest[SHA256_BYTES];

	digest_sha256(ticket, digest);
	hex_encode(out, span_of((const char *)digest, sizeof(digest)));
}

/* The stream that the nth octet of a password is sealed with, and what proves
 * that it is ours: of a key that is used for one password alone. */
static void
stream(struct span ticket, const char *use, size_t block,
    unsigned char out[SHA256_BYTES])
{
	struct buf label = BUF_EMPTY;

	buf_printf(&label, "facteur ticket %s %zu", use, block);
	digest_hmac_sha256(ticket, buf_span(&label), out);
	buf_free(&label);
}

static void
stream_apply(struct span ticket, struct buf *bytes)
{
	unsigned char block[SHA256_BYTES];

	for (size_t i = 0; i < bytes->n; i++) {
		if (i % SHA256_BYTES == 0)
			stream(ticket, "word", i / SHA256_BYTES, block);
		bytes->p[i] = (char)(bytes->p[i] ^ block[i % SHA256_BYTES]);
	}
	explicit_bzero(block, sizeof(block));
}

static void
proof_add(struct span ticket, struct buf *bytes)
{
	unsigned char key[SHA256_BYTES], proof[SHA256_BYTES];

	stream(ticket, "proof", 0, key);
	digest_hmac_sha256(
	    span_of((const char *)key, sizeof(key)), buf_span(bytes), proof);
	buf_add(bytes, (const char *)proof, sizeof(proof));
	explicit_bzero(key, sizeof(key));
}

/* Append the password as base64url; its length is not told. */
static void
seal(struct span ticket, const struct secret *word, struct buf *out)
{
	struct buf bytes = BUF_EMPTY;

	buf_add_span(&bytes, secret_span(word));
	do
		buf_add_byte(&bytes, '\0');
	while (bytes.n % WORD_BLOCK != 0);
	stream_apply(ticket, &bytes);
	proof_add(ticket, &bytes);
	base64url_encode(out, buf_span(&bytes));
	buf_wipe(&bytes);
}

/* NULL: it is none of ours. */
static struct secret *
unseal(struct span ticket, struct span text)
{
	struct buf bytes = BUF_EMPTY, proof = BUF_EMPTY;
	struct secret *word = NULL;

	if (base64url_decode(&bytes, text) && bytes.n > SHA256_BYTES) {
		buf_add_span(&proof,
		    span_head(buf_span(&bytes), bytes.n - SHA256_BYTES));
		proof_add(ticket, &proof);
	}
	if (proof.n > 0 && secret_equal(buf_span(&proof), buf_span(&bytes))) {
		bytes.n -= SHA256_BYTES;
		stream_apply(ticket, &bytes);
		word = secret_new(span_head(
		    buf_span(&bytes), span_find(buf_span(&bytes), '\0')));
	}
	buf_wipe(&bytes);
	buf_free(&proof);
	return word;
}

/* sealed: of seal(), or empty. */
static void
keep(struct tickets *t, struct span digest, int64_t end, struct span sealed,
    struct span user)
{
	int64_t until = clock_wall() + t->idle;
	struct buf text = BUF_EMPTY;

	buf_printf(&text, "%lld", (long long)end);
	if (sealed.n > 0)
		buf_add_byte(&text, '/');
	buf_add_span(&text, sealed);
	buf_add_byte(&text, ' ');
	buf_add_span(&text, user);
	store_put(t->store, digest, until < end ? until : end, buf_span(&text));
	buf_free(&text);
}

void
tickets_make(struct tickets *t, struct span user, const struct secret *word,
    struct buf *out)
{
	unsigned char random[TICKET_BYTES];
	struct buf digest = BUF_EMPTY, sealed = BUF_EMPTY;
	size_t begun = out->n;
	struct span ticket;

	must(getrandom(random, sizeof(random), 0) == sizeof(random));
	base64url_encode(out, span_of((const char *)random, sizeof(random)));
	explicit_bzero(random, sizeof(random));
	ticket = span_skip(buf_span(out), begun);
	digest_of(ticket, &digest);
	if (word != NULL)
		seal(ticket, word, &sealed);
	keep(t, buf_span(&digest), clock_wall() + t->life, buf_span(&sealed),
	    user);
	buf_free(&digest);
	buf_free(&sealed);
}

bool
tickets_check(struct tickets *t, struct span ticket, struct buf *user,
    struct secret **word)
{
	struct buf digest = BUF_EMPTY, sealed = BUF_EMPTY;
	struct span text, head, number;
	int64_t until, end;
	size_t begun = user->n;
	bool good;

	digest_of(ticket, &digest);
	good = store_get(t->store, buf_span(&digest), &until, &text) &&
	    span_cut(&text, ' ', &head) && span_cut(&head, '/', &number) &&
	    number_parse_signed(number, 0, INT64_MAX, &end);
	if (good) {
		buf_add_span(user, text);
		buf_add_span(&sealed, head);
		/* half of its unused life gone: it is used, so it lives on */
		if (until < end && until - clock_wall() < t->idle / 2)
			keep(t, buf_span(&digest), end, buf_span(&sealed),
			    span_of(user->p + begun, user->n - begun));
	}
	if (word != NULL)
		*word = sealed.n > 0 ? unseal(ticket, buf_span(&sealed)) : NULL;
	buf_free(&digest);
	buf_free(&sealed);
	return good;
}

void
tickets_end(struct tickets *t, struct span ticket)
{
	struct buf digest = BUF_EMPTY;

	digest_of(ticket, &digest);
	store_remove(t->store, buf_span(&digest));
	buf_free(&digest);
}
