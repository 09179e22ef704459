/*
 * key_call.c - asking keys for a signature, both ends
 */

#include "calls/key_call.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "ipc/ask.h"
#include "ipc/packet.h"
#include "os/file.h"

enum {
	KEY_NAME_MAX = 4096,
	KEY_DATA_MAX = 2048, /* a modulus of 16,384 bits */
	KEY_SIGNATURE_MAX = 2048
};

static bool
is_call(const struct packet_in *in, const char *name)
{
	return !in->bad && span_is(in->call, name);
}

void
key_sign_put(struct packet_out *o, const struct key_sign *s)
{
	packet_begin(o, "key_sign", 0);
	packet_str(o, "key", s->key);
	packet_str(o, "scheme", s->scheme);
	packet_bytes(o, "data", s->data);
}

bool
key_sign_get(struct packet_in *in, struct key_sign *out)
{
	if (!is_call(in, "key_sign"))
		return false;
	out->key = packet_in_str(in, "key", KEY_NAME_MAX);
	out->scheme = packet_in_str(in, "scheme", 40);
	out->data = packet_in_bytes(in, "data", KEY_DATA_MAX);
	return packet_in_end(in);
}

void
key_signed_put(struct packet_out *o, uint32_t id, struct span signature)
{
	packet_begin(o, "key_signed", id);
	packet_bytes(o, "signature", signature);
}

bool
key_signed_get(struct packet_in *in, struct span *signature)
{
	if (!is_call(in, "key_signed"))
		return false;
	*signature = packet_in_bytes(in, "signature", KEY_SIGNATURE_MAX);
	return packet_in_end(in);
}

struct key_client {
	char *path;
	int64_t limit;
	int fd;
	uint32_t last_id;
};

struct key_client *
key_client_new(const char *path, int64_t limit_ms)
{
	struct key_client *c = mem_new(sizeof(*c));

	c->path = mem_str(path);
	c->limit = limit_ms;
	c->fd = -1;
	return c;
}

void
key_client_free(struct key_client **c)
{
	if (*c == NULL)
		return;
	file_close(&(*c)->fd);
	free((*c)->path);
	free(*c);
	*c = NULL;
}

/* Ask over the connection there is, or a new one. An old one may have lost its
 * other end long ago: that is worth a second try, a new one is not. */
static int
ask_keys(struct key_client *c, struct packet_out *o, struct packet_in *in)
{
	bool old = c->fd != -1;

	if (!old)
		c->fd = ask_connect(c->path, c->limit);
	if (c->fd == -1)
		return -1;
	o->id = ++c->last_id;
	if (ask(c->fd, o, in) == 0)
		return 0;
	file_close(&c->fd);
	if (!old || errno == ETIMEDOUT)
		return -1;
	c->fd = ask_connect(c->path, c->limit);
	if (c->fd == -1)
		return -1;
	if (ask(c->fd, o, in) == 0)
		return 0;
	file_close(&c->fd);
	return -1;
}

bool
key_client_sign(void *arg, struct span key, struct span scheme,
    struct span data, struct buf *signature)
{
	struct key_client *c = arg;
	struct key_sign request = { key, scheme, data };
	struct packet_out o = { .fd_count = 0 };
	struct packet_in in = { .fd_count = 0 };
	struct span got = { NULL, 0 };

	key_sign_put(&o, &request);
	if (ask_keys(c, &o, &in) == -1) {
		log_warning("%s: no signature: %s", c->path, strerror(errno));
	} else if (!key_signed_get(&in, &got)) {
		log_warning("%s: malformed answer", c->path);
		file_close(&c->fd);
	} else if (got.n == 0) {
		log_warning("%s: refused to sign with %.*s", c->path,
		    (int)key.n, key.p);
	}
	buf_add_span(signature, got);
	packet_done(&o);
	packet_in_done(&in);
	return got.n > 0;
}
