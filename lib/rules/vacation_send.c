/*
 * vacation_send.c - one answer on its way: remembered, then given to sendmail
 *
 * Remembered first: a process killed in between costs an answer, and never
 * sends two.
 */

#include "rules/vacation_send.h"

#include <fcntl.h>
#include <sysexits.h>

#include "base/arena.h"
#include "base/buf.h"
#include "message/address.h"
#include "rules/letter.h"
#include "rules/program.h"

enum { SEND_MS = 60000 };

static bool
submit(struct arena *a, struct vacation_send *v)
{
	char *argv[] = { arena_str(a, v->sendmail), arena_str(a, "-oi"),
		arena_str(a, "-f"), arena_str(a, ""), arena_str(a, "--"),
		arena_span_str(a, v->to), NULL };
	struct pieces input = { .count = 0 };
	struct program p = { .caller = v->caller,
		.argv = argv,
		.env = v->env,
		.input = &input,
		.output_fd = v->error_fd,
		.error_fd = v->error_fd,
		.wait = true,
		.limit_ms = SEND_MS,
		.limits = v->limits };

	pieces_add(&input, v->message);
	program_run(&p);
	pieces_free(&input);
	v->status = p.timed_out || p.not_started ? EX_TEMPFAIL : p.status;
	return v->status == 0;
}

enum vacation_sent
vacation_send(struct arena *a, struct vacation_send *v)
{
	struct buf key = BUF_EMPTY;
	struct vacation_note note = { .dir = AT_FDCWD,
		.name = v->store,
		.now = v->now,
		.period = v->period };
	enum vacation_sent got = VACATION_SENT;

	address_normalise(&key, v->to, true);
	if (v->matter.n > 0) {
		buf_add_byte(&key, '\0');
		buf_add_span(&key, v->matter);
	}
	note.key = buf_span(&key);
	switch (vacation_note(&note)) {
	case VACATION_FRESH:
		if (submit(a, v))
			break;
		vacation_forget(&note);
		got = VACATION_NOT_SENT;
		break;
	case VACATION_SEEN:
		got = VACATION_SENT_BEFORE;
		break;
	case VACATION_TROUBLE:
		got = VACATION_NO_STORE;
		break;
	}
	buf_free(&key);
	return got;
}
