/*
 * local.c - a message that was made on this machine, told to milters whole
 */

#include "milter/local.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/must.h"
#include "calls/queue_call.h"
#include "message/address.h"
#include "milter/inside.h"

enum { VALUE_MAX = 200 };

struct milter_local {
	struct milter_local_request r;
	milter_done_fn *fn;
	void *arg;
	struct milters *milters;
	enum milter_event event; /* that is told */
	size_t rcpt_at;
	struct span first; /* recipient, also when the list is another one */
	bool telling; /* run() is at work: what comes meanwhile is its */
	bool next;
	bool ended;
	struct milter_verdict verdict;
};

static const char *
stage_name(enum milter_event e)
{
	static const char *const names[] = {
		[MILTER_ON_CONNECT] = "CONNECT",
		[MILTER_ON_HELO] = "HELO",
		[MILTER_ON_MAIL] = "MAIL",
		[MILTER_ON_RCPT] = "RCPT",
		[MILTER_ON_DATA] = "DATA",
		[MILTER_ON_UNKNOWN] = "UNKNOWN",
		[MILTER_ON_END] = "END-OF-MESSAGE",
	};

	return names[e];
}

static void
event_log(const struct milter_local *l, const char *action, struct span text)
{
	struct buf line = BUF_EMPTY;
	struct span to = l->event == MILTER_ON_RCPT
	    ? l->r.rcpts[l->rcpt_at].address
	    : l->first;

	log_quote(&line, text, VALUE_MAX);
	buf_add_str(&line, "; from=<");
	log_quote(&line, l->r.sender, VALUE_MAX);
	buf_add_byte(&line, '>');
	buf_add_str(&line, " to=<");
	log_quote(&line, to, VALUE_MAX);
	buf_add_byte(&line, '>');
	log_info_as("cleanup", "%s: %s: %s from localhost[127.0.0.1]: %s",
	    l->r.mail->qid, action, stage_name(l->event), buf_str(&line));
	buf_free(&line);
}

static void
verdict_log(const struct milter_local *l, const struct milter_verdict *v)
{
	struct buf text = BUF_EMPTY;

	if (v->fate == MILTER_REFUSE) {
		buf_printf(&text, "%s ", v->status);
		buf_add_span(&text, v->text);
		for (size_t i = 0; i < text.n; i++)
			if (text.p[i] == '\n')
				text.p[i] = ' ';
		event_log(l, "milter-reject", buf_span(&text));
	} else if (v->fate == MILTER_DROP) {
		event_log(l, "milter-discard",
		    SPAN("milter triggers DISCARD action"));
	} else if (l->r.mail->hold) {
		buf_add_str(&text, "milter triggers HOLD action: ");
		buf_add_span(&text, l->r.mail->hold_reason);
		event_log(l, "milter-hold", buf_span(&text));
	}
	buf_free(&text);
}

static struct span
address_of(const struct milter_local *l, bool sender)
{
	return sender ? l->r.sender : l->r.rcpts[l->rcpt_at].address;
}

static bool
is_of_rcpt(const struct milter_local *l)
{
	return l->event == MILTER_ON_RCPT && l->rcpt_at < l->r.rcpt_count;
}

static bool
host_put(struct span address, struct buf *out)
{
	struct span local, domain;

	if (!address_split(address, &local, &domain))
		return false;
	buf_add_span(out, domain);
	return domain.n > 0;
}

static bool
address_macro(const struct milter_local *l, struct span name, struct buf *out)
{
	bool sender = span_starts(name, "mail_");

	if ((sender ? l->event < MILTER_ON_MAIL : !is_of_rcpt(l)))
		return false;
	if (span_ends(name, "_host"))
		return host_put(address_of(l, sender), out);
	buf_add_span(out, address_of(l, sender));
	return out->n > 0;
}

static bool
macro(void *arg, struct span name, struct buf *out)
{
	const struct milter_local *l = arg;
	const struct {
		const char *name, *value;
	} rows[] = {
		{ "j", l->r.hostname },
		{ "i", l->r.mail->qid },
		{ "_", "localhost [127.0.0.1]" },
		{ "client_addr", "127.0.0.1" },
		{ "client_name", "localhost" },
		{ "client_ptr", "localhost" },
		{ "client_resolve", "OK" },
	};

	if (span_starts(name, "{") && span_ends(name, "}"))
		name = span_skip(span_head(name, name.n - 1), 1);
	if (span_is(name, "mail_addr") || span_is(name, "mail_host") ||
	    span_is(name, "rcpt_addr") || span_is(name, "rcpt_host"))
		return address_macro(l, name, out);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (span_is(name, rows[i].name)) {
			buf_add_str(out, rows[i].value);
			return true;
		}
	return false;
}

static struct span
bracketed(const struct milter_local *l, struct span address)
{
	return span_str(arena_printf(
	    l->r.mail->arena, "<%.*s>", (int)address.n, address.p));
}

static void told(void *arg, const struct milter_verdict *v);

static void
tell(struct milter_local *l)
{
	struct span words[2];
	struct milter_told t = { .event = l->event, .words = words };

	switch (l->event) {
	case MILTER_ON_CONNECT:
		words[t.count++] = SPAN("localhost");
		words[t.count++] = SPAN("127.0.0.1");
		t.family = 4;
		break;
	case MILTER_ON_HELO:
		words[t.count++] = SPAN("localhost");
		break;
	case MILTER_ON_MAIL:
		words[t.count++] = bracketed(l, l->r.sender);
		break;
	case MILTER_ON_RCPT:
		words[t.count++] = bracketed(l, l->r.rcpts[l->rcpt_at].address);
		break;
	case MILTER_ON_DATA:
	case MILTER_ON_UNKNOWN:
	case MILTER_ON_END:
		break;
	}
	milters_tell(l->milters, &t, told);
}

/* What comes behind what was told; false: nothing. */
static bool
advance(struct milter_local *l)
{
	switch (l->event) {
	case MILTER_ON_CONNECT:
		l->event = MILTER_ON_HELO;
		return true;
	case MILTER_ON_HELO:
		l->event = MILTER_ON_MAIL;
		return true;
	case MILTER_ON_MAIL:
		l->event =
		    l->r.rcpt_count > 0 ? MILTER_ON_RCPT : MILTER_ON_DATA;
		return true;
	case MILTER_ON_RCPT:
		if (++l->rcpt_at >= l->r.rcpt_count)
			l->event = MILTER_ON_DATA;
		return true;
	case MILTER_ON_DATA:
		l->event = MILTER_ON_END;
		return true;
	case MILTER_ON_UNKNOWN:
	case MILTER_ON_END:
		break;
	}
	return false;
}

static void
end(struct milter_local *l, const struct milter_verdict *v)
{
	verdict_log(l, v);
	l->fn(l->arg, v);
}

/* A list of thousands of recipients is no recursion. */
static void
run(struct milter_local *l)
{
	do {
		if (l->event == MILTER_ON_END) {
			milters_message(l->milters, l->r.mail, told);
			return;
		}
		l->next = false;
		l->telling = true;
		tell(l);
		l->telling = false;
	} while (l->next);
	if (l->ended)
		end(l, &l->verdict);
}

static void
told(void *arg, const struct milter_verdict *v)
{
	struct milter_local *l = arg;

	if (v->fate == MILTER_GO_ON && advance(l)) {
		l->next = true;
		if (!l->telling)
			run(l);
	} else if (l->telling) {
		l->ended = true;
		l->verdict = *v;
		l->verdict.text = arena_span(l->r.mail->arena, v->text);
	} else {
		end(l, v);
	}
}

struct milter_local *
milter_local_start(
    const struct milter_local_request *r, milter_done_fn *fn, void *arg)
{
	struct milter_local *l;
	struct milter_env env = {
		.loop = r->loop, .connector = r->connector, .macro = macro
	};

	must(milter_conf_count(r->conf) > 0);
	l = mem_new(sizeof(*l));
	env.arg = l;
	l->r = *r;
	if (r->rcpt_count > 0)
		l->first = arena_span(r->mail->arena, r->rcpts[0].address);
	l->fn = fn;
	l->arg = arg;
	l->milters = milters_new(r->conf, &env);
	run(l); /* it dials: nothing is answered as yet */
	return l;
}

void
milter_local_cancel(struct milter_local **lp)
{
	struct milter_local *l = *lp;

	if (l == NULL)
		return;
	milters_abort(l->milters);
	milters_free(&l->milters);
	free(l);
	*lp = NULL;
}
