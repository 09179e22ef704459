/* park_call.c - a session that waits is kept by login, both ends */

#include "calls/park_call.h"

#include "ipc/packet.h"
#include "os/file.h"

enum { NAME_MAX_BYTES = 512, ADDRESS_MAX = 64 };

static bool
is_call(const struct packet_in *in, const char *name)
{
	return !in->bad && span_is(in->call, name);
}

void
park_offer_put(struct packet_out *o, const struct park_offer *p)
{
	packet_begin(o, "park_offer", 0);
	if (p->watch != -1)
		packet_fd(o, p->watch);
	if (p->client != -1)
		packet_fd(o, p->client);
	if (p->held != -1)
		packet_fd(o, p->held);
	packet_num(o, "watch", p->watch != -1);
	packet_num(o, "client", p->client != -1);
	packet_num(o, "held", p->held != -1);
	packet_num(o, "received", p->received);
	packet_num(o, "idling", p->idling);
	packet_num(o, "silent", p->silent_ms);
	packet_bytes(o, "pass", p->pass);
	packet_bytes(o, "state", p->state);
	packet_str(o, "user", p->user);
	packet_str(o, "client_addr", p->client_addr);
	packet_num(o, "headers", p->headers);
	packet_num(o, "body", p->body);
	packet_num(o, "rcvd", p->rcvd);
	packet_num(o, "sent", p->sent);
	packet_signed(o, "began", p->began);
}

bool
park_offer_get(struct packet_in *in, struct park_offer *out)
{
	out->watch = out->client = out->held = -1;
	if (!is_call(in, "park_offer"))
		return false;
	if (packet_in_bool(in, "watch"))
		out->watch = packet_in_fd(in);
	if (packet_in_bool(in, "client"))
		out->client = packet_in_fd(in);
	if (packet_in_bool(in, "held"))
		out->held = packet_in_fd(in);
	out->received = packet_in_num(in, "received", UINT64_MAX);
	out->idling = packet_in_bool(in, "idling");
	out->silent_ms = packet_in_num(in, "silent", 86400 * 1000);
	out->pass = packet_in_bytes(in, "pass", PARK_PASS_MAX);
	out->state = packet_in_bytes(in, "state", PARK_STATE_MAX);
	out->user = packet_in_str(in, "user", NAME_MAX_BYTES);
	out->client_addr = packet_in_str(in, "client_addr", ADDRESS_MAX);
	out->headers = packet_in_num(in, "headers", UINT64_MAX);
	out->body = packet_in_num(in, "body", UINT64_MAX);
	out->rcvd = packet_in_num(in, "rcvd", UINT64_MAX);
	out->sent = packet_in_num(in, "sent", UINT64_MAX);
	out->began = packet_in_signed(in, "began");
	if (packet_in_end(in))
		return true;
	file_close(&out->watch);
	file_close(&out->client);
	file_close(&out->held);
	return false;
}

void
park_leave_put(struct packet_out *o, const struct park_leave *p)
{
	packet_begin(o, "park_leave", 0);
	if (p->client != -1)
		packet_fd(o, p->client);
	packet_num(o, "client", p->client != -1);
	packet_num(o, "received", p->received);
	packet_bytes(o, "input", p->input);
}

bool
park_leave_get(struct packet_in *in, struct park_leave *out)
{
	out->client = -1;
	if (!is_call(in, "park_leave"))
		return false;
	if (packet_in_bool(in, "client"))
		out->client = packet_in_fd(in);
	out->received = packet_in_num(in, "received", UINT64_MAX);
	out->input = packet_in_bytes(in, "input", PARK_INPUT_MAX);
	if (packet_in_end(in))
		return true;
	file_close(&out->client);
	return false;
}

void
park_answer_put(struct packet_out *o, bool kept)
{
	packet_begin(o, "park_answer", 0);
	packet_num(o, "kept", kept);
}

bool
park_answer_get(struct packet_in *in, bool *kept)
{
	if (!is_call(in, "park_answer"))
		return false;
	*kept = packet_in_bool(in, "kept");
	return packet_in_end(in);
}

void
park_free_put(struct packet_out *o)
{
	packet_begin(o, "park_free", 0);
}

bool
park_free_get(struct packet_in *in)
{
	return is_call(in, "park_free") && packet_in_end(in);
}

void
park_join_put(struct packet_out *o, struct span client_addr, int fd)
{
	packet_begin(o, "park_join", 0);
	packet_fd(o, fd);
	packet_str(o, "client_addr", client_addr);
}

bool
park_join_get(struct packet_in *in, struct span *client_addr, int *fd)
{
	*fd = -1;
	if (!is_call(in, "park_join"))
		return false;
	*fd = packet_in_fd(in);
	*client_addr = packet_in_str(in, "client_addr", ADDRESS_MAX);
	if (packet_in_end(in))
		return true;
	file_close(fd);
	return false;
}
