/*
 * facts.c - what other services say, asked once and remembered
 *
 * A fact stands in a table by its question. It is made when it is first asked
 * for, and known once the answer came; a service that does not answer makes it
 * known too, as trouble.
 */

#include "smtpd/facts.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/must.h"
#include "base/table.h"
#include "calls/dns_call.h"
#include "calls/dns_filter.h"
#include "calls/verify_call.h"
#include "ipc/channel.h"
#include "ipc/packet.h"
#include "message/idn.h"
#include "smtpd/conf.h"
#include "smtpd/policy.h"
#include "smtpd/session.h"
#include "smtpd/smtpd.h"

enum { FACTS_KEPT = 200 };

struct fact {
	struct session *s;
	struct channel_call *call; /* the question is under way */
	bool known;
	enum dns_type type;
	struct fact_route route;
	struct fact_value value;
	struct fact_verified verified;
	struct fact_dns dns;
	struct fact_greylist greylist;
	struct dns_answer dns_answer;
	struct dns_filter *filter; /* of it, under way */
	struct span name; /* that was asked for */
};

struct facts {
	struct arena *arena;
	struct table *table;
};

static void
fact_forget(void *value)
{
	struct fact *fact = value;

	channel_cancel(&fact->call);
	dns_filter_cancel(&fact->filter);
}

void
facts_free(struct facts **f)
{
	if (*f == NULL)
		return;
	table_free(&(*f)->table, fact_forget);
	arena_free(&(*f)->arena);
	free(*f);
	*f = NULL;
}

void
facts_trim(struct facts **f)
{
	if (*f != NULL && table_count((*f)->table) > FACTS_KEPT)
		facts_free(f);
}

static struct facts *
facts_of(struct session *s)
{
	if (s->facts == NULL) {
		s->facts = mem_new(sizeof(*s->facts));
		s->facts->arena = arena_new();
		s->facts->table = table_new();
	}
	return s->facts;
}

static void
key_put(struct buf *key, const char *kind, struct span what)
{
	buf_add_str(key, kind);
	buf_add_byte(key, '\0');
	buf_add_span(key, what);
}

/* The fact of that question; *fresh when it has to be asked for. */
static struct fact *
fact_of(struct session *s, const char *kind, struct span what, bool *fresh)
{
	struct facts *f = facts_of(s);
	struct buf key = BUF_EMPTY;
	struct fact *fact;

	key_put(&key, kind, what);
	fact = table_get(f->table, buf_span(&key));
	*fresh = fact == NULL;
	if (fact == NULL) {
		fact = arena_alloc(f->arena, sizeof(*fact));
		fact->s = s;
		table_put(f->table, buf_span(&key), fact);
	}
	buf_free(&key);
	return fact;
}

static void
ask(struct fact *fact, struct channel *channel, struct packet_out *o,
    channel_fn *fn)
{
	must(!fact->known && fact->call == NULL);
	fact->call = channel_ask(channel, o, fn, fact);
	packet_done(o);
}

static struct fact *
answered(struct fact *fact)
{
	fact->call = NULL;
	fact->known = true;
	return fact;
}

/* The policy looks again: at the rule that wanted it, or at one that waits for
 * something else and will say so. fact may be gone after it. */
static void
known(struct fact *fact)
{
	struct session *s = fact->s;

	if (s->policy == NULL)
		return;
	policy_go_on(s);
	session_run(s);
}

static void
route_answered(void *arg, struct packet_in *in)
{
	struct fact *fact = answered(arg);
	struct arena *a = fact->s->facts->arena;
	struct lookup_route got = { .count = 0 };

	why_init(&got.why);
	fact->route.trouble = in == NULL || !lookup_route_get(in, a, &got);
	fact->route.class = got.class;
	fact->route.outcome = got.why.outcome;
	fact->route.status = arena_str(a, got.why.status);
	fact->route.text = arena_str(a, why_text(&got.why));
	if (got.why.outcome == DONE && got.count == 1 && !got.expanded) {
		fact->route.transport = arena_span(a, got.targets[0].transport);
		fact->route.nexthop = arena_span(a, got.targets[0].nexthop);
	}
	why_free(&got.why);
	known(fact);
}

const struct fact_route *
fact_route(struct session *s, struct span address)
{
	struct packet_out o = { .fd_count = 0 };
	struct lookup_rcpt_request request = { .address = address,
		.verify_only = true };
	bool fresh;
	struct fact *fact = fact_of(s, "route", address, &fresh);

	if (!fresh)
		return fact->known ? &fact->route : NULL;
	if (s->mail != NULL)
		request.sender = s->mail->sender;
	lookup_rcpt_put(&o, &request);
	ask(fact, s->smtpd->lookup, &o, route_answered);
	return NULL;
}

const struct fact_route *
fact_route_known(const struct session *s, struct span address)
{
	struct buf key = BUF_EMPTY;
	const struct fact *fact = NULL;

	key_put(&key, "route", address);
	if (s->facts != NULL)
		fact = table_get(s->facts->table, buf_span(&key));
	buf_free(&key);
	return fact != NULL && fact->known && !fact->route.trouble
	    ? &fact->route
	    : NULL;
}

static void
value_answered(void *arg, struct packet_in *in)
{
	struct fact *fact = answered(arg);
	struct span value;
	struct why why;
	bool found;

	why_init(&why);
	if (in == NULL || !lookup_value_get(in, &found, &value, &why) ||
	    (!found && why.outcome != DONE)) {
		fact->value.trouble = true;
	} else if (found) {
		fact->value.found = true;
		fact->value.value = arena_span(fact->s->facts->arena, value);
	}
	why_free(&why);
	known(fact);
}

static struct span
folded(struct arena *a, struct span key)
{
	char *copy = arena_span_str(a, key);

	for (size_t i = 0; i < key.n; i++)
		copy[i] = (char)ascii_lower((unsigned char)copy[i]);
	return span_of(copy, key.n);
}

const struct fact_value *
fact_value(struct session *s, const char *table, struct span key)
{
	struct packet_out o = { .fd_count = 0 };
	bool fresh;
	struct fact *fact;

	key = folded(facts_of(s)->arena, key);
	fact = fact_of(s, table, key, &fresh);
	if (!fresh)
		return fact->known ? &fact->value : NULL;
	lookup_map_put(&o, span_str(smtpd_table(s->smtpd, table)), key);
	ask(fact, s->smtpd->lookup, &o, value_answered);
	return NULL;
}

static void
dns_filtered(void *arg, const struct dns_answer *answer, bool emptied)
{
	struct fact *fact = answered(arg);

	(void)emptied; /* it is not known, then */
	fact->filter = NULL;
	fact->dns_answer = *answer;
	fact->dns.result = answer->result;
	known(fact);
}

static void
dns_answered(void *arg, struct packet_in *in)
{
	struct fact *fact = arg;
	struct session *s = fact->s;
	struct dns_filter_question q = { .lookup = s->smtpd->lookup,
		.tables = smtpd_table(s->smtpd, "smtpd_dns_reply_filter"),
		.name = fact->name,
		.type = fact->type,
		.answer = &fact->dns_answer,
		.arena = s->facts->arena };

	fact->call = NULL;
	fact->dns.result = DNS_TROUBLE;
	if (in != NULL &&
	    dns_answer_get(in, q.arena, fact->type, &fact->dns_answer)) {
		fact->dns.result = fact->dns_answer.result;
		fact->dns.answer = &fact->dns_answer;
	}
	if (s->smtpd->conf->smtpd_dns_reply_filter[0] != '\0' &&
	    fact->dns.result == DNS_FOUND && fact->dns_answer.count > 0)
		fact->filter = dns_filter_start(&q, dns_filtered, fact);
	else
		known(answered(fact));
}

const struct fact_dns *
fact_dns(struct session *s, enum dns_type type, struct span name)
{
	struct packet_out o = { .fd_count = 0 };
	struct buf ascii = BUF_EMPTY;
	bool fresh;
	struct fact *fact = fact_of(s, dns_type_name(type), name, &fresh);

	if (!fresh)
		return fact->known ? &fact->dns : NULL;
	fact->type = type;
	(void)idn_to_ascii(&ascii, name);
	if (ascii.n > 0)
		name = buf_span(&ascii);
	fact->name = arena_span(s->facts->arena, name);
	dns_ask_put(&o, name, type);
	buf_free(&ascii);
	ask(fact, s->smtpd->resolver, &o, dns_answered);
	return NULL;
}

static void
pbs_answered(void *arg, struct packet_in *in)
{
	struct fact *fact = answered(arg);

	fact->value.trouble =
	    in == NULL || !auth_pbs_answer_get(in, &fact->value.found);
	known(fact);
}

const struct fact_value *
fact_pbs(struct session *s)
{
	struct packet_out o = { .fd_count = 0 };
	struct span addr = span_str(s->client.addr);
	bool fresh;
	struct fact *fact = fact_of(s, "pbs", addr, &fresh);

	if (!fresh)
		return fact->known ? &fact->value : NULL;
	auth_pbs_put(&o, addr);
	ask(fact, s->smtpd->auth, &o, pbs_answered);
	return NULL;
}

static void
verify_answered(void *arg, struct packet_in *in)
{
	struct fact *fact = answered(arg);
	struct arena *a = fact->s->facts->arena;
	struct why why;

	why_init(&why);
	if (in == NULL || !verify_answer_get(in, &why))
		why_set(&why, "4.3.0", "Address verification problem");
	fact->verified.outcome = why.outcome;
	fact->verified.status = arena_str(a, why.status);
	fact->verified.text = arena_str(a, why_text(&why));
	why_free(&why);
	known(fact);
}

const struct fact_verified *
fact_verified(struct session *s, struct span address)
{
	struct packet_out o = { .fd_count = 0 };
	bool fresh;
	struct fact *fact = fact_of(s, "verify", address, &fresh);

	if (!fresh)
		return fact->known ? &fact->verified : NULL;
	verify_ask_put(&o, address);
	ask(fact, s->smtpd->verify, &o, verify_answered);
	return NULL;
}

static void
greylist_answered(void *arg, struct packet_in *in)
{
	struct fact *fact = answered(arg);

	fact->greylist.trouble =
	    in == NULL || !auth_greylist_answer_get(in, &fact->greylist.answer);
	known(fact);
}

const struct fact_greylist *
fact_greylist(struct session *s, const struct auth_greylist *question)
{
	struct packet_out o = { .fd_count = 0 };
	bool fresh;
	struct fact *fact = fact_of(s, "greylist", question->triple, &fresh);

	if (!fresh)
		return fact->known ? &fact->greylist : NULL;
	auth_greylist_put(&o, question);
	ask(fact, s->smtpd->auth, &o, greylist_answered);
	return NULL;
}
