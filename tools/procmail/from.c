/*
 * from.c - the envelope line "From x  date" that mailbox files begin with
 */

#include <stdlib.h>
#include <time.h>

#include "base/buf.h"
#include "os/clock.h"
#include "rules/letter.h"
#include "rules/options.h"
#include "tools/procmail/procmail.h"

static void
add_date(struct buf *out)
{
	time_t now = (time_t)clock_wall();
	struct tm tm;
	char date[64];

	if (localtime_r(&now, &tm) != NULL &&
	    strftime(date, sizeof(date), "  %a %b %e %H:%M:%S %Y", &tm) > 0)
		buf_add_str(out, date);
}

static void
add_line(struct buf *out, const char *before, struct span sender)
{
	buf_add_str(out, before);
	for (size_t i = 0; i < sender.n; i++)
		buf_add_byte(out,
		    ascii_control((unsigned char)sender.p[i]) ? '?'
							      : sender.p[i]);
	add_date(out);
}

/* The sender in the line that the message brought. */
static struct span
old_sender(const struct letter *l, struct span other)
{
	struct span line = span_skip(letter_from(l), sizeof("From ") - 1);
	struct span word;

	return span_word(&line, " \t", &word) ? word : other;
}

void
from_settle(
    struct letter *l, const struct options *o, const struct account *caller)
{
	struct span me = span_str(caller->name), sender;
	bool trusted = account_trusted(caller);
	struct buf line = BUF_EMPTY;

	if (o->from != NULL || o->deliver)
		letter_skip_empty(l);
	if (o->from == NULL && !(o->deliver && letter_from(l).n == 0))
		return;
	sender = o->from == NULL        ? me
	    : strcmp(o->from, "-") == 0 ? old_sender(l, me)
					: span_str(o->from);
	if (!trusted && o->override)
		sender = me;
	add_line(&line, "From ", sender);
	if (!trusted && !o->override && o->from != NULL && o->deliver &&
	    !span_eq(sender, me)) {
		buf_add_byte(&line, '\n');
		add_line(&line, ">From ", me);
	}
	letter_set_from(l, buf_span(&line), false);
	buf_free(&line);
}
