/* drop_file.c - the envelope lines of a file in maildrop/ */

#include "pickup/drop_file.h"

#include "base/arena.h"
#include "calls/queue_call.h"

enum { RCPTS_MAX = 10000, VALUE_MAX = 1024 };

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

static bool
take_line(struct span line, struct drop_envelope *out, size_t room)
{
	struct span name, value = line;

	if (!span_cut(&value, '=', &name) || value.p == NULL ||
	    value.n > VALUE_MAX || span_has_break(value))
		return false;
	if (span_is(name, "sender"))
		out->sender = value;
	else if (span_is(name, "full_name"))
		out->full_name = value;
	else if (span_is(name, "rcpt") && value.n > 0 && out->rcpt_count < room)
		out->rcpts[out->rcpt_count++] =
		    (struct queue_rcpt){ .address = value };
	else
		return false;
	return true;
}

bool
drop_envelope_parse(
    struct span front, struct arena *a, struct drop_envelope *out)
{
	struct span rest = front, line;
	size_t room;

	*out = (struct drop_envelope){ .sender = SPAN("") };
	if (!span_line(&rest, &line) || !span_is(line, "FDROP1"))
		return false;
	room = count_rcpts(rest);
	out->rcpts = arena_array(a, room, sizeof(*out->rcpts));
	while (span_line(&rest, &line)) {
		if (line.n == 0) {
			out->content_at = front.n - rest.n;
			return out->rcpt_count > 0;
		}
		if (!take_line(line, out, room))
			return false;
	}
	return false;
}
