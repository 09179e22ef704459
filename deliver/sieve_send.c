/*
 * sieve_send.c - messages whose header a Sieve script has changed (RFC 5293)
 */

#include "deliver/sieve_send.h"

#include "base/arena.h"
#include "base/buf.h"
#include "calls/delivery_call.h"
#include "deliver/box.h"
#include "deliver/command.h"
#include "deliver/conf.h"
#include "deliver/mail.h"
#include "message/header.h"
#include "rules/letter.h"
#include "rules/program.h"
#include "rules/vars.h"
#include "sieve/run.h"

enum { SEND_MS = 60000 };

void
sieve_send_text(
    struct span message, const struct sieve_action *a, struct buf *out)
{
	buf_add_span(out, a->head);
	buf_add_span(out, span_skip(message, a->tail));
}

enum outcome
sieve_send_spool(struct mail *m, struct span message,
    const struct sieve_action *a, struct why *why)
{
	const struct letter_how how = { .quote = true, .end_line = true };
	struct pieces p = { .count = 0 };
	struct buf text = BUF_EMPTY;
	struct letter *l;
	enum outcome got;

	buf_add_str(&text, m->from);
	buf_add_byte(&text, '\n');
	sieve_send_text(message, a, &text);
	l = letter_new(buf_span(&text), true);
	letter_render(l, &how, &p);
	got = box_append_spool(m, &p, why);
	if (got == DONE)
		why_set(why, "2.0.0", "delivered to mailbox");
	pieces_free(&p);
	letter_free(&l);
	buf_free(&text);
	return got;
}

/* Return-Path is for a mailbox; the next one gets its own. */
static void
add_fields(struct span head, struct pieces *out)
{
	struct header_field f;

	while (header_next(&head, &f))
		if (!span_iis(f.name, "Return-Path"))
			pieces_add(out, f.all);
}

bool
sieve_send_on(struct mail *m, struct span message, const struct sieve_action *a,
    struct why *why)
{
	struct vars *env = mail_environment(m);
	struct span sender = m->request->sender;
	char *argv[] = { arena_str(m->arena, m->place->conf->sendmail_path),
		arena_str(m->arena, "-oi"), arena_str(m->arena, "-f"),
		arena_span_str(m->arena, sender), arena_str(m->arena, "--"),
		arena_span_str(m->arena, a->text), NULL };
	struct program_limits limits;
	struct pieces input = { .count = 0 };
	struct program p = { .caller = "sieve",
		.argv = argv,
		.env = vars_environment(env, m->arena),
		.input = &input,
		.output_fd = -1,
		.error_fd = -1,
		.wait = true,
		.limit_ms = SEND_MS,
		.limits = &limits };

	command_limits(m, &limits);
	add_fields(a->head, &input);
	pieces_add(&input, span_skip(message, a->tail));
	program_run(&p);
	pieces_free(&input);
	vars_free(&env);
	if (!p.timed_out && !p.not_started && p.status == 0)
		return true;
	why_set(why, "4.3.0",
	    "a changed message cannot be redirected: the sendmail command "
	    "failed");
	return false;
}
