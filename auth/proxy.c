/*
 * proxy.c - users whose mail is on another host
 *
 * The tables are asked for the account's name in each of its spellings, then
 * for "@" and its domain. A table that fails, a value that cannot be read and a
 * host that cannot be reached are trouble: never a wrong password, and never a
 * mailbox here that is not the user's.
 */

#include "auth/proxy.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "auth/conf.h"
#include "auth/question.h"
#include "auth/sessions.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/secret.h"
#include "base/why.h"
#include "calls/dial_call.h"
#include "calls/lookup_call.h"
#include "calls/proxy_call.h"
#include "config/networks.h"
#include "ipc/channel.h"
#include "ipc/packet.h"
#include "os/file.h"
#include "os/sock.h"
#include "service/service.h"

enum { KEYS_MAX = ATTEMPT_NAMES + 1, INTERFACES_MAX = 64 };

struct proxied {
	struct question *question;
	struct arena *arena;
	const char *parameter;
	struct span keys[KEYS_MAX];
	size_t count, at;
	/* What is to be done when the user is here after all. */
	bool checked;
	bool shown; /* target.password is the client's own */
	struct attempt_result account;
	struct auth_check check;
	struct secret *secret; /* of check */
	struct buf value; /* the table's; target points there */
	struct proxy_target target;
	int fd, held;
};

void
proxied_free(struct proxied **pp)
{
	struct proxied *p = *pp;

	if (p == NULL)
		return;
	file_close(&p->fd);
	file_close(&p->held);
	secret_free(&p->secret);
	buf_wipe(&p->value);
	arena_free(&p->arena);
	mem_free(pp);
}

void
proxied_put(const struct question *q, struct packet_out *o)
{
	const struct proxied *p = q->proxied;

	auth_proxy_put(o, q->id,
	    &(struct auth_proxy){ .user = span_str(q->user),
		.checked = p->checked,
		.shown = p->shown,
		.target = p->target,
		.fd = p->fd,
		.held = p->held });
}

/* Of the webmail: not counted as a session. */
static bool
is_page(const struct question *q)
{
	return strcmp(q->service, "webmail") == 0;
}

static const char *
parameter_of(const struct question *q)
{
	const struct auth_conf *c = q->auth->conf;
	const struct {
		const char *service, *parameter, *maps;
	} rows[] = { { "imap", "imap_proxy_maps", c->imap_proxy_maps },
		{ "webmail", "imap_proxy_maps", c->imap_proxy_maps },
		{ "pop3", "pop3_proxy_maps", c->pop3_proxy_maps },
		{ "sieve", "sieve_proxy_maps", c->sieve_proxy_maps } };

	if (q->kind != ASK_LOGIN && q->kind != ASK_SHARE &&
	    q->kind != ASK_TICKET)
		return NULL;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(q->service, rows[i].service) == 0 &&
		    rows[i].maps[0] != '\0')
			return rows[i].parameter;
	return NULL;
}

static struct proxied *
proxied_new(struct question *q, const char *parameter, struct span user)
{
	struct proxied *p = mem_new(sizeof(*p));
	size_t at = span_rfind(user, '@');

	p->question = q;
	p->parameter = parameter;
	p->arena = arena_new();
	p->fd = p->held = -1;
	user = arena_span(p->arena, user);
	p->count = attempt_names(q->auth->conf, user, p->arena, p->keys);
	if (at < user.n)
		p->keys[p->count++] = span_skip(user, at);
	q->proxied = p;
	return p;
}

/* --- the end --- */

static void
trouble(struct proxied *p, const char *text)
{
	struct question *q = p->question;

	proxied_free(&q->proxied);
	question_refuse(q, AUTH_TROUBLE, text);
}

/* As if there were no table. */
static void
here(struct proxied *p)
{
	struct question *q = p->question;

	q->proxied = NULL;
	if (q->kind == ASK_SHARE)
		question_visit(q, &p->account);
	else if (q->kind == ASK_TICKET)
		question_ticket(q, p->account.user, false);
	else if (p->checked)
		question_here(q, &p->account);
	else
		question_attempt_here(q, &p->check);
	proxied_free(&p);
}

/* --- the connection --- */

static void
dialled(void *arg, struct packet_in *in)
{
	struct proxied *p = arg;
	struct question *q = p->question;
	struct why why;

	why_init(&why);
	if (in != NULL && dial_answer_get(in, &p->fd, &why) && p->fd != -1) {
		q->result.verdict = AUTH_OK;
		question_answer(q);
	} else {
		trouble(p,
		    in == NULL || why.outcome == DONE
			? "connector does not answer"
			: why_text(&why));
	}
	why_free(&why);
}

static uint16_t
port_of(const struct proxied *p)
{
	const char *service = p->question->service;

	if (p->target.port != 0)
		return p->target.port;
	if (strcmp(service, "sieve") == 0)
		return PROXY_SIEVE_PORT;
	if (strcmp(service, "pop3") == 0)
		return p->target.wrapper ? 995 : 110;
	return p->target.wrapper ? 993 : 143;
}

static void
dial(struct proxied *p)
{
	struct packet_out o = { .fd_count = 0 };
	struct address address;
	bool six = address_parse(p->target.host, 0, &address) &&
	    address_family(&address) == AF_INET6;
	struct buf text = BUF_EMPTY;

	p->target.port = port_of(p);
	buf_printf(&text, six ? "inet:[%.*s]:%u" : "inet:%.*s:%u",
	    (int)p->target.host.n, p->target.host.p, (unsigned)p->target.port);
	dial_put(&o, buf_span(&text));
	(void)channel_ask(service_channel("connector"), &o, dialled, p);
	packet_done(&o);
	buf_free(&text);
}

/* --- the answer of the table --- */

static bool
is_own_address(struct span host)
{
	struct network rows[INTERFACES_MAX];
	struct address address;
	size_t n;

	if (!address_parse(host, 0, &address))
		return false;
	n = networks_of_machine(rows, INTERFACES_MAX);
	for (size_t i = 0; i < n; i++)
		if (rows[i].family == address_family(&address) &&
		    span_eq(address_bytes(&address),
			span_of((const char *)rows[i].address,
			    rows[i].family == AF_INET ? 4 : 16)))
			return true;
	return false;
}

/* With one table for all hosts it names each of them. A port means another
 * instance of ours, or something else that listens here. */
static bool
is_here(const struct proxied *p)
{
	const struct auth_conf *conf = p->question->auth->conf;

	return p->target.local ||
	    (p->target.port == 0 &&
		(span_iis(p->target.host, conf->myhostname) ||
		    is_own_address(p->target.host)));
}

/* What is left here of an owner who has moved is not his mailbox. */
static void
owner_elsewhere(struct proxied *p)
{
	struct question *q = p->question;

	proxied_free(&q->proxied);
	q->result.verdict = AUTH_DENIED;
	buf_add_str(&q->text, "the owner's mail is on another host");
	question_answer(q);
}

/* A webmail user signs in, who is known: the pages to come log in there. */
static void
ticket_elsewhere(struct proxied *p)
{
	struct question *q = p->question;
	bool has = p->target.password.n > 0;

	if (!has && (q->word == NULL || q->master != NULL)) {
		trouble(p,
		    "no password that could be passed on was shown, and "
		    "imap_proxy_maps has none");
		return;
	}
	q->proxied = NULL;
	question_ticket(q, p->account.user, !has);
	proxied_free(&p);
}

/* One of those pages. False: its ticket is of the time when the mail was here;
 * with the next one it will go. */
static bool
page_begin(struct proxied *p)
{
	struct question *q = p->question;

	if (p->target.password.n > 0)
		return true;
	if (q->word == NULL)
		return false;
	p->target.password = secret_span(q->word);
	p->shown = true;
	return true;
}

/* It names the host of p->target. */
static void
elsewhere(struct proxied *p)
{
	struct question *q = p->question;
	struct session_of who = { span_str(q->service), span_str(q->user),
		span_str(q->client_addr) };
	const char *text;

	if (q->kind == ASK_SHARE) {
		owner_elsewhere(p);
		return;
	}
	if (q->kind == ASK_TICKET) {
		ticket_elsewhere(p);
		return;
	}
	if (is_page(q) && !page_begin(p)) {
		proxied_free(&q->proxied);
		q->result.verdict = AUTH_DENIED;
		question_answer(q);
		return;
	}
	/* nobody would look at the client's password */
	if (!p->checked && p->target.password.n > 0) {
		here(p);
		return;
	}
	if (p->target.password.n > 0 && p->target.user.n == 0)
		p->target.user = p->account.user;
	if (is_page(q)) {
		dial(p);
		return;
	}
	if (!sessions_full(q->auth->sessions, &who, &text)) {
		/* counted now: others come while the host is being reached */
		p->held = sessions_begin(q->auth->sessions, &who);
		dial(p);
		return;
	}
	proxied_free(&q->proxied);
	question_refuse(q, AUTH_LIMIT, text);
}

static void ask_next(struct proxied *p);

static void
found(struct proxied *p, struct span value)
{
	const char *error;

	buf_add_span(&p->value, value);
	if (!proxy_target_parse(&p->value, &p->target, &error)) {
		log_error("%s: the value of \"%.*s\": %s", p->parameter,
		    (int)p->keys[p->at - 1].n, p->keys[p->at - 1].p, error);
		trouble(p, "the table of other hosts cannot be read");
	} else if (is_here(p)) {
		here(p);
	} else {
		elsewhere(p);
	}
}

static void
told(void *arg, struct packet_in *in)
{
	struct proxied *p = arg;
	struct span value;
	struct why why;
	bool is_found = false;

	why_init(&why);
	if (in == NULL || !lookup_value_get(in, &is_found, &value, &why) ||
	    (!is_found && why.outcome != DONE)) {
		log_error("%s: %s", p->parameter,
		    in == NULL ? "lookup does not answer" : why_text(&why));
		trouble(p, "the table of other hosts cannot be asked");
	} else if (is_found) {
		found(p, value);
		/* it may hold a password */
		explicit_bzero(in->bytes.p, in->bytes.n);
	} else if (p->at < p->count) {
		ask_next(p);
	} else {
		here(p);
	}
	why_free(&why);
}

static void
ask_next(struct proxied *p)
{
	struct packet_out o = { .fd_count = 0 };

	lookup_map_put(&o, span_str(p->parameter), p->keys[p->at++]);
	(void)channel_ask(service_channel("lookup"), &o, told, p);
	packet_done(&o);
}

/* --- the beginning --- */

bool
proxy_begin(struct question *q, const struct attempt_result *r)
{
	const char *parameter = parameter_of(q);
	struct proxied *p;

	if (parameter == NULL)
		return false;
	p = proxied_new(q, parameter, r->user);
	p->checked = true;
	p->account = (struct attempt_result){ .verdict = r->verdict,
		.user = arena_span(p->arena, r->user),
		.home = arena_span(p->arena, r->home),
		.mail = arena_span(p->arena, r->mail),
		.quota = arena_span(p->arena, r->quota),
		.uid = r->uid,
		.gid = r->gid };
	ask_next(p);
	return true;
}

bool
proxy_begin_unchecked(struct question *q, const struct auth_check *c)
{
	const char *parameter = parameter_of(q);
	struct proxied *p;

	if (parameter == NULL || q->kind == ASK_TICKET ||
	    !q->auth->conf->proxy_unchecked ||
	    (c->proof != PROOF_PASSWORD && c->proof != PROOF_TOKEN) ||
	    c->user.n == 0 || span_has_break(c->user) ||
	    span_has_break(c->authzid) || span_has_break(c->secret))
		return false;
	p = proxied_new(q, parameter, c->user);
	p->secret = secret_new_long(c->secret);
	p->check = (struct auth_check){ .service = span_str(q->service),
		.proof = c->proof,
		.mechanism = arena_span(p->arena, c->mechanism),
		.user = arena_span(p->arena, c->user),
		.authzid = arena_span(p->arena, c->authzid),
		.secret = p->secret == NULL ? SPAN("") : secret_span(p->secret),
		.client_addr = span_str(q->client_addr),
		.client_port = q->client_port,
		.tls = q->tls };
	ask_next(p);
	return true;
}
