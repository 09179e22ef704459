/* proxy_call.c - a client whose mail is on another host, both ends */

#include "calls/proxy_call.h"

#include "base/secret.h"
#include "ipc/packet.h"
#include "os/file.h"

void
auth_proxy_put(struct packet_out *o, uint32_t id, const struct auth_proxy *p)
{
	const struct proxy_target *t = &p->target;

	packet_begin(o, "auth_proxy", id);
	packet_str(o, "user", p->user);
	packet_num(o, "checked", p->checked);
	packet_num(o, "shown", p->shown);
	packet_str(o, "host", t->host);
	packet_num(o, "port", t->port);
	packet_num(o, "tls", t->tls);
	packet_num(o, "wrapper", t->wrapper);
	packet_str(o, "name", t->name);
	packet_str(o, "login", t->user);
	packet_str(o, "master", t->master);
	packet_bytes(o, "password", t->password);
	packet_num(o, "separator", (unsigned char)t->separator);
	packet_num(o, "facts", t->facts);
	packet_num(o, "header", t->header);
	packet_fd(o, p->fd);
	packet_num(o, "held", p->held != -1);
	if (p->held != -1)
		packet_fd(o, p->held);
}

bool
auth_proxy_get(struct packet_in *in, struct auth_proxy *out)
{
	struct proxy_target *t = &out->target;

	out->fd = out->held = -1;
	if (in->bad || !span_is(in->call, "auth_proxy"))
		return false;
	out->user = packet_in_str(in, "user", PROXY_NAME_MAX);
	out->checked = packet_in_bool(in, "checked");
	out->shown = packet_in_bool(in, "shown");
	*t = (struct proxy_target){ .local = false };
	t->host = packet_in_str(in, "host", PROXY_HOST_MAX);
	t->port = (uint16_t)packet_in_num(in, "port", UINT16_MAX);
	t->tls = (enum proxy_tls)packet_in_num(in, "tls", PROXY_TLS_VERIFY);
	t->wrapper = packet_in_bool(in, "wrapper");
	t->name = packet_in_str(in, "name", PROXY_HOST_MAX);
	t->user = packet_in_str(in, "login", PROXY_NAME_MAX);
	t->master = packet_in_str(in, "master", PROXY_NAME_MAX);
	t->password = packet_in_bytes(in, "password", SECRET_MAX);
	t->separator = (char)packet_in_num(in, "separator", 255);
	t->facts = packet_in_bool(in, "facts");
	t->header = (unsigned)packet_in_num(in, "header", 2);
	out->fd = packet_in_fd(in);
	if (packet_in_bool(in, "held"))
		out->held = packet_in_fd(in);
	if (packet_in_end(in))
		return true;
	file_close(&out->fd);
	file_close(&out->held);
	return false;
}

void
auth_proxied_put(struct packet_out *o, const struct auth_proxied *p)
{
	packet_begin(o, "auth_proxied", 0);
	packet_str(o, "service", p->service);
	packet_bytes(o, "user", p->user);
	packet_str(o, "client_addr", p->client_addr);
	packet_num(o, "good", p->good);
}

bool
auth_proxied_get(struct packet_in *in, struct auth_proxied *out)
{
	if (in->bad || !span_is(in->call, "auth_proxied"))
		return false;
	out->service = packet_in_str(in, "service", 20);
	out->user = packet_in_bytes(in, "user", PROXY_NAME_MAX);
	out->client_addr = packet_in_str(in, "client_addr", 64);
	out->good = packet_in_bool(in, "good");
	return packet_in_end(in);
}
