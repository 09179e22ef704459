/* remember.c - passwords that were right a while ago */

#include "auth/remember.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "auth/conf.h"
#include "base/base64.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/mem.h"
#include "base/must.h"
#include "base/number.h"
#include "base/secret.h"
#include "maps/map.h"
#include "maps/store.h"
#include "os/clock.h"

enum { FILES_MAX = 6, STAMP_MAX = 80 };

struct remembered {
	const struct auth_conf *conf;
	struct loop *loop;
	struct store *known; /* HMAC of who: HMAC with the password, uid */
	char key[SHA256_BYTES];
	char *files[FILES_MAX]; /* NULL behind the last */
	struct buf stamps; /* of the files, as text */
	unsigned state; /* how often they were others */
};

static void
stamps_take(const struct remembered *r, struct buf *out)
{
	struct stat st;

	for (size_t i = 0; i < FILES_MAX && r->files[i] != NULL; i++) {
		if (stat(r->files[i], &st) == -1)
			memset(&st, 0, sizeof(st));
		buf_printf(out, "%llu.%llu.%lld.%lld.%ld ",
		    (unsigned long long)st.st_dev,
		    (unsigned long long)st.st_ino, (long long)st.st_size,
		    (long long)st.st_ctim.tv_sec, st.st_ctim.tv_nsec);
	}
}

static void
store_begin(struct remembered *r)
{
	store_free(&r->known);
	r->known =
	    store_open(r->loop, "", (size_t)r->conf->auth_cache_limit, 1000);
}

static void
files_take(struct remembered *r)
{
	static const char *const suffixes[] = { "", ".db", ".cdb", ".lmdb" };
	struct span type, name;
	size_t n = 0;

	r->files[n++] = mem_str("/etc/passwd");
	r->files[n++] = mem_str("/etc/shadow");
	map_spec_split(span_str(r->conf->auth_user_database), &type, &name);
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		if (n < FILES_MAX)
			r->files[n++] = mem_printf(
			    "%.*s%s", (int)name.n, name.p, suffixes[i]);
}

struct remembered *
remembered_new(const struct auth_conf *conf, struct loop *loop)
{
	struct remembered *r = mem_new(sizeof(*r));

	r->conf = conf;
	r->loop = loop;
	must(getrandom(r->key, sizeof(r->key), 0) == (ssize_t)sizeof(r->key));
	files_take(r);
	stamps_take(r, &r->stamps);
	store_begin(r);
	return r;
}

void
remembered_free(struct remembered **rp)
{
	struct remembered *r = *rp;

	if (r == NULL)
		return;
	store_free(&r->known);
	explicit_bzero(r->key, sizeof(r->key));
	for (size_t i = 0; i < FILES_MAX; i++)
		free(r->files[i]);
	buf_free(&r->stamps);
	mem_free(rp);
}

static void
forget_if_changed(struct remembered *r)
{
	struct buf now = BUF_EMPTY;

	stamps_take(r, &now);
	if (!span_eq(buf_span(&now), buf_span(&r->stamps))) {
		store_begin(r);
		r->state++;
		buf_clear(&r->stamps);
		buf_add_span(&r->stamps, buf_span(&now));
	}
	buf_free(&now);
}

/* Each field with its length: no two lists of fields are the same bytes. */
static void
mac_add(struct buf *out, struct span field)
{
	buf_printf(out, "%zu:", field.n);
	buf_add_span(out, field);
}

static void
macs_make(const struct remembered *r, const struct remember_facts *f,
    struct buf *who, struct buf *whole)
{
	unsigned char mac[SHA256_BYTES];
	struct span key = span_of(r->key, sizeof(r->key));
	struct buf text = BUF_EMPTY;

	buf_room(&text,
	    f->service.n + f->user.n + f->client_addr.n + f->password.n + 100);
	mac_add(&text, f->service);
	mac_add(&text, f->user);
	mac_add(&text, f->client_addr);
	digest_hmac_sha256(key, buf_span(&text), mac);
	base64_encode(who, span_of((const char *)mac, sizeof(mac)));
	mac_add(&text, f->password);
	digest_hmac_sha256(key, buf_span(&text), mac);
	base64_encode(whole, span_of((const char *)mac, sizeof(mac)));
	buf_wipe(&text);
}

bool
remembered_find(
    struct remembered *r, const struct remember_facts *f, uid_t *uid)
{
	struct buf who = BUF_EMPTY, whole = BUF_EMPTY;
	struct span text, mac;
	uint64_t number;
	int64_t until;
	bool found;

	forget_if_changed(r);
	macs_make(r, f, &who, &whole);
	found = store_get(r->known, buf_span(&who), &until, &text) &&
	    span_cut(&text, ' ', &mac) && secret_equal(mac, buf_span(&whole)) &&
	    number_parse(text, 1, UINT32_MAX - 1, &number);
	if (found)
		*uid = (uid_t)number;
	buf_wipe(&who);
	buf_wipe(&whole);
	return found;
}

unsigned
remembered_state(struct remembered *r)
{
	forget_if_changed(r);
	return r->state;
}

/* A password that was changed while a worker looked at the old one must not be
 * taken for one of the new file. */
void
remembered_put(struct remembered *r, const struct remember_facts *f, uid_t uid,
    unsigned state)
{
	struct buf who = BUF_EMPTY, whole = BUF_EMPTY;

	if (remembered_state(r) != state)
		return;
	macs_make(r, f, &who, &whole);
	buf_printf(&whole, " %lu", (unsigned long)uid);
	store_put(r->known, buf_span(&who),
	    clock_wall() + r->conf->auth_cache_time, buf_span(&whole));
	buf_wipe(&who);
	buf_wipe(&whole);
}
