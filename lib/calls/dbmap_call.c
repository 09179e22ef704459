/* dbmap_call.c - asking databases, both ends */

#include "calls/dbmap_call.h"

#include "calls/why_call.h"
#include "ipc/packet.h"

enum { TYPE_MAX = 16, NAME_MOST = 4096, CONF_MAX = 28000 };

void
dbmap_start_put(struct packet_out *o, int fd)
{
	packet_begin(o, "dbmap_start", 0);
	packet_fd(o, fd);
}

bool
dbmap_start_get(struct packet_in *in, int *fd)
{
	if (in->bad || !span_is(in->call, "dbmap_start"))
		return false;
	*fd = packet_in_fd(in);
	return packet_in_end(in);
}

void
dbmap_ask_put(struct packet_out *o, uint32_t id, const struct dbmap_ask *a)
{
	packet_begin(o, "dbmap_ask", id);
	packet_str(o, "type", a->type);
	packet_str(o, "name", a->name);
	packet_str(o, "conf", a->conf);
	packet_str(o, "key", a->key);
	if (a->key.n > DBMAP_KEY_MAX || a->name.n > NAME_MOST)
		o->bad = true;
}

bool
dbmap_ask_get(struct packet_in *in, struct dbmap_ask *a)
{
	if (in->bad || !span_is(in->call, "dbmap_ask"))
		return false;
	a->type = packet_in_str(in, "type", TYPE_MAX);
	a->name = packet_in_str(in, "name", NAME_MOST);
	a->conf = packet_in_str(in, "conf", CONF_MAX);
	a->key = packet_in_str(in, "key", DBMAP_KEY_MAX);
	return packet_in_end(in) && a->key.n > 0 && a->type.n > 0;
}

void
dbmap_value_put(struct packet_out *o, uint32_t id, const struct dbmap_value *v)
{
	packet_begin(o, "dbmap_value", id);
	packet_num(o, "found", v->found);
	packet_num(o, "more", v->more);
	packet_str(o, "value", v->value);
	why_put(o, &v->why);
}

bool
dbmap_value_get(struct packet_in *in, struct dbmap_value *v)
{
	if (in->bad || !span_is(in->call, "dbmap_value"))
		return false;
	v->found = packet_in_bool(in, "found");
	v->more = packet_in_bool(in, "more");
	v->value = packet_in_str(in, "value", DBMAP_PART_MAX);
	why_get(in, &v->why);
	return packet_in_end(in) && (v->found || !v->more) &&
	    (!v->found || v->why.outcome == DONE) && v->why.outcome != BOUNCE;
}
