/*
 * serve.c - answering requests for signatures
 *
 * One packet, one signature. The caller may be in the hands of an attacker: he
 * can have the handshakes of his own role signed while he is there, and takes
 * no key with him.
 */

#include "keys/serve.h"

#include "base/buf.h"
#include "base/log.h"
#include "calls/key_call.h"
#include "ipc/packet.h"
#include "ipc/server.h"
#include "keys/conf.h"
#include "keys/store.h"

static const char *
result_text(enum store_result result)
{
	static const char *const texts[] = {
		[STORE_SIGNED] = "signed",
		[STORE_NO_KEY] = "no such key",
		[STORE_FORBIDDEN] = "a key of others",
		[STORE_REFUSED] = "not what this key signs",
	};

	return texts[result];
}

static void
refusal_log(const struct server_peer *peer, const struct key_sign *request,
    enum store_result result)
{
	struct buf key = BUF_EMPTY, scheme = BUF_EMPTY;

	log_quote(&key, request->key, 200);
	log_quote(&scheme, request->scheme, 40);
	log_warning("%s: %s, for %s, with %s", server_peer_label(peer),
	    result_text(result), buf_str(&scheme), buf_str(&key));
	buf_free(&key);
	buf_free(&scheme);
}

static void
asked(void *arg, struct server_peer *peer, struct packet_in *in)
{
	struct packet_out o = { .fd_count = 0 };
	struct buf signature = BUF_EMPTY;
	struct key_sign request;
	enum store_result got;

	if (!key_sign_get(in, &request)) {
		server_refuse(peer, in);
		return;
	}
	got = store_sign(
	    arg, role_of_label(server_peer_label(peer)), &request, &signature);
	if (got != STORE_SIGNED)
		refusal_log(peer, &request, got);
	key_signed_put(&o, in->id, buf_span(&signature));
	server_reply(peer, &o);
	packet_done(&o);
	buf_free(&signature);
}

void
serve(struct loop *loop, int fd, const char *label, struct store *store)
{
	static const struct server_calls calls = { asked, NULL };

	/* it lives as long as the process */
	(void)server_new(loop, fd, label, &calls, store);
}
