/*
 * milter_route.c - {mail_mailer}, {mail_host}, {rcpt_mailer} and {rcpt_host}
 *
 * As Postfix has them: transport and next hop of the address as it stands. What
 * replaces it is asked for by nobody yet, so an alias of ours is local. One
 * question for a sender; a recipient that the restrictions have looked up needs
 * none.
 */

#include "smtpd/milter_route.h"

#include "base/arena.h"
#include "base/why.h"
#include "calls/lookup_call.h"
#include "ipc/packet.h"
#include "smtpd/conf.h"
#include "smtpd/facts.h"
#include "smtpd/session.h"
#include "smtpd/smtpd.h"

static bool
names(const char *macros, const char *mailer, const char *host)
{
	struct span list = span_str(macros), word;

	while (span_word(&list, " ,\t\r\n", &word))
		if (span_is(word, mailer) || span_is(word, host))
			return true;
	return false;
}

static bool
is_wanted(const struct session *s, bool rcpt)
{
	const struct milter_params *m = &s->smtpd->conf->milter;

	return rcpt
	    ? names(m->milter_rcpt_macros, "{rcpt_mailer}", "{rcpt_host}")
	    : names(m->milter_mail_macros, "{mail_mailer}", "{mail_host}");
}

/* The restrictions know: nobody else needs to be asked. */
static bool
known(struct session *s, struct milter_route *out)
{
	const struct fact_route *f = fact_route_known(s, s->mail->rcpt);

	if (f == NULL || f->transport.n == 0)
		return false;
	out->transport = arena_span(s->mail->arena, f->transport);
	out->nexthop = arena_span(s->mail->arena, f->nexthop);
	return true;
}

static void
take(struct session *s, struct packet_in *in, struct milter_route *out)
{
	struct arena *a = s->mail->arena;
	struct lookup_route got = { .count = 0 };

	why_init(&got.why);
	if (in == NULL || !lookup_route_get(in, a, &got)) {
		/* a macro less */
	} else if (got.why.outcome == DONE && got.count == 1 && !got.expanded &&
	    got.targets[0].transport.n > 0) {
		out->transport = arena_span(a, got.targets[0].transport);
		out->nexthop = arena_span(a, got.targets[0].nexthop);
	} else if (got.class == CLASS_LOCAL) {
		out->transport = SPAN("local");
		out->nexthop = span_str(s->smtpd->conf->myhostname);
	}
	why_free(&got.why);
}

static void
go_on(struct session *s)
{
	void (*then)(struct session * s) = s->routed;

	s->routed = NULL;
	then(s);
}

static void
sender_came(struct session *s, struct packet_in *in)
{
	take(s, in, &s->mail->sender_route);
	go_on(s);
}

static void
rcpt_came(struct session *s, struct packet_in *in)
{
	take(s, in, &s->mail->rcpt_route);
	go_on(s);
}

bool
milter_route_ask(struct session *s, bool rcpt, void (*then)(struct session *s))
{
	struct mail *m = s->mail;
	struct packet_out o = { .fd_count = 0 };
	struct lookup_rcpt_request ask = {
		.verify_only = true, .final = true, .no_mappings = true
	};

	ask.address = rcpt ? m->rcpt : m->sender;
	if (rcpt)
		m->rcpt_route = (struct milter_route){ .transport = SPAN("") };
	if (ask.address.n == 0 || !is_wanted(s, rcpt) || s->call != NULL ||
	    (rcpt && known(s, &m->rcpt_route)))
		return false;
	s->routed = then;
	lookup_rcpt_put(&o, &ask);
	session_ask(s, s->smtpd->lookup, &o, rcpt ? rcpt_came : sender_came);
	packet_done(&o);
	return true;
}
