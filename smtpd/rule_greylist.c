/*
 * rule_greylist.c - check_greylist: mail of strangers has to come back (RFC
 * 6647)
 *
 * Programs that send spam seldom try again; mail servers do. Who is spared says
 * smtpd_greylist_exceptions, a list of restrictions gone through first. The
 * memory is auth's, one for all smtpd processes, or that of a server that
 * several hosts share. Where there is no answer the mail is let in.
 */

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/number.h"
#include "calls/auth_call.h"
#include "smtpd/conf.h"
#include "smtpd/facts.h"
#include "smtpd/grey_key.h"
#include "smtpd/rule.h"
#include "smtpd/session.h"
#include "smtpd/smtpd.h"

/* A list of its own below this rule: who passes it goes on behind the rule. */
enum verdict
rule_greylist(struct policy *p, const struct rule *r)
{
	const struct session *s = policy_session(p);

	(void)r;
	/* VRFY is no mail: who asks would not come back */
	if (s->mail == NULL || s->mail->rcpt.p == NULL ||
	    s->command == COUNT_VRFY)
		return NEXT;
	return policy_push_apart(p, &s->smtpd->rules->greylist)
	    ? NEXT
	    : policy_trouble(p, policy_about_stage(p));
}

/* Only those are asked to come back whom enough lists in the DNS know; whom
 * they like well is not. */
static bool
rank_spares(const struct session *s)
{
	const struct smtpd_conf *conf = s->smtpd->conf;
	int liked = conf->postscreen_dnsbl_allowlist_threshold;

	return (liked < 0 && s->dnsbl_rank <= liked) ||
	    s->dnsbl_rank < conf->smtpd_greylist_dnsbl_threshold;
}

static struct policy_about
about_rcpt(const struct policy *p)
{
	return (struct policy_about){ policy_session(p)->mail->rcpt,
		policy_class_rcpt };
}

static enum verdict
come_back(struct policy *p, int64_t seconds)
{
	return policy_refuse_about(p, about_rcpt(p), 450, "4.2.0",
	    arena_printf(policy_arena(p),
		"Greylisted, try again in %lld seconds", (long long)seconds));
}

static void
key_make(const struct session *s, struct span *network, struct span *triple)
{
	const struct smtpd_conf *conf = s->smtpd->conf;
	struct buf text = BUF_EMPTY;
	struct arena *a = s->mail->arena;

	grey_network(&text, span_of(s->client.bytes, s->client.bytes_n),
	    s->client.bytes_n == 16
		? (unsigned)conf->smtpd_greylist_ipv6_prefix_length
		: (unsigned)conf->smtpd_greylist_ipv4_prefix_length);
	*network = arena_span(a, buf_span(&text));
	buf_clear(&text);
	grey_key(&text, *network, s->mail->sender, s->mail->rcpt);
	*triple = arena_span(a, buf_span(&text));
	buf_free(&text);
}

/* The shared server's word: for how many seconds more. *done: it has spoken. */
static enum verdict
ask_others(struct policy *p, struct span triple, bool *done)
{
	struct session *s = policy_session(p);
	const struct fact_value *f =
	    fact_value(s, "smtpd_greylist_maps", triple);
	int64_t seconds = 0;

	if (f == NULL)
		return WAIT;
	*done = !f->trouble;
	if (!*done || !f->found)
		return NEXT;
	if (!number_parse_signed(
		span_trim(f->value), 0, GREYLIST_TIME_MAX, &seconds)) {
		log_warning("smtpd_greylist_maps: an answer that is no number "
			    "of seconds");
		*done = false;
	}
	return seconds > 0 ? come_back(p, seconds) : NEXT;
}

static enum verdict
ask_auth(struct policy *p, struct span network, struct span triple)
{
	struct session *s = policy_session(p);
	const struct smtpd_conf *conf = s->smtpd->conf;
	const struct auth_greylist ask = { .network = network,
		.triple = triple,
		.delay = conf->smtpd_greylist_delay,
		.window = conf->smtpd_greylist_retry_window,
		.lifetime = conf->smtpd_greylist_lifetime,
		.enough = conf->smtpd_greylist_client_count };
	const struct fact_greylist *f = fact_greylist(s, &ask);

	if (f == NULL)
		return WAIT;
	if (f->trouble) {
		log_warning("%s: the greylist does not answer: let in",
		    s->client.label);
		return NEXT;
	}
	switch (f->answer.verdict) {
	case GREYLIST_NEW:
	case GREYLIST_EARLY:
		return come_back(p, f->answer.seconds);
	case GREYLIST_PASSED:
		policy_note(p, "info",
		    arena_printf(policy_arena(p),
			"passed the greylist after %lld seconds",
			(long long)f->answer.seconds),
		    about_rcpt(p));
		break;
	case GREYLIST_KNOWN:
		break;
	}
	return NEXT;
}

enum verdict
rule_greylist_ask(struct policy *p, const struct rule *r)
{
	struct session *s = policy_session(p);
	struct span network, triple;
	enum verdict v = NEXT;
	bool done = false;

	(void)r;
	if (rank_spares(s))
		return NEXT;
	key_make(s, &network, &triple);
	if (s->smtpd->conf->smtpd_greylist_maps[0] != '\0')
		v = ask_others(p, triple, &done);
	return v != NEXT || done ? v : ask_auth(p, network, triple);
}
