/*
 * rcpts.c - recipients, from the command line and, for -t, from the header
 */

#include <sysexits.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "calls/queue_call.h"
#include "message/address.h"
#include "message/header.h"
#include "service/tool.h"
#include "tools/sendmail/sendmail.h"

/* -t: fields that name recipients; those of a resent message come first. */
static bool
names_rcpts(struct span name, bool resent)
{
	if (resent)
		return span_iis(name, "Resent-To") ||
		    span_iis(name, "Resent-Cc") || span_iis(name, "Resent-Bcc");
	return span_iis(name, "To") || span_iis(name, "Cc") ||
	    span_iis(name, "Bcc");
}

static void
rcpt_add(struct rcpts *r, struct span address)
{
	if (address.n == 0)
		return;
	if (r->count == SENDMAIL_RCPTS_MAX)
		tool_fatal(r->tool, EX_USAGE, "more than %d recipients",
		    SENDMAIL_RCPTS_MAX);
	if (address.n > SENDMAIL_ADDRESS_MAX)
		tool_fatal(r->tool, EX_USAGE,
		    "an address is longer than %d bytes", SENDMAIL_ADDRESS_MAX);
	r->list = mem_resize(r->list, r->count + 1, sizeof(*r->list));
	r->list[r->count++] =
	    (struct queue_rcpt){ .address = arena_span(r->arena, address),
		    .notify = r->notify };
}

void
rcpts_of(struct rcpts *r, struct span value)
{
	struct address_list found;

	address_list_parse(r->arena, value, &found);
	if (found.cut)
		tool_fatal(r->tool, EX_USAGE,
		    "more addresses in one list than can be read");
	for (size_t i = 0; i < found.count; i++) {
		const struct address_entry *e = &found.list[i];
		struct buf text = BUF_EMPTY;

		if (e->kind != ADDRESS_MAILBOX)
			continue;
		address_quote(&text, e->local);
		if (e->domain.n > 0) {
			buf_add_byte(&text, '@');
			buf_add_span(&text, e->domain);
		}
		rcpt_add(r, buf_span(&text));
		buf_free(&text);
	}
}

void
rcpts_of_header(struct rcpts *r, struct buf *text)
{
	struct span rest = buf_span(text);
	struct header_field f;
	struct buf kept = BUF_EMPTY;
	bool resent = header_count(rest, "Resent-To") +
		header_count(rest, "Resent-Cc") +
		header_count(rest, "Resent-Bcc") >
	    0;

	while (header_next(&rest, &f)) {
		if (names_rcpts(f.name, resent))
			rcpts_of(r, f.value);
		if (!span_iis(f.name, "Bcc") && !span_iis(f.name, "Resent-Bcc"))
			buf_add_span(&kept, f.all);
	}
	/* the empty line and what was read behind it */
	if (header_end(buf_span(text)) > 0)
		buf_add_byte(&kept, '\n');
	buf_add_span(&kept, rest);
	buf_free(text);
	*text = kept;
}
