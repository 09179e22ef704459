/* start_call.c - between master and its children, both ends */

#include "calls/start_call.h"

#include "base/arena.h"
#include "ipc/packet.h"

enum { PATH_MAX_BYTES = 4096, VALUE_MAX = 16384 };

void
start_put(struct packet_out *o, const struct start_call *s)
{
	packet_begin(o, "start", 0);
	packet_str(o, "name", s->name);
	packet_str(o, "transport", s->transport);
	packet_str(o, "config_dir", s->config_dir);
	packet_str(o, "queue_dir", s->queue_dir);
	packet_str(o, "jail", s->jail);
	packet_str(o, "sockets", s->sockets);
	packet_num(o, "uid", s->uid);
	packet_num(o, "gid", s->gid);
	packet_num(o, "log_is_file", s->log_is_file);
	packet_num(o, "metrics", s->metrics != -1);
	if (s->metrics != -1)
		packet_fd(o, s->metrics);
	packet_num(o, "verbose", s->verbose);
	packet_num(o, "process_limit", s->process_limit);
	packet_num(o, "listeners", s->listener_count);
	for (size_t i = 0; i < s->listener_count; i++) {
		packet_str(o, "label", s->listeners[i].label);
		packet_num(o, "inet", s->listeners[i].inet);
		packet_num(o, "stream", s->listeners[i].stream);
	}
	packet_num(o, "overrides", s->override_count);
	for (size_t i = 0; i < s->override_count; i++)
		packet_str(o, "set", s->overrides[i]);
}

static void
lists_get(struct packet_in *in, struct arena *a, struct start_call *out)
{
	struct start_listener *listeners;
	struct span *overrides;

	out->listener_count =
	    (size_t)packet_in_num(in, "listeners", START_LISTENERS_MAX);
	listeners = arena_array(a, out->listener_count, sizeof(*listeners));
	for (size_t i = 0; i < out->listener_count; i++) {
		listeners[i].label = packet_in_str(in, "label", 255);
		listeners[i].inet = packet_in_bool(in, "inet");
		listeners[i].stream = packet_in_bool(in, "stream");
	}
	out->listeners = listeners;
	out->override_count =
	    (size_t)packet_in_num(in, "overrides", START_OVERRIDES_MAX);
	overrides = arena_array(a, out->override_count, sizeof(*overrides));
	for (size_t i = 0; i < out->override_count; i++)
		overrides[i] = packet_in_str(in, "set", VALUE_MAX);
	out->overrides = overrides;
}

bool
start_get(struct packet_in *in, struct arena *a, struct start_call *out)
{
	if (in->bad || !span_is(in->call, "start"))
		return false;
	out->name = packet_in_str(in, "name", 255);
	out->transport = packet_in_str(in, "transport", 20);
	out->config_dir = packet_in_str(in, "config_dir", PATH_MAX_BYTES);
	out->queue_dir = packet_in_str(in, "queue_dir", PATH_MAX_BYTES);
	out->jail = packet_in_str(in, "jail", PATH_MAX_BYTES);
	out->sockets = packet_in_str(in, "sockets", PATH_MAX_BYTES);
	out->uid = (uid_t)packet_in_num(in, "uid", UINT32_MAX - 1);
	out->gid = (gid_t)packet_in_num(in, "gid", UINT32_MAX - 1);
	out->log_is_file = packet_in_bool(in, "log_is_file");
	out->metrics = packet_in_bool(in, "metrics") ? packet_in_fd(in) : -1;
	out->verbose = (unsigned)packet_in_num(in, "verbose", 9);
	out->process_limit =
	    (unsigned)packet_in_num(in, "process_limit", UINT32_MAX);
	lists_get(in, a, out);
	return packet_in_end(in);
}

void
start_ready_put(struct packet_out *o)
{
	packet_begin(o, "ready", 0);
}

bool
start_ready_get(struct packet_in *in)
{
	return span_is(in->call, "ready") && packet_in_end(in);
}

void
start_end_put(struct packet_out *o, bool stop)
{
	packet_begin(o, stop ? "stop" : "drain", 0);
}

bool
start_end_get(struct packet_in *in, bool *stop)
{
	*stop = span_is(in->call, "stop");
	return (*stop || span_is(in->call, "drain")) && packet_in_end(in);
}

void
start_wake_put(struct packet_out *o)
{
	packet_begin(o, "wake", 0);
}

bool
start_wake_get(struct packet_in *in)
{
	return span_is(in->call, "wake") && packet_in_end(in);
}
