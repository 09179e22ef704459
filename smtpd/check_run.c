/*
 * check_run.c - header_checks and body_checks: asked, and acted upon
 *
 * The client's bytes wait meanwhile, and no more of them is held than what was
 * read. Once it is decided the rest of the message is read, and not looked at.
 */

#include "smtpd/check_run.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/why.h"
#include "calls/checks_call.h"
#include "intake/check_act.h"
#include "intake/checks.h"
#include "intake/content.h"
#include "ipc/packet.h"
#include "smtpd/conf.h"
#include "smtpd/log.h"
#include "smtpd/policy.h"
#include "smtpd/session.h"
#include "smtpd/smtpd.h"

const struct checks_conf *
check_conf_milters(struct arena *a, const struct smtpd_conf *conf)
{
	struct checks_conf *c;

	if (conf->milter_header_checks[0] == '\0')
		return NULL;
	c = arena_alloc(a, sizeof(*c));
	c->wanted[CHECK_HEADER] = c->wanted[CHECK_MIME] = true;
	c->field_max = (size_t)conf->check.header_size_limit;
	c->line_max = (size_t)conf->check.line_length_limit;
	return c;
}

/* Those of the content that comes, or behind it of what milters made. */
static struct checks *
checks_of(const struct session *s)
{
	return s->mail->milter_checks != NULL
	    ? s->mail->milter_checks
	    : content_pending(s->mail->content);
}

static void
logged(void *arg, const char *action, const struct check_item *item,
    struct span text)
{
	event_check(arg, action, item, text);
}

static void
bcc(struct mail *m, struct span address)
{
	struct bcc **end;

	for (end = &m->bcc; *end != NULL; end = &(*end)->next)
		if (span_eq((*end)->address, address))
			return;
	*end = arena_alloc(m->arena, sizeof(**end));
	(*end)->address = address;
}

/* As if access tables had said it. */
static void
take(struct mail *m)
{
	const struct check_result *r = &m->checked;

	m->hold = m->hold || r->hold;
	if (r->redirect.n > 0)
		m->redirect = r->redirect;
	if (r->filter.n > 0)
		m->filter_to = r->filter;
	for (const struct check_bcc *b = r->bcc; b != NULL; b = b->next)
		bcc(m, b->address);
}

/* All are answered. */
static void
settle(struct session *s)
{
	struct mail *m = s->mail;
	struct check_actor a = { .qid = m->qid,
		.arena = m->arena,
		.checks = checks_of(s),
		.result = &m->checked,
		.logged = logged,
		.arg = s };

	check_act(&a);
	take(m);
	if (m->milter_checks != NULL)
		checks_settle(a.checks, NULL, &m->milter_edits);
	else
		content_checked(m->content);
	if (check_over(&m->checked))
		checks_stop(a.checks);
}

static void
hit(void *arg, uint32_t line, struct span value)
{
	checks_hit(arg, line, value);
}

static void ask(struct session *s);

static void
answered(struct session *s, struct packet_in *in)
{
	struct checks *c = checks_of(s);
	uint32_t done = 0;
	struct why why;

	why_init(&why);
	if (in == NULL || !checks_hits_get(in, hit, c, &done, &why) ||
	    why.outcome != DONE || done == 0) {
		log_warning("%s: header_checks or body_checks: look-up "
			    "problem -- message not accepted, try again later",
		    s->mail->qid);
		s->mail->checked.state = CHECKED_TROUBLE;
		checks_stop(c);
	} else {
		checks_done(c, done);
	}
	why_free(&why);
	ask(s);
}

static void
ask(struct session *s)
{
	const struct smtpd_conf *conf = s->smtpd->conf;
	bool milters = s->mail->milter_checks != NULL;
	/* by what is set for this service */
	const char *const tables[CHECK_TABLES] = {
		[CHECK_HEADER] = milters ? conf->milter_header_checks
					 : conf->check.header_checks,
		[CHECK_MIME] = milters ? conf->milter_header_checks
				       : conf->check.mime_header_checks,
		[CHECK_NESTED] = conf->check.nested_header_checks,
		[CHECK_BODY] = conf->check.body_checks,
	};
	struct checks *c = checks_of(s);
	void (*then)(struct session *) = s->checked;
	enum check_table table = CHECK_TABLES;
	struct packet_out o = { .fd_count = 0 };
	struct buf lines = BUF_EMPTY;

	if (c != NULL)
		table = checks_batch(c, CHECKS_LINES_MAX, &lines);
	if (table != CHECK_TABLES) {
		checks_lines_put(&o, span_str(tables[table]), buf_span(&lines));
		session_ask(s, s->smtpd->lookup, &o, answered);
		packet_done(&o);
	} else {
		if (c != NULL)
			settle(s);
		s->checked = NULL;
		then(s);
	}
	buf_free(&lines);
}

void
check_run(struct session *s, void (*then)(struct session *s))
{
	s->checked = then;
	ask(s);
}
