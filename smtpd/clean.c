/*
 * clean.c - a message's addresses get their final form before it is queued
 *
 * lookup has the tables and does the work. Where none of them is set, and all
 * addresses are complete, nobody is asked.
 */

#include "smtpd/clean.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "calls/clean_call.h"
#include "calls/clean_job.h"
#include "config/overrides.h"
#include "intake/content.h"
#include "message/address.h"
#include "queue/edits.h"
#include "smtpd/conf.h"
#include "smtpd/policy.h"
#include "smtpd/session.h"
#include "smtpd/smtpd.h"

/* A question under way, or its answer; in the mail's arena. */
struct clean {
	struct session *s;
	struct clean_job *job;
	clean_done_fn *fn;
	struct buf edits;
};

bool
clean_is_local(const struct session *s)
{
	unsigned rewrite = s->smtpd->rewrite;

	return ((rewrite & REWRITE_OWN) != 0 && s->client.own) ||
	    ((rewrite & REWRITE_MYNETWORKS) != 0 && s->client.trusted) ||
	    ((rewrite & REWRITE_AUTHENTICATED) != 0 &&
		s->sasl_username != NULL);
}

bool
clean_wants_fields(const struct session *s)
{
	return clean_is_local(s) ||
	    s->smtpd->conf->remote_header_rewrite_domain[0] != '\0';
}

static void
rcpts_list(const struct mail *m, struct clean_request *r)
{
	struct span *rcpts = arena_array(m->arena, m->count, sizeof(*rcpts));

	for (size_t i = 0; i < m->count; i++)
		rcpts[i] = m->rcpts[i].address;
	r->rcpts = rcpts;
	r->rcpt_count = m->count;
}

static struct clean_request
request_make(struct session *s)
{
	struct mail *m = s->mail;
	struct clean_request r = { .sender = m->sender,
		.no_mappings =
		    (s->smtpd->overrides & NO_ADDRESS_MAPPINGS) != 0 };

	r.header = !clean_wants_fields(s) ? CLEAN_NONE
	    : clean_is_local(s)           ? CLEAN_LOCAL
					  : CLEAN_REMOTE;
	r.fields = content_addresses(m->content, &r.field_count);
	if (s->smtpd->rewrite_rcpts)
		rcpts_list(m, &r);
	return r;
}

/* Some address is not in its final form. */
static bool
is_unfinished(const struct mail *m, const struct clean_request *r)
{
	if (r->sender.n > 0 && address_is_unfinished(m->arena, r->sender))
		return true;
	for (size_t i = 0; i < r->field_count; i++)
		if (address_is_unfinished(m->arena, r->fields[i].value))
			return true;
	return false;
}

static void
copies_take(struct mail *m, const struct clean_answer *a)
{
	for (size_t i = 0; i < a->copy_count; i++) {
		struct bcc *b = arena_alloc(m->arena, sizeof(*b));

		b->address = arena_span(m->arena, a->copies[i]);
		b->next = m->bcc;
		m->bcc = b;
	}
}

static void
cleaned(void *arg, const struct clean_answer *a)
{
	struct clean *c = arg;
	struct session *s = c->s;
	struct refusal r = { .code = 451 };

	c->job = NULL;
	if (a->why.outcome == DONE) {
		s->mail->sender = arena_span(s->mail->arena, a->sender);
		for (size_t i = 0; i < a->edit_count; i++)
			edits_add(&c->edits, EDIT_REPLACE, a->edits[i].number,
			    a->edits[i].text);
		copies_take(s->mail, a);
	} else {
		memcpy(r.status, a->why.status, sizeof(r.status));
		buf_add_str(&r.text, "Error: queue file write error");
	}
	c->fn(s, a->why.outcome == DONE ? NULL : &r);
	buf_free(&r.text);
	session_run(s);
}

bool
clean_run(struct session *s, clean_done_fn *fn)
{
	struct mail *m = s->mail;
	struct clean_request r = request_make(s);

	if ((r.no_mappings || !s->smtpd->rewrite_always) &&
	    !is_unfinished(m, &r))
		return false;
	m->clean = arena_alloc(m->arena, sizeof(*m->clean));
	m->clean->s = s;
	m->clean->fn = fn;
	m->clean->job = clean_start(s->smtpd->lookup, &r, cleaned, m->clean);
	return true;
}

void
clean_edits(const struct mail *m, struct buf *edits)
{
	if (m->clean != NULL)
		buf_add_span(edits, buf_span(&m->clean->edits));
}

void
clean_end(struct mail *m)
{
	if (m->clean == NULL)
		return;
	clean_cancel(&m->clean->job);
	buf_free(&m->clean->edits);
}
