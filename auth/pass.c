/*
 * pass.c - who a parked session is of, sealed
 *
 * A pass is an HMAC-SHA-256 and behind it what it is about: a packet, as it
 * would be sent, of the fields of session_start and the time. What the seal
 * covers was written here, yet it is taken apart as any packet is.
 */

#include "auth/pass.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/must.h"
#include "base/secret.h"
#include "calls/auth_call.h"
#include "ipc/packet.h"
#include "os/file.h"

enum { KEY_BYTES = 32, TEXT_MAX = 4096 };

struct passes {
	unsigned char key[KEY_BYTES];
};

static struct span
key_span(const struct passes *p)
{
	return span_of((const char *)p->key, KEY_BYTES);
}

struct passes *
passes_new(const char *data_directory)
{
	struct passes *p = mem_new(sizeof(*p));
	char *path = mem_printf("%s/park.key", data_directory);
	struct buf text = BUF_EMPTY;

	if (file_read_path(path, KEY_BYTES, &text) == 0 &&
	    text.n == KEY_BYTES) {
		memcpy(p->key, text.p, KEY_BYTES);
	} else {
		must(getrandom(p->key, KEY_BYTES, 0) == KEY_BYTES);
		if (file_replace(AT_FDCWD, path, key_span(p), 0600) == -1)
			log_warning("%s: %s", path, strerror(errno));
	}
	buf_wipe(&text);
	free(path);
	return p;
}

void
passes_free(struct passes **p)
{
	if (*p == NULL)
		return;
	explicit_bzero((*p)->key, KEY_BYTES);
	mem_free(p);
}

void
pass_make(const struct passes *p, const struct session_start *s, int64_t now,
    struct buf *out)
{
	unsigned char seal[SHA256_BYTES];
	struct packet_out o = { .fd_count = 0 };

	/* one that another's imapd has is good for less: auth/visit.c */
	packet_begin(&o, s->visitor.n > 0 ? "visit" : "pass", 0);
	packet_signed(&o, "made", now);
	packet_bytes(&o, "user", s->user);
	packet_num(&o, "uid", s->uid);
	packet_num(&o, "gid", s->gid);
	packet_bytes(&o, "home", s->home);
	packet_bytes(&o, "mail", s->mail);
	packet_bytes(&o, "quota", s->quota);
	packet_bytes(&o, "client_addr", s->client_addr);
	packet_num(&o, "client_port", s->client_port);
	packet_bytes(&o, "local_addr", s->local_addr);
	packet_bytes(&o, "via", s->via);
	packet_num(&o, "tls", s->tls);
	if (s->visitor.n > 0)
		packet_bytes(&o, "visitor", s->visitor);
	buf_add_byte(&o.bytes, '0');
	digest_hmac_sha256(key_span(p), buf_span(&o.bytes), seal);
	buf_add(out, (const char *)seal, sizeof(seal));
	buf_add_span(out, buf_span(&o.bytes));
	packet_done(&o);
}

static bool
seal_good(const struct passes *p, struct span pass)
{
	unsigned char seal[SHA256_BYTES];

	if (pass.n <= SHA256_BYTES)
		return false;
	digest_hmac_sha256(key_span(p), span_skip(pass, SHA256_BYTES), seal);
	return secret_equal(span_of((const char *)seal, sizeof(seal)),
	    span_head(pass, SHA256_BYTES));
}

static struct span
text_of(struct packet_in *in, struct arena *a, const char *name)
{
	return arena_span(a, packet_in_bytes(in, name, TEXT_MAX));
}

static bool
fields_get(struct packet_in *in, int64_t now, struct arena *a,
    struct session_start *out)
{
	int64_t made;

	if (!span_is(in->call, "pass") && !span_is(in->call, "visit"))
		return false;
	made = packet_in_signed(in, "made");
	out->user = text_of(in, a, "user");
	out->uid = (uid_t)packet_in_num(in, "uid", UINT32_MAX - 1);
	out->gid = (gid_t)packet_in_num(in, "gid", UINT32_MAX - 1);
	out->home = text_of(in, a, "home");
	out->mail = text_of(in, a, "mail");
	out->quota = text_of(in, a, "quota");
	out->client_addr = text_of(in, a, "client_addr");
	out->client_port = (unsigned)packet_in_num(in, "client_port", 65535);
	out->local_addr = text_of(in, a, "local_addr");
	out->via = text_of(in, a, "via");
	out->tls = packet_in_bool(in, "tls");
	if (span_is(in->call, "visit"))
		out->visitor = text_of(in, a, "visitor");
	if (span_is(in->call, "visit") && out->visitor.n == 0)
		return false;
	/* the clock may have been set back a little since */
	return packet_in_end(in) && now - made < PASS_LIFE &&
	    made - now < PASS_LIFE;
}

bool
pass_read(const struct passes *p, struct span pass, int64_t now,
    struct arena *a, struct session_start *out)
{
	struct packet_in in = { .bad = false };
	bool good;

	*out = (struct session_start){
		.fd = -1, .park = -1, .held = -1, .watch = -1
	};
	if (!seal_good(p, pass))
		return false;
	good = packet_parse(&in, span_skip(pass, SHA256_BYTES)) == PACKET_OK &&
	    fields_get(&in, now, a, out);
	packet_in_done(&in);
	return good;
}
