/* webmail_call.c - webmail.cgi asks login, both ends */

#include "calls/webmail_call.h"

#include <unistd.h>

#include "base/secret.h"
#include "ipc/packet.h"

enum { NAME_MAX_BYTES = 512, TICKET_MAX = 100 };

static bool
is_call(const struct packet_in *in, const char *name)
{
	return !in->bad && span_is(in->call, name);
}

void
webmail_sign_in_put(struct packet_out *o, const struct webmail_sign_in *s)
{
	packet_begin(o, "webmail_sign_in", 0);
	packet_bytes(o, "user", s->user);
	packet_bytes(o, "password", s->password);
	packet_str(o, "client_addr", s->client_addr);
}

bool
webmail_sign_in_get(struct packet_in *in, struct webmail_sign_in *out)
{
	if (!is_call(in, "webmail_sign_in"))
		return false;
	out->user = packet_in_bytes(in, "user", NAME_MAX_BYTES);
	out->password = packet_in_bytes(in, "password", SECRET_MAX);
	out->client_addr = packet_in_str(in, "client_addr", 64);
	return packet_in_end(in);
}

void
webmail_sign_out_put(struct packet_out *o, struct span ticket)
{
	packet_begin(o, "webmail_sign_out", 0);
	packet_str(o, "ticket", ticket);
}

bool
webmail_sign_out_get(struct packet_in *in, struct span *ticket)
{
	if (!is_call(in, "webmail_sign_out"))
		return false;
	*ticket = packet_in_str(in, "ticket", TICKET_MAX);
	return packet_in_end(in);
}

void
webmail_ticket_put(struct packet_out *o, uint32_t id, enum auth_verdict verdict,
    struct span user, struct span ticket)
{
	packet_begin(o, "webmail_ticket", id);
	packet_num(o, "verdict", verdict);
	packet_str(o, "user", user);
	packet_str(o, "ticket", ticket);
}

bool
webmail_ticket_get(struct packet_in *in, enum auth_verdict *verdict,
    struct span *user, struct span *ticket)
{
	*verdict = AUTH_TROUBLE;
	if (!is_call(in, "webmail_ticket"))
		return false;
	*verdict =
	    (enum auth_verdict)packet_in_num(in, "verdict", AUTH_TROUBLE);
	*user = packet_in_str(in, "user", NAME_MAX_BYTES);
	*ticket = packet_in_str(in, "ticket", TICKET_MAX);
	return packet_in_end(in);
}

void
webmail_join_put(
    struct packet_out *o, struct span ticket, struct span client_addr)
{
	packet_begin(o, "webmail_join", 0);
	packet_str(o, "ticket", ticket);
	packet_str(o, "client_addr", client_addr);
}

bool
webmail_join_get(
    struct packet_in *in, struct span *ticket, struct span *client_addr)
{
	if (!is_call(in, "webmail_join"))
		return false;
	*ticket = packet_in_str(in, "ticket", TICKET_MAX);
	*client_addr = packet_in_str(in, "client_addr", 64);
	return packet_in_end(in);
}

void
webmail_session_put(struct packet_out *o, uint32_t id,
    enum auth_verdict verdict, struct span user, int fd)
{
	packet_begin(o, "webmail_session", id);
	packet_num(o, "verdict", verdict);
	packet_str(o, "user", user);
	if (verdict == AUTH_OK)
		packet_fd(o, fd);
}

bool
webmail_session_get(struct packet_in *in, enum auth_verdict *verdict,
    struct span *user, int *fd)
{
	*verdict = AUTH_TROUBLE;
	*fd = -1;
	if (!is_call(in, "webmail_session"))
		return false;
	*verdict =
	    (enum auth_verdict)packet_in_num(in, "verdict", AUTH_TROUBLE);
	*user = packet_in_str(in, "user", NAME_MAX_BYTES);
	if (*verdict == AUTH_OK)
		*fd = packet_in_fd(in);
	if (packet_in_end(in))
		return true;
	if (*fd != -1)
		close(*fd);
	*fd = -1;
	return false;
}
