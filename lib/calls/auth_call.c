/* auth_call.c - asking auth, both ends; and the start of a session */

#include "calls/auth_call.h"

#include "base/secret.h"
#include "calls/park_call.h"
#include "ipc/packet.h"
#include "os/file.h"

enum { MESSAGE_MAX = 4096, SEAL_MAX = 100, FINGERPRINT_MAX = 300 };
enum { NAME_MAX_BYTES = 512, INPUT_MAX = 16384, PATH_MAX_BYTES = 4096 };

static bool
is_call(const struct packet_in *in, const char *name)
{
	return !in->bad && span_is(in->call, name);
}

static void
scram_put(struct packet_out *o, const struct auth_scram *s)
{
	packet_bytes(o, "client_first", s->client_first);
	packet_bytes(o, "server_first", s->server_first);
	packet_bytes(o, "client_final", s->client_final);
	packet_bytes(o, "seal", s->seal);
}

static void
scram_get(struct packet_in *in, struct auth_scram *s)
{
	s->client_first = packet_in_bytes(in, "client_first", MESSAGE_MAX);
	s->server_first = packet_in_bytes(in, "server_first", MESSAGE_MAX);
	s->client_final = packet_in_bytes(in, "client_final", MESSAGE_MAX);
	s->seal = packet_in_bytes(in, "seal", SEAL_MAX);
}

static void
certificate_put(struct packet_out *o, const struct auth_certificate *c)
{
	packet_str(o, "fingerprint", c->fingerprint);
	packet_str(o, "key_fingerprint", c->key_fingerprint);
	packet_bytes(o, "subject", c->subject);
}

static void
certificate_get(struct packet_in *in, struct auth_certificate *c)
{
	c->fingerprint = packet_in_str(in, "fingerprint", FINGERPRINT_MAX);
	c->key_fingerprint =
	    packet_in_str(in, "key_fingerprint", FINGERPRINT_MAX);
	c->subject = packet_in_bytes(in, "subject", NAME_MAX_BYTES);
}

static void
check_put(struct packet_out *o, const struct auth_check *c)
{
	packet_str(o, "service", c->service);
	packet_num(o, "proof", c->proof);
	packet_str(o, "mechanism", c->mechanism);
	packet_bytes(o, "user", c->user);
	packet_bytes(o, "authzid", c->authzid);
	packet_bytes(o, "secret", c->secret);
	if (c->proof == PROOF_SCRAM)
		scram_put(o, &c->scram);
	if (c->proof == PROOF_EXTERNAL)
		certificate_put(o, &c->certificate);
	packet_str(o, "client_addr", c->client_addr);
	packet_num(o, "client_port", c->client_port);
	packet_num(o, "tls", c->tls);
}

static void
check_get(struct packet_in *in, struct auth_check *c)
{
	c->service = packet_in_str(in, "service", 20);
	c->proof = (enum auth_proof)packet_in_num(in, "proof", PROOF_TOKEN);
	c->mechanism = packet_in_str(in, "mechanism", 40);
	c->user = packet_in_bytes(in, "user", NAME_MAX_BYTES);
	c->authzid = packet_in_bytes(in, "authzid", NAME_MAX_BYTES);
	c->secret = packet_in_bytes(in, "secret",
	    c->proof == PROOF_TOKEN ? SECRET_LONG_MAX : SECRET_MAX);
	c->scram = (struct auth_scram){ .seal = SPAN("") };
	c->certificate = (struct auth_certificate){ .subject = SPAN("") };
	if (c->proof == PROOF_SCRAM)
		scram_get(in, &c->scram);
	if (c->proof == PROOF_EXTERNAL)
		certificate_get(in, &c->certificate);
	c->client_addr = packet_in_str(in, "client_addr", 64);
	c->client_port = (unsigned)packet_in_num(in, "client_port", 65535);
	c->tls = packet_in_bool(in, "tls");
}

void
auth_check_put(struct packet_out *o, const struct auth_check *c)
{
	packet_begin(o, "auth_check", 0);
	check_put(o, c);
}

bool
auth_check_get(struct packet_in *in, struct auth_check *out)
{
	if (!is_call(in, "auth_check"))
		return false;
	check_get(in, out);
	return packet_in_end(in);
}

/* One that need not be there: -1. */
static void
fd_put(struct packet_out *o, const char *name, int fd)
{
	if (fd != -1)
		packet_fd(o, fd);
	packet_num(o, name, fd != -1);
}

static int
fd_get(struct packet_in *in, const char *name)
{
	return packet_in_bool(in, name) ? packet_in_fd(in) : -1;
}

/* The client, and the socket for parking if there is one. */
static void
fds_put(struct packet_out *o, int fd, int park)
{
	packet_fd(o, fd);
	fd_put(o, "park", park);
}

static void
fds_get(struct packet_in *in, int *fd, int *park)
{
	*fd = packet_in_fd(in);
	*park = fd_get(in, "park");
}

static bool
fds_end(struct packet_in *in, int *fd, int *park)
{
	if (packet_in_end(in))
		return true;
	file_close(fd);
	file_close(park);
	return false;
}

void
auth_login_put(struct packet_out *o, const struct auth_check *c,
    const struct auth_handover *h)
{
	packet_begin(o, "auth_login", 0);
	fds_put(o, h->fd, h->park);
	check_put(o, c);
	packet_str(o, "tag", h->tag);
	packet_bytes(o, "input", h->input);
	packet_str(o, "local_addr", h->local_addr);
	packet_str(o, "via", h->via);
}

bool
auth_login_get(
    struct packet_in *in, struct auth_check *c, struct auth_handover *h)
{
	h->fd = h->park = -1;
	if (!is_call(in, "auth_login"))
		return false;
	fds_get(in, &h->fd, &h->park);
	check_get(in, c);
	h->tag = packet_in_str(in, "tag", NAME_MAX_BYTES);
	h->input = packet_in_bytes(in, "input", INPUT_MAX);
	h->local_addr = packet_in_str(in, "local_addr", 64);
	h->via = packet_in_str(in, "via", 20);
	return fds_end(in, &h->fd, &h->park);
}

void
auth_rejoin_put(struct packet_out *o, const struct auth_rejoin *r)
{
	packet_begin(o, "auth_rejoin", 0);
	fds_put(o, r->fd, r->park);
	packet_bytes(o, "pass", r->pass);
	packet_bytes(o, "state", r->state);
	fd_put(o, "watch", r->watch);
}

bool
auth_rejoin_get(struct packet_in *in, struct auth_rejoin *out)
{
	out->fd = out->park = out->watch = -1;
	if (!is_call(in, "auth_rejoin"))
		return false;
	fds_get(in, &out->fd, &out->park);
	out->pass = packet_in_bytes(in, "pass", PARK_PASS_MAX);
	out->state = packet_in_bytes(in, "state", PARK_STATE_MAX);
	out->watch = fd_get(in, "watch");
	if (fds_end(in, &out->fd, &out->park))
		return true;
	file_close(&out->watch);
	return false;
}

static void
user_put(struct packet_out *o, const struct auth_user *u)
{
	packet_num(o, "verdict", u->verdict);
	packet_str(o, "user", u->user);
	packet_str(o, "text", u->text);
	packet_bytes(o, "signature", u->signature);
}

static void
user_get(struct packet_in *in, struct auth_user *out)
{
	out->verdict =
	    (enum auth_verdict)packet_in_num(in, "verdict", AUTH_LIMIT);
	out->user = packet_in_str(in, "user", NAME_MAX_BYTES);
	out->text = packet_in_str(in, "text", 1000);
	out->signature = packet_in_bytes(in, "signature", MESSAGE_MAX);
}

void
auth_user_put(struct packet_out *o, uint32_t id, const struct auth_user *u)
{
	packet_begin(o, "auth_user", id);
	user_put(o, u);
}

bool
auth_user_get(struct packet_in *in, struct auth_user *out)
{
	out->verdict = AUTH_TROUBLE;
	if (!is_call(in, "auth_user"))
		return false;
	user_get(in, out);
	return packet_in_end(in);
}

void
auth_scram_put(struct packet_out *o, const struct auth_scram_ask *a)
{
	packet_begin(o, "auth_scram", 0);
	packet_str(o, "service", a->service);
	packet_bytes(o, "user", a->user);
	packet_bytes(o, "nonce", a->nonce);
	packet_str(o, "client_addr", a->client_addr);
}

bool
auth_scram_get(struct packet_in *in, struct auth_scram_ask *out)
{
	if (!is_call(in, "auth_scram"))
		return false;
	out->service = packet_in_str(in, "service", 20);
	out->user = packet_in_bytes(in, "user", NAME_MAX_BYTES);
	out->nonce = packet_in_bytes(in, "nonce", NAME_MAX_BYTES);
	out->client_addr = packet_in_str(in, "client_addr", 64);
	return packet_in_end(in);
}

void
auth_challenge_put(
    struct packet_out *o, uint32_t id, const struct auth_challenge *c)
{
	packet_begin(o, "auth_challenge", id);
	packet_num(o, "verdict", c->verdict);
	packet_bytes(o, "server_first", c->server_first);
	packet_bytes(o, "seal", c->seal);
	packet_str(o, "text", c->text);
}

bool
auth_challenge_get(struct packet_in *in, struct auth_challenge *out)
{
	out->verdict = AUTH_TROUBLE;
	if (!is_call(in, "auth_challenge"))
		return false;
	out->verdict =
	    (enum auth_verdict)packet_in_num(in, "verdict", AUTH_LIMIT);
	out->server_first = packet_in_bytes(in, "server_first", MESSAGE_MAX);
	out->seal = packet_in_bytes(in, "seal", SEAL_MAX);
	out->text = packet_in_str(in, "text", 1000);
	return packet_in_end(in);
}

void
auth_offers_put(struct packet_out *o)
{
	packet_begin(o, "auth_offers", 0);
}

bool
auth_offers_get(struct packet_in *in)
{
	return is_call(in, "auth_offers") && packet_in_end(in);
}

void
auth_offers_answer_put(struct packet_out *o, uint32_t id, bool scram)
{
	packet_begin(o, "auth_offers_answer", id);
	packet_num(o, "scram", scram);
}

bool
auth_offers_answer_get(struct packet_in *in, bool *scram)
{
	*scram = false;
	if (!is_call(in, "auth_offers_answer"))
		return false;
	*scram = packet_in_bool(in, "scram");
	return packet_in_end(in);
}

void
auth_pbs_put(struct packet_out *o, struct span client_addr)
{
	packet_begin(o, "auth_pbs", 0);
	packet_str(o, "client_addr", client_addr);
}

bool
auth_pbs_get(struct packet_in *in, struct span *client_addr)
{
	if (!is_call(in, "auth_pbs"))
		return false;
	*client_addr = packet_in_str(in, "client_addr", 64);
	return packet_in_end(in);
}

void
auth_pbs_answer_put(struct packet_out *o, uint32_t id, bool listed)
{
	packet_begin(o, "auth_pbs_answer", id);
	packet_num(o, "listed", listed);
}

bool
auth_pbs_answer_get(struct packet_in *in, bool *listed)
{
	*listed = false;
	if (!is_call(in, "auth_pbs_answer"))
		return false;
	*listed = packet_in_bool(in, "listed");
	return packet_in_end(in);
}

void
auth_greylist_put(struct packet_out *o, const struct auth_greylist *g)
{
	packet_begin(o, "auth_greylist", 0);
	packet_str(o, "network", g->network);
	packet_str(o, "triple", g->triple);
	packet_num(o, "delay", (uint64_t)g->delay);
	packet_num(o, "window", (uint64_t)g->window);
	packet_num(o, "lifetime", (uint64_t)g->lifetime);
	packet_num(o, "enough", (uint64_t)g->enough);
}

bool
auth_greylist_get(struct packet_in *in, struct auth_greylist *out)
{
	if (!is_call(in, "auth_greylist"))
		return false;
	out->network = packet_in_str(in, "network", 64);
	out->triple = packet_in_str(in, "triple", GREYLIST_KEY_MAX);
	out->delay = (int64_t)packet_in_num(in, "delay", GREYLIST_TIME_MAX);
	out->window = (int64_t)packet_in_num(in, "window", GREYLIST_TIME_MAX);
	out->lifetime =
	    (int64_t)packet_in_num(in, "lifetime", GREYLIST_TIME_MAX);
	out->enough = (int64_t)packet_in_num(in, "enough", INT32_MAX);
	return packet_in_end(in) && out->network.n > 0 && out->triple.n > 0;
}

void
auth_greylist_answer_put(
    struct packet_out *o, uint32_t id, const struct auth_greylist_answer *a)
{
	packet_begin(o, "auth_greylist_answer", id);
	packet_num(o, "verdict", a->verdict);
	packet_num(o, "seconds", (uint64_t)a->seconds);
}

bool
auth_greylist_answer_get(struct packet_in *in, struct auth_greylist_answer *out)
{
	if (!is_call(in, "auth_greylist_answer"))
		return false;
	out->verdict = (enum auth_greylist_verdict)packet_in_num(
	    in, "verdict", GREYLIST_KNOWN);
	out->seconds = (int64_t)packet_in_num(in, "seconds", INT64_MAX);
	return packet_in_end(in);
}

void
auth_ticket_put(struct packet_out *o, const struct auth_ticket *t)
{
	packet_begin(o, "auth_ticket", 0);
	packet_num(o, "end", t->end);
	packet_num(o, "check", t->check);
	packet_bytes(o, "user", t->user);
	packet_bytes(o, "secret", t->secret);
	packet_str(o, "client_addr", t->client_addr);
}

bool
auth_ticket_get(struct packet_in *in, struct auth_ticket *out)
{
	if (!is_call(in, "auth_ticket"))
		return false;
	out->end = packet_in_bool(in, "end");
	out->check = packet_in_bool(in, "check");
	out->user = packet_in_bytes(in, "user", NAME_MAX_BYTES);
	out->secret = packet_in_bytes(in, "secret", SECRET_MAX);
	out->client_addr = packet_in_str(in, "client_addr", 64);
	return packet_in_end(in);
}

void
auth_ticket_answer_put(struct packet_out *o, uint32_t id,
    const struct auth_user *u, struct span ticket)
{
	packet_begin(o, "auth_ticket_answer", id);
	user_put(o, u);
	packet_str(o, "ticket", ticket);
}

bool
auth_ticket_answer_get(
    struct packet_in *in, struct auth_user *u, struct span *ticket)
{
	u->verdict = AUTH_TROUBLE;
	if (!is_call(in, "auth_ticket_answer"))
		return false;
	user_get(in, u);
	*ticket = packet_in_str(in, "ticket", 100);
	return packet_in_end(in);
}

void
session_start_put(struct packet_out *o, const struct session_start *s)
{
	packet_begin(o, "session_start", 0);
	fds_put(o, s->fd, s->park);
	packet_str(o, "user", s->user);
	packet_num(o, "uid", s->uid);
	packet_num(o, "gid", s->gid);
	packet_str(o, "home", s->home);
	packet_str(o, "mail", s->mail);
	packet_str(o, "quota", s->quota);
	packet_str(o, "client_addr", s->client_addr);
	packet_num(o, "client_port", s->client_port);
	packet_str(o, "local_addr", s->local_addr);
	packet_str(o, "via", s->via);
	packet_num(o, "tls", s->tls);
	packet_str(o, "tag", s->tag);
	packet_bytes(o, "input", s->input);
	packet_bytes(o, "pass", s->pass);
	packet_bytes(o, "state", s->state);
	packet_str(o, "visitor", s->visitor);
	packet_str(o, "groups", s->groups);
	fd_put(o, "held", s->held);
	fd_put(o, "watch", s->watch);
}

bool
session_start_get(struct packet_in *in, struct session_start *out)
{
	out->fd = out->park = out->held = out->watch = -1;
	if (!is_call(in, "session_start"))
		return false;
	fds_get(in, &out->fd, &out->park);
	out->user = packet_in_str(in, "user", NAME_MAX_BYTES);
	out->uid = (uid_t)packet_in_num(in, "uid", UINT32_MAX - 1);
	out->gid = (gid_t)packet_in_num(in, "gid", UINT32_MAX - 1);
	out->home = packet_in_str(in, "home", PATH_MAX_BYTES);
	out->mail = packet_in_str(in, "mail", PATH_MAX_BYTES);
	out->quota = packet_in_str(in, "quota", NAME_MAX_BYTES);
	out->client_addr = packet_in_str(in, "client_addr", 64);
	out->client_port = (unsigned)packet_in_num(in, "client_port", 65535);
	out->local_addr = packet_in_str(in, "local_addr", 64);
	out->via = packet_in_str(in, "via", 20);
	out->tls = packet_in_bool(in, "tls");
	out->tag = packet_in_str(in, "tag", NAME_MAX_BYTES);
	out->input = packet_in_bytes(in, "input", INPUT_MAX);
	out->pass = packet_in_bytes(in, "pass", PARK_PASS_MAX);
	out->state = packet_in_bytes(in, "state", PARK_STATE_MAX);
	out->visitor = packet_in_str(in, "visitor", NAME_MAX_BYTES);
	out->groups = packet_in_str(in, "groups", SESSION_GROUPS_MAX);
	out->held = fd_get(in, "held");
	out->watch = fd_get(in, "watch");
	if (fds_end(in, &out->fd, &out->park))
		return true;
	file_close(&out->held);
	file_close(&out->watch);
	return false;
}
