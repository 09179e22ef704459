/*
 * check_run.c - header_checks and body_checks: asked, and acted upon
 *
 * The client's bytes wait meanwhile, and no more of them is held than what was
 * read. The first REJECT or DISCARD decides; the rest of the message is read,
 * and not looked at.
 */

#include "message/address.h"

#include "smtpd/check_run.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/why.h"
#include "calls/checks_call.h"
#include "ipc/packet.h"
#include "message/header.h"
#include "smtpd/access.h"
#include "smtpd/check_action.h"
#include "smtpd/checks.h"
#include "smtpd/conf.h"
#include "smtpd/content.h"
#include "smtpd/log.h"
#include "smtpd/policy.h"
#include "smtpd/session.h"
#include "smtpd/smtpd.h"

enum { BCC_MAX = 100, EDITS_MAX = 16384 };

const struct checks_conf *
check_conf_new(struct arena *a, const struct smtpd_conf *conf)
{
	struct checks_conf *c = arena_alloc(a, sizeof(*c));

	c->wanted[CHECK_HEADER] = conf->header_checks[0] != '\0';
	c->wanted[CHECK_BODY] = conf->body_checks[0] != '\0';
	if (!conf->disable_mime_input_processing) {
		c->wanted[CHECK_MIME] = conf->mime_header_checks[0] != '\0';
		c->wanted[CHECK_NESTED] = conf->nested_header_checks[0] != '\0';
		c->depth_max = (unsigned)conf->mime_nesting_limit;
	}
	c->field_max = (size_t)conf->header_size_limit;
	c->line_max = (size_t)conf->line_length_limit;
	c->body_max = conf->body_checks_size_limit;
	for (unsigned i = 0; i < CHECK_TABLES; i++)
		if (c->wanted[i])
			return c;
	return NULL;
}

const struct checks_conf *
check_conf_milters(struct arena *a, const struct smtpd_conf *conf)
{
	struct checks_conf *c;

	if (conf->milter_header_checks[0] == '\0')
		return NULL;
	c = arena_alloc(a, sizeof(*c));
	c->wanted[CHECK_HEADER] = c->wanted[CHECK_MIME] = true;
	c->field_max = (size_t)conf->header_size_limit;
	c->line_max = (size_t)conf->line_length_limit;
	return c;
}

static bool
text_good(struct span text)
{
	return text.n > 0 && !span_has_break(text) &&
	    span_find(text, '\0') == text.n;
}

/* Those of the content that comes, or behind it of what milters made. */
static struct checks *
checks_of(const struct session *s)
{
	return s->mail->milter_checks != NULL
	    ? s->mail->milter_checks
	    : content_pending(s->mail->content);
}

/* What may stand in a header, where it is to. */
static bool
line_good(const struct check_item *item, struct span text)
{
	return text_good(text) &&
	    (item->table == CHECK_BODY ||
		header_name_valid(span_head(text, span_find(text, ':'))));
}

static void
trouble(struct session *s, struct span what)
{
	struct buf text = BUF_EMPTY;

	log_quote(&text, what, 200);
	log_warning("%s: %s: not understood in a table of checks", s->mail->qid,
	    buf_str(&text));
	buf_free(&text);
	s->mail->check = CHECKED_TROUBLE;
}

static void
reject(struct session *s, struct span text)
{
	struct mail *m = s->mail;
	struct span status;

	if (text.n == 0)
		text = SPAN("message content rejected");
	status = access_status_take(&text);
	m->check = CHECKED_REJECT;
	m->check_status =
	    arena_span_str(m->arena, status.n > 0 ? status : SPAN("5.7.1"));
	m->check_text = arena_span(m->arena, text);
}

static bool
address_good(struct span text)
{
	struct address_path path;

	return address_parse_path(text,
		   ADDRESS_BARE | ADDRESS_LONG_LOCAL | ADDRESS_LOOSE,
		   &path) == ADDRESS_OK;
}

static void
bcc(struct mail *m, struct span address)
{
	struct bcc **end;
	unsigned n = 0;

	for (end = &m->bcc; *end != NULL; end = &(*end)->next)
		if (span_eq((*end)->address, address) || ++n == BCC_MAX)
			return;
	*end = arena_alloc(m->arena, sizeof(**end));
	(*end)->address = arena_span(m->arena, address);
}

static void
change(struct session *s, struct check_item *item, enum check_change what,
    struct span text)
{
	struct mail *m = s->mail;

	if (what != CHECK_DROP && !line_good(item, text)) {
		trouble(s, text);
		return;
	}
	m->check_edits += item->top ? text.n + 16 : 0;
	if (m->check_edits > EDITS_MAX) {
		log_warning("%s: too many changes of the header", m->qid);
		m->check = CHECKED_TROUBLE;
		return;
	}
	item->change = what;
	checks_with(checks_of(s), item, text);
}

static void
act(struct session *s, struct check_item *item)
{
	struct check_action a;
	struct mail *m = s->mail;

	check_action_parse(item->value, &a);
	if (a.logged != NULL)
		event_check(s, a.logged, item, a.text);
	switch (a.verb) {
	case VERB_REJECT:
		reject(s, a.text);
		break;
	case VERB_DISCARD:
		m->check = CHECKED_DISCARD;
		break;
	case VERB_HOLD:
		m->hold = true;
		break;
	case VERB_IGNORE:
	case VERB_STRIP:
		change(s, item, CHECK_DROP, SPAN(""));
		break;
	case VERB_PREPEND:
		change(s, item, CHECK_PREPEND, a.text);
		break;
	case VERB_REPLACE:
		change(s, item, CHECK_REPLACE, a.text);
		break;
	case VERB_REDIRECT:
		if (address_good(a.text))
			m->redirect = arena_span(m->arena, a.text);
		else
			trouble(s, item->value);
		break;
	case VERB_BCC:
		if (address_good(a.text))
			bcc(m, a.text);
		else
			trouble(s, item->value);
		break;
	case VERB_FILTER:
		if (access_filter_good(a.text))
			m->filter = arena_span(m->arena, a.text);
		else
			trouble(s, item->value);
		break;
	case VERB_UNKNOWN:
		trouble(s, item->value);
		break;
	case VERB_DUNNO:
	case VERB_WARN:
	case VERB_INFO:
		break;
	}
}

/* All are answered. */
static void
settle(struct session *s)
{
	struct mail *m = s->mail;
	struct checks *c = checks_of(s);
	struct check_item *item;
	size_t at = 0;

	while (m->check == CHECKED_GOOD && (item = checks_next(c, &at)) != NULL)
		act(s, item);
	if (m->milter_checks != NULL)
		checks_settle(c, NULL, &m->milter_edits);
	else
		content_checked(m->content);
	if (m->check != CHECKED_GOOD)
		checks_stop(c);
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
		s->mail->check = CHECKED_TROUBLE;
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
		[CHECK_HEADER] =
		    milters ? conf->milter_header_checks : conf->header_checks,
		[CHECK_MIME] = milters ? conf->milter_header_checks
				       : conf->mime_header_checks,
		[CHECK_NESTED] = conf->nested_header_checks,
		[CHECK_BODY] = conf->body_checks,
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
