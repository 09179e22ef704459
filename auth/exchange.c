/*
 * exchange.c - SCRAM challenges: made for everybody, believed when they are
 * ours
 *
 * A seal is the monotonic time it was made at and an HMAC-SHA-256 over that
 * time and the facts, each with its length. Its key lives as long as the
 * process: a proof that a front has seen is worth nothing to it later.
 */

#include "auth/exchange.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/list.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/must.h"
#include "base/secret.h"
#include "base/table.h"
#include "os/clock.h"
#include "os/file.h"
#include "sasl/scram.h"

enum { KEY_BYTES = 32, NONCE_BYTES = 18 };
enum { TIME_BYTES = 8, SEAL_BYTES = TIME_BYTES + SHA256_BYTES };
enum { SEAL_MS = 120000, USED_MAX = 100000 };

struct used {
	struct list in; /* oldest first */
	int64_t until_ms;
	char seal[SEAL_BYTES];
};

struct exchanges {
	unsigned char seal_key[KEY_BYTES], salt_key[KEY_BYTES];
	struct table *used;
	struct list order;
};

static void
random_fill(unsigned char *p, size_t n)
{
	must(getrandom(p, n, 0) == (ssize_t)n);
}

static struct span
key_span(const unsigned char *key)
{
	return span_of((const char *)key, KEY_BYTES);
}

/* Made once; without it, made-up salts would change with each start. */
static void
salt_key_load(struct exchanges *x, const char *data_directory)
{
	char *path = mem_printf("%s/scram.key", data_directory);
	struct buf text = BUF_EMPTY;

	if (file_read_path(path, KEY_BYTES, &text) == 0 &&
	    text.n == KEY_BYTES) {
		memcpy(x->salt_key, text.p, KEY_BYTES);
	} else {
		random_fill(x->salt_key, KEY_BYTES);
		if (file_replace(AT_FDCWD, path, key_span(x->salt_key), 0600) ==
		    -1)
			log_warning("%s: %s", path, strerror(errno));
	}
	buf_wipe(&text);
	free(path);
}

struct exchanges *
exchanges_new(const char *data_directory)
{
	struct exchanges *x = mem_new(sizeof(*x));

	random_fill(x->seal_key, KEY_BYTES);
	salt_key_load(x, data_directory);
	x->used = table_new();
	list_init(&x->order);
	return x;
}

void
exchanges_free(struct exchanges **x)
{
	if (*x == NULL)
		return;
	table_free(&(*x)->used, free);
	explicit_bzero(*x, sizeof(**x));
	mem_free(x);
}

void
exchange_challenge(
    struct buf *out, struct span client_nonce, const struct scram_verifier *v)
{
	unsigned char bytes[NONCE_BYTES];
	struct buf nonce = BUF_EMPTY;

	random_fill(bytes, sizeof(bytes));
	base64url_encode(&nonce, span_of((const char *)bytes, sizeof(bytes)));
	scram_server_first(out, client_nonce, buf_span(&nonce), v);
	buf_free(&nonce);
}

void
exchange_nobody(const struct exchanges *x, struct span user,
    unsigned iterations, struct buf *salt, struct scram_verifier *out)
{
	unsigned char sum[SHA256_BYTES];

	digest_hmac_sha256(key_span(x->salt_key), user, sum);
	buf_clear(salt);
	base64_encode(salt, span_of((const char *)sum, SCRAM_SALT_BYTES));
	out->iterations = iterations;
	out->salt = buf_span(salt);
	random_fill(out->stored_key, sizeof(out->stored_key));
	random_fill(out->server_key, sizeof(out->server_key));
}

static void
number_add(struct buf *out, uint64_t n)
{
	for (int shift = 56; shift >= 0; shift -= 8)
		buf_add_byte(out, (char)(n >> shift & 0xff));
}

static void
fact_add(struct buf *out, struct span s)
{
	number_add(out, s.n);
	buf_add_span(out, s);
}

static void
seal_make(const struct exchanges *x, const struct exchange_facts *f,
    uint64_t made_ms, struct buf *seal)
{
	unsigned char sum[SHA256_BYTES];
	struct buf text = BUF_EMPTY;

	number_add(&text, made_ms);
	fact_add(&text, f->service);
	fact_add(&text, f->user);
	fact_add(&text, f->server_first);
	digest_hmac_sha256(key_span(x->seal_key), buf_span(&text), sum);
	number_add(seal, made_ms);
	buf_add(seal, sum, sizeof(sum));
	buf_free(&text);
}

void
exchange_seal(
    const struct exchanges *x, const struct exchange_facts *f, struct buf *seal)
{
	seal_make(x, f, (uint64_t)clock_ms(), seal);
}

enum exchange_seal
exchange_seal_check(
    struct exchanges *x, const struct exchange_facts *f, struct span seal)
{
	struct buf mine = BUF_EMPTY;
	uint64_t made_ms = 0, now_ms = (uint64_t)clock_ms();
	bool good;

	if (seal.n != SEAL_BYTES)
		return SEAL_STALE;
	for (size_t i = 0; i < TIME_BYTES; i++)
		made_ms = made_ms << 8 | (uint64_t)span_at(seal, i);
	seal_make(x, f, made_ms, &mine);
	good = secret_equal(buf_span(&mine), seal);
	buf_free(&mine);
	if (!good || made_ms > now_ms || now_ms - made_ms > SEAL_MS)
		return SEAL_STALE;
	return table_get(x->used, seal) == NULL ? SEAL_GOOD : SEAL_USED;
}

static struct span
used_seal(const struct used *u)
{
	return span_of(u->seal, sizeof(u->seal));
}

static void
forget_old(struct exchanges *x)
{
	int64_t now = clock_ms();

	while (!list_empty(&x->order)) {
		struct used *u = LIST_OF(x->order.next, struct used, in);

		if (u->until_ms > now)
			return;
		(void)table_remove(x->used, used_seal(u));
		list_remove(&u->in);
		free(u);
	}
}

bool
exchange_seal_use(struct exchanges *x, struct span seal)
{
	struct used *u;

	must(seal.n == SEAL_BYTES);
	forget_old(x);
	if (table_get(x->used, seal) != NULL ||
	    table_count(x->used) >= USED_MAX)
		return false;
	u = mem_new(sizeof(*u));
	u->until_ms = clock_ms() + SEAL_MS;
	memcpy(u->seal, seal.p, sizeof(u->seal));
	table_put(x->used, used_seal(u), u);
	list_add_tail(&x->order, &u->in);
	return true;
}
