/* share_call.c - folders that a user shares with others, both ends */

#include "calls/share_call.h"

#include "calls/park_call.h"
#include "ipc/packet.h"
#include "os/file.h"

enum { TEXT_MAX = 1024 };

static const char *const names[] = { "share_visit", "share_list",
	"share_tell" };

void
share_ask_put(struct packet_out *o, const struct share_ask *a)
{
	packet_begin(o, names[a->kind], 0);
	packet_bytes(o, "pass", a->pass);
	packet_str(o, "owner", a->owner);
	packet_bytes(o, "list", a->list);
	packet_num(o, "fds", a->fd != -1 && a->park != -1);
	if (a->fd != -1 && a->park != -1) {
		packet_fd(o, a->fd);
		packet_fd(o, a->park);
	}
}

bool
share_ask_get(struct packet_in *in, struct share_ask *out)
{
	enum share_kind kind = SHARE_VISIT;

	*out = (struct share_ask){ .fd = -1, .park = -1 };
	while (kind <= SHARE_TELL && !span_is(in->call, names[kind]))
		kind++;
	if (in->bad || kind > SHARE_TELL)
		return false;
	out->kind = kind;
	out->pass = packet_in_bytes(in, "pass", PARK_PASS_MAX);
	out->owner = packet_in_str(in, "owner", SHARE_NAME_MAX);
	out->list = packet_in_bytes(in, "list", SHARE_LIST_MAX);
	if (packet_in_bool(in, "fds")) {
		out->fd = packet_in_fd(in);
		out->park = packet_in_fd(in);
	}
	if (packet_in_end(in) && !span_has_break(out->owner))
		return true;
	file_close(&out->fd);
	file_close(&out->park);
	return false;
}

void
share_answer_put(
    struct packet_out *o, uint32_t id, const struct share_answer *a)
{
	packet_begin(o, "share_answer", id);
	packet_num(o, "verdict", a->verdict);
	packet_str(o, "text", a->text);
	packet_bytes(o, "list", a->list);
	packet_num(o, "fds", a->fd != -1);
	if (a->fd != -1)
		packet_fd(o, a->fd);
}

bool
share_answer_get(struct packet_in *in, struct share_answer *out)
{
	*out = (struct share_answer){ .fd = -1 };
	if (in->bad || !span_is(in->call, "share_answer"))
		return false;
	out->verdict =
	    (enum auth_verdict)packet_in_num(in, "verdict", AUTH_LIMIT);
	out->text = packet_in_str(in, "text", TEXT_MAX);
	out->list = packet_in_bytes(in, "list", SHARE_LIST_MAX);
	if (packet_in_bool(in, "fds"))
		out->fd = packet_in_fd(in);
	if (packet_in_end(in))
		return true;
	file_close(&out->fd);
	return false;
}
