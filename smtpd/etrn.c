/*
 * etrn.c - ETRN (RFC 1985): mail that waits for a domain is tried now
 *
 * For whom is fast_flush_domains; who may ask is smtpd_etrn_restrictions. The
 * mail goes where it would go anyway, not to who asked.
 */

#include "message/address.h"

#include "base/arena.h"
#include "base/why.h"
#include "calls/showq_call.h"
#include "config/param.h"
#include "ipc/packet.h"
#include "smtpd/command.h"
#include "smtpd/conf.h"
#include "smtpd/facts.h"
#include "smtpd/policy.h"
#include "smtpd/session.h"
#include "smtpd/smtpd.h"
#include "wire/smtp_command.h"

static void
finish(struct session *s, enum reply which)
{
	struct buf name = BUF_EMPTY;

	buf_add_str(&name, s->etrn);
	s->etrn = NULL;
	arena_free(&s->etrn_arena);
	reply_with(s, which, buf_span(&name));
	buf_free(&name);
}

static void
flushed(struct session *s, struct packet_in *in)
{
	uint64_t count;
	struct why why;
	bool good;

	why_init(&why);
	good = in != NULL && showq_done_get(in, &count, &why) &&
	    why.outcome == DONE;
	why_free(&why);
	finish(s, good ? REPLY_ETRN_OK : REPLY_ETRN_TROUBLE);
}

static bool
parents_count(const struct smtpd_conf *conf)
{
	struct span rest = span_str(conf->parent_domain_matches_subdomains);
	struct span item;

	while (param_list_next(&rest, &item))
		if (span_is(item, "fast_flush_domains"))
			return true;
	return false;
}

/* "example.com", which may stand for what is below it, or ".example.com". */
static bool
matches(struct span item, struct span name, bool parents)
{
	struct span tail;

	if (span_ieq(item, name))
		return true;
	if (item.n >= name.n)
		return false;
	tail = span_skip(name, name.n - item.n);
	return span_ieq(tail, item) &&
	    (span_starts(item, ".") ||
		(parents && span_at(name, name.n - item.n - 1) == '.'));
}

/* Do we keep mail for that domain? */
static bool
is_served(const struct smtpd_conf *conf, struct span name)
{
	struct span rest = span_str(conf->fast_flush_domains), item;
	bool parents = parents_count(conf);

	while (param_list_next(&rest, &item))
		if (matches(item, name, parents))
			return true;
	return false;
}

static void
judged(struct session *s, const struct refusal *r)
{
	struct packet_out o = { .fd_count = 0 };
	struct buf site = BUF_EMPTY;

	if (r != NULL) {
		s->etrn = NULL;
		arena_free(&s->etrn_arena);
		reply_refusal(s, r);
		return;
	}
	if (!is_served(s->smtpd->conf, span_str(s->etrn))) {
		finish(s, REPLY_ETRN_REFUSED);
		return;
	}
	buf_printf(&site, "%s%s", s->etrn_below ? "@" : "", s->etrn);
	showq_flush_put(&o, SPAN(""), buf_span(&site));
	session_ask(s, s->smtpd->qmgr, &o, flushed);
	packet_done(&o);
	buf_free(&site);
}

void
cmd_etrn(struct session *s, const struct smtp_command *c)
{
	struct span name = c->arg;

	if (s->helo == NULL) {
		reply(s, REPLY_NEED_HELLO);
		return;
	}
	s->etrn_below = span_starts(name, "@"); /* RFC 1985, 5.3 */
	if (s->etrn_below)
		name = span_skip(name, 1);
	if (!address_domain_valid(name, ADDRESS_LOOSE) &&
	    !(span_starts(name, "[") && address_literal_valid(name))) {
		reply(s, REPLY_ETRN_BAD);
		return;
	}
	s->etrn_arena = arena_new();
	s->etrn = arena_span_str(s->etrn_arena, name);
	policy_run(s, POLICY_ETRN, judged);
}
