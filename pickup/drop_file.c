/* drop_file.c - the envelope lines of a file in maildrop/ */

#include "pickup/drop_file.h"

#include "base/arena.h"
#include "base/number.h"
#include "calls/queue_call.h"

enum { RCPTS_MAX = 10000, VALUE_MAX = 1024, ENVID_MAX = 100 };

static size_t
count_rcpts(struct span rest)
{
	struct span line;
	size_t n = 0;

	while (span_line(&rest, &line) && line.n > 0 && n < RCPTS_MAX)
		if (span_starts(line, "rcpt="))
			n++;
	return n;
}

/* notify holds for the recipients that follow. */
struct reader {
	struct drop_envelope *out;
	size_t room;
	int notify;
};

static bool
take_number(struct span name, struct span value, struct reader *r)
{
	int number;

	if (span_is(name, "notify"))
		return number_parse_int(value, 0, 15, &r->notify);
	if (span_is(name, "ret")) {
		if (!number_parse_int(value, 0, RET_HDRS, &number))
			return false;
		r->out->ret = (unsigned)number;
		return true;
	}
	if (!span_is(name, "flags") ||
	    !number_parse_int(value, 0, QUEUE_8BIT | QUEUE_SMTPUTF8, &number))
		return false;
	r->out->flags = (unsigned)number;
	return true;
}

static bool
take_line(struct span line, struct reader *r)
{
	struct drop_envelope *out = r->out;
	struct span name, value = line;

	if (!span_cut(&value, '=', &name) || value.p == NULL ||
	    value.n > VALUE_MAX || span_has_break(value))
		return false;
	if (span_is(name, "sender"))
		out->sender = value;
	else if (span_is(name, "full_name"))
		out->full_name = value;
	else if (span_is(name, "envid") && value.n <= ENVID_MAX)
		out->envid = value;
	else if (span_is(name, "verp") && value.n == QUEUE_VERP_MAX)
		out->verp = value;
	else if (span_is(name, "rcpt") && value.n > 0 &&
	    out->rcpt_count < r->room)
		out->rcpts[out->rcpt_count++] =
		    (struct queue_rcpt){ .address = value,
			    .notify = (unsigned)r->notify };
	else
		return take_number(name, value, r);
	return true;
}

bool
drop_envelope_parse(
    struct span front, struct arena *a, struct drop_envelope *out)
{
	struct span rest = front, line;
	struct reader r = { .out = out };

	*out = (struct drop_envelope){ .sender = SPAN("") };
	if (!span_line(&rest, &line) || !span_is(line, "FDROP1"))
		return false;
	r.room = count_rcpts(rest);
	out->rcpts = arena_array(a, r.room, sizeof(*out->rcpts));
	while (span_line(&rest, &line)) {
		if (line.n == 0) {
			out->content_at = front.n - rest.n;
			return out->rcpt_count > 0;
		}
		if (!take_line(line, &r))
			return false;
	}
	return false;
}
