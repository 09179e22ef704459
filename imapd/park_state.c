/*
 * park_state.c - what an imapd leaves for the one that goes on
 *
 * A packet as it would be sent, so that there is one form for such things.
 */

#include "imapd/park_state.h"

#include "base/arena.h"
#include "base/buf.h"
#include "calls/park_call.h"
#include "ipc/packet.h"

enum { VERSION = 1, TAG_MAX = 512, NAME_MAX_BYTES = 4096 };
enum { ENABLED_MAX = 0xffff, KEYWORDS_TOLD_MAX = 65535 };

bool
park_state_put(struct buf *out, const struct park_state *p)
{
	struct packet_out o = { .fd_count = 0 };
	bool good;

	packet_begin(&o, "imap_state", 0);
	packet_num(&o, "version", VERSION);
	packet_num(&o, "enabled", p->enabled);
	packet_num(&o, "idling", p->idling);
	packet_str(&o, "tag", p->tag);
	packet_num(&o, "silent", p->silent_ms);
	packet_signed(&o, "began", p->began);
	packet_num(&o, "headers", p->headers);
	packet_num(&o, "body", p->body);
	packet_num(&o, "rcvd", p->rcvd);
	packet_num(&o, "sent", p->sent);
	packet_num(&o, "selected", p->selected);
	packet_num(&o, "read_only", p->read_only);
	packet_str(&o, "name", p->name);
	packet_num(&o, "validity", p->known.validity);
	packet_num(&o, "last", p->known.last);
	packet_num(&o, "count", p->known.count);
	packet_num(&o, "highest", p->known.highest);
	packet_num(&o, "keywords", p->told_keywords);
	packet_str(&o, "recent", p->recent);
	packet_str(&o, "saved", p->saved);
	buf_add_byte(&o.bytes, '0');
	good = !o.bad && o.bytes.n <= PARK_STATE_MAX;
	if (good)
		buf_add_span(out, buf_span(&o.bytes));
	packet_done(&o);
	return good;
}

static struct span
text_of(struct packet_in *in, struct arena *a, const char *name, size_t max)
{
	return arena_span(a, packet_in_str(in, name, max));
}

static bool
fields_get(struct packet_in *in, struct arena *a, struct park_state *out)
{
	if (!span_is(in->call, "imap_state") ||
	    packet_in_num(in, "version", UINT32_MAX) != VERSION)
		return false;
	out->enabled = (unsigned)packet_in_num(in, "enabled", ENABLED_MAX);
	out->idling = packet_in_bool(in, "idling");
	out->tag = text_of(in, a, "tag", TAG_MAX);
	out->silent_ms = packet_in_num(in, "silent", 86400 * 1000);
	out->began = packet_in_signed(in, "began");
	out->headers = packet_in_num(in, "headers", UINT64_MAX);
	out->body = packet_in_num(in, "body", UINT64_MAX);
	out->rcvd = packet_in_num(in, "rcvd", UINT64_MAX);
	out->sent = packet_in_num(in, "sent", UINT64_MAX);
	out->selected = packet_in_bool(in, "selected");
	out->read_only = packet_in_bool(in, "read_only");
	out->name = text_of(in, a, "name", NAME_MAX_BYTES);
	out->known.validity =
	    (uint32_t)packet_in_num(in, "validity", UINT32_MAX);
	out->known.last = (uint32_t)packet_in_num(in, "last", UINT32_MAX - 1);
	out->known.count = (size_t)packet_in_num(in, "count", UINT32_MAX);
	out->known.highest = packet_in_num(in, "highest", UINT64_MAX - 1);
	out->told_keywords =
	    (size_t)packet_in_num(in, "keywords", KEYWORDS_TOLD_MAX);
	out->recent = text_of(in, a, "recent", PARK_STATE_MAX);
	out->saved = text_of(in, a, "saved", PARK_STATE_MAX);
	return packet_in_end(in);
}

bool
park_state_get(struct span s, struct arena *a, struct park_state *out)
{
	struct packet_in in = { .bad = false };
	bool good = packet_parse(&in, s) == PACKET_OK && in.fd_count == 0 &&
	    fields_get(&in, a, out);

	packet_in_done(&in);
	return good;
}
