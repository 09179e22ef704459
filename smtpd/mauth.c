/*
 * mauth.c - SPF, DKIM, DMARC and ARC of strangers' mail
 *
 * Signatures and digests are looked at as the content streams by; at its end
 * the DNS is asked, one question after the other: SPF's, then the keys, then
 * the policy of the author's domain. Whatever it says, there is an end to the
 * questions and to the time they take.
 */

#include "smtpd/mauth.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/arena.h"
#include "base/base64.h"
#include "base/log.h"
#include "base/mem.h"
#include "calls/dns_call.h"
#include "ipc/packet.h"
#include "mauth/arc.h"
#include "mauth/authres.h"
#include "mauth/dmarc.h"
#include "mauth/passage.h"
#include "mauth/spf.h"
#include "message/idn.h"
#include "os/clock.h"
#include "queue/edits.h"
#include "smtpd/conf.h"
#include "smtpd/log.h"
#include "smtpd/mauth_inside.h"
#include "smtpd/policy.h"
#include "smtpd/session.h"
#include "smtpd/smtpd.h"

enum { QUESTIONS_MAX = 100, LIMIT_MS = 60000, FORGED_MAX = 200 };

bool
mauth_is_ours(const struct session *s)
{
	return s->sasl_username != NULL || s->client.trusted;
}

static void
header(void *arg, const struct fields *f)
{
	struct mauth *m = arg;
	const struct mauth_conf *c = m->s->smtpd->mauth;

	if (c->dkim)
		dkim_begin(&m->dkim, f, m->bodies, m->arena);
	if (c->arc)
		arc_begin(&m->arc, f, m->bodies, m->arena);
}

static void
body(void *arg, struct span bytes)
{
	struct mauth *m = arg;

	bodies_feed(m->bodies, bytes);
}

bool
mauth_begin(struct session *s)
{
	static const struct passage_calls calls = { header, body };
	struct mauth *m;

	if (!s->smtpd->mauth->checks || mauth_is_ours(s))
		return false;
	m = s->mail->mauth = mem_new(sizeof(*m));
	m->s = s;
	m->arena = arena_new();
	m->bodies = bodies_new();
	m->passage = passage_new(&calls, m);
	return true;
}

void
mauth_feed(struct mail *m, struct span bytes)
{
	if (m->mauth != NULL)
		passage_feed(m->mauth->passage, bytes);
}

void
mauth_end(struct mail *m)
{
	struct mauth *a = m->mauth;

	mauth_sign_end(m);
	if (a == NULL)
		return;
	passage_free(&a->passage);
	bodies_free(&a->bodies);
	arena_free(&a->arena);
	buf_free(&a->results);
	buf_free(&a->edits);
	buf_free(&a->refusal.text);
	free(a);
	m->mauth = NULL;
}

static void
spf_begin(struct mauth *m)
{
	const struct session *s = m->s;
	struct buf sender = BUF_EMPTY;
	struct spf_want want = { .sender = s->mail->sender,
		.helo = span_str(s->helo),
		.receiver = span_str(s->smtpd->conf->myhostname),
		.now = clock_wall() };

	/* RFC 8616, 4: the domain as the DNS has it */
	if (idn_address_to_ascii(&sender, want.sender))
		want.sender = arena_span(m->arena, buf_span(&sender));
	buf_free(&sender);
	(void)address_parse(span_str(s->client.addr), 0, &want.ip);
	m->spf = spf_new(m->arena, &want);
}

static void
dmarc_start(struct mauth *m)
{
	m->author =
	    dmarc_author(passage_fields(m->passage), m->arena, &m->domain);
	if (m->author == DMARC_AUTHOR_ONE)
		dmarc_begin(&m->dmarc, m->domain, m->s->smtpd->mauth->suffixes);
	else
		m->dmarc.step = DMARC_OVER;
}

/* The next question, by who has one. */
static bool
question(struct mauth *m, enum dns_type *type, struct buf *name)
{
	const struct mauth_conf *c = m->s->smtpd->mauth;
	struct span asked;

	*type = DNS_TXT;
	m->asking = MAUTH_SPF;
	if (m->spf != NULL && spf_question(m->spf, type, &asked)) {
		buf_add_span(name, asked);
		return true;
	}
	*type = DNS_TXT;
	m->asking = MAUTH_DKIM;
	if (c->dkim && dkim_question(&m->dkim, name))
		return true;
	m->asking = MAUTH_ARC;
	if (c->arc && arc_question(&m->arc, name))
		return true;
	m->asking = MAUTH_DMARC;
	return c->dmarc && dmarc_question(&m->dmarc, name);
}

static void
answer_take(struct mauth *m, const struct dns_answer *answer)
{
	const struct fields *f = passage_fields(m->passage);

	switch (m->asking) {
	case MAUTH_SPF:
		spf_answer(m->spf, answer);
		break;
	case MAUTH_DKIM:
		dkim_answer(&m->dkim, f, answer, m->arena);
		break;
	case MAUTH_ARC:
		arc_answer(&m->arc, f, answer, m->arena);
		break;
	case MAUTH_DMARC:
		dmarc_answer(&m->dmarc, answer);
		break;
	}
}

/* Fields that say they are ours. */
static void
forged_find(struct mauth *m)
{
	const struct fields *f = passage_fields(m->passage);
	struct span ours = span_str(m->s->smtpd->conf->authserv_id);
	const struct field *field;
	struct buf id = BUF_EMPTY;
	size_t at = 0;

	while (
	    (field = fields_find(f, "Authentication-Results", &at)) != NULL) {
		buf_clear(&id);
		if (authres_id(field->value, &id) &&
		    span_ieq(buf_span(&id), ours) && ++m->forged <= FORGED_MAX)
			edits_add(&m->edits, EDIT_DELETE, field->number,
			    span_of("", 0));
	}
	buf_free(&id);
}

static void
dmarc_align(struct mauth *m)
{
	if (spf_result(m->spf) == SPF_PASS)
		dmarc_spf(&m->dmarc, spf_domain(m->spf));
	for (size_t i = 0; i < m->dkim.count; i++)
		if (m->dkim.checks[i].result == DKIM_PASS)
			dmarc_dkim(&m->dmarc, m->dkim.checks[i].sig.domain);
}

/* Is this one of those that pct= lets through? */
static unsigned
draw(void)
{
	unsigned char byte[2] = { 0, 0 };

	/* two bytes always come */
	(void)!getrandom(byte, sizeof(byte), 0);
	return (byte[0] * 256U + byte[1]) % 100;
}

static void
refuse(struct mauth *m, const char *status, struct span text)
{
	m->refusal.code = 550;
	memcpy(m->refusal.status, status, strlen(status) + 1);
	buf_add_span(&m->refusal.text, text);
}

/* What the author's domain wants, as far as we are told to do it. */
static void
dmarc_act(struct mauth *m)
{
	enum dmarc_policy most = m->s->smtpd->mauth->policy;
	enum dmarc_policy wanted = DMARC_POLICY_NONE;
	struct buf text = BUF_EMPTY;

	if (m->author == DMARC_AUTHOR_SEVERAL)
		wanted = DMARC_POLICY_REJECT;
	else if (dmarc_result(&m->dmarc) == DMARC_FAIL)
		wanted = dmarc_sampled(&m->dmarc, draw());
	m->disposed = wanted < most ? wanted : most;
	if (m->disposed == DMARC_POLICY_QUARANTINE)
		m->s->mail->hold = true;
	if (m->disposed != DMARC_POLICY_REJECT)
		return;
	if (m->author == DMARC_AUTHOR_SEVERAL) {
		refuse(m, "5.7.1",
		    SPAN("Error: the author's domain is not unique"));
	} else {
		buf_add_str(&text, "Error: message rejected by the policy of ");
		log_quote(&text, m->domain, 255);
		refuse(m, "5.7.26", buf_span(&text));
	}
	buf_free(&text);
}

static void
over(struct mauth *m)
{
	struct session *s = m->s;
	const struct mauth_conf *c = s->smtpd->mauth;
	mauth_done_fn *done = m->done;
	struct refusal r;

	if (c->dmarc) {
		dmarc_align(m);
		dmarc_act(m);
	}
	mauth_results(m);
	if (m->refusal.code == 0 && m->forged > FORGED_MAX)
		refuse(m, "5.7.1",
		    SPAN("Error: forged Authentication-Results fields"));
	if (m->refusal.code == 0 && passage_fields(m->passage)->cut)
		refuse(m, "5.3.4", SPAN("Error: message header too large"));
	if (m->refusal.code != 0) {
		struct buf line = BUF_EMPTY;

		buf_printf(&line, "550 %s %s", m->refusal.status,
		    buf_str(&m->refusal.text));
		event_policy(s, "reject", buf_span(&line));
		buf_free(&line);
	}
	/* it outlives the mail */
	r = m->refusal;
	m->refusal = (struct refusal){ .code = 0 };
	done(s, r.code == 0 ? NULL : &r);
	buf_free(&r.text);
}

static void next(struct mauth *m);

static void
answered(struct session *s, struct packet_in *in)
{
	struct mauth *m = s->mail->mauth;
	struct dns_answer answer = { .result = DNS_TROUBLE };

	if (in == NULL || !dns_answer_get(in, m->arena, m->type, &answer))
		answer = (struct dns_answer){ .result = DNS_TROUBLE };
	answer_take(m, &answer);
	next(m);
}

static void
next(struct mauth *m)
{
	static const struct dns_answer none = { .result = DNS_TROUBLE };
	struct packet_out o = { .fd_count = 0 };
	struct buf name = BUF_EMPTY;
	bool more;

	while ((more = question(m, &m->type, &name)) &&
	    (++m->questions > QUESTIONS_MAX || clock_ms() > m->deadline)) {
		answer_take(m, &none);
		buf_clear(&name);
	}
	if (more) {
		dns_ask_put(&o, buf_span(&name), m->type);
		session_ask(m->s, m->s->smtpd->resolver, &o, answered);
		packet_done(&o);
	}
	buf_free(&name);
	if (!more)
		over(m);
}

void
mauth_run(struct session *s, mauth_done_fn *done)
{
	struct mauth *m = s->mail->mauth;
	int64_t now = clock_wall();

	if (m == NULL) {
		done(s, NULL);
		return;
	}
	m->done = done;
	m->deadline = clock_ms() + LIMIT_MS;
	passage_end(m->passage);
	bodies_end(m->bodies);
	dkim_body(&m->dkim, m->bodies, now);
	arc_body(&m->arc, m->bodies, now);
	if (s->smtpd->mauth->spf)
		spf_begin(m);
	if (s->smtpd->mauth->dmarc)
		dmarc_start(m);
	forged_find(m);
	next(m);
}

void
mauth_edits(const struct mail *m, struct buf *edits)
{
	if (m->mauth == NULL)
		return;
	buf_add_span(edits, buf_span(&m->mauth->edits));
	edits_add(edits, EDIT_PREPEND, 0, buf_span(&m->mauth->results));
}
