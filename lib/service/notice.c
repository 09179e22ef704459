/* notice.c - errors of which the postmaster is told (notify_classes) */

#include "service/notice.h"

#include "base/log.h"
#include "calls/notice_call.h"
#include "config/param.h"
#include "ipc/channel.h"
#include "ipc/packet.h"

/* How a session began says who it was; how it ended, what went wrong. */
enum { HEAD = 4096, MOST = NOTICE_TRANSCRIPT_MAX - 1024, LINE_MOST = 500 };

static const struct {
	const char *name;
	enum notice_class class;
} classes[] = {
	{ "bounce", NOTICE_BOUNCE },
	{ "2bounce", NOTICE_2BOUNCE },
	{ "data", NOTICE_DATA },
	{ "delay", NOTICE_DELAY },
	{ "policy", NOTICE_POLICY },
	{ "protocol", NOTICE_PROTOCOL },
	{ "resource", NOTICE_RESOURCE },
	{ "software", NOTICE_SOFTWARE },
};

static unsigned
class_find(struct span name)
{
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (span_iis(name, classes[i].name))
			return classes[i].class;
	return 0;
}

unsigned
notice_classes(const char *value)
{
	struct span rest = span_str(value), item;
	unsigned all = 0;

	while (param_list_next(&rest, &item)) {
		unsigned class = class_find(item);

		if (class == 0)
			log_warning("notify_classes: %.*s: no such class",
			    (int)item.n, item.p);
		all |= class;
	}
	return all;
}

/* Half of what is behind the head goes, up to the end of a line. */
static void
shorten(struct transcript *t)
{
	struct span all, rest;
	struct buf less = BUF_EMPTY;
	size_t end;

	if (t->text.n <= MOST)
		return;
	all = buf_span(&t->text);
	rest = span_skip(all, t->head + (all.n - t->head) / 2);
	end = span_find(rest, '\n');
	buf_add_span(&less, span_head(all, t->head));
	buf_add_str(&less, " ...\n");
	buf_add_span(&less, span_skip(rest, end + 1));
	buf_free(&t->text);
	t->text = less;
}

/* As it came, which costs least: bounce makes text of it when it is told. */
static void
line_add(struct transcript *t, const char *mark, struct span line)
{
	if (span_ends(line, "\r"))
		line = span_head(line, line.n - 1);
	buf_add_str(&t->text, mark);
	buf_add_span(&t->text, span_head(line, LINE_MOST));
	buf_add_byte(&t->text, '\n');
	if (t->text.n <= HEAD)
		t->head = t->text.n;
	shorten(t);
}

void
transcript_ours(struct transcript *t, struct span lines)
{
	struct span line = { NULL, 0 };

	while (lines.n > 0 && span_cut(&lines, '\n', &line))
		line_add(t, " Out: ", line);
}

void
transcript_hide(struct buf *out, struct span line)
{
	struct span rest = line, verb = SPAN(""), mechanism = SPAN("");

	(void)span_word(&rest, " \t\r\n", &verb);
	if (!span_iis(verb, "AUTH")) {
		buf_add_span(out, line);
		return;
	}
	(void)span_word(&rest, " \t\r\n", &mechanism);
	buf_printf(out, "AUTH %.*s", (int)mechanism.n, mechanism.p);
}

void
transcript_theirs(struct transcript *t, struct span line, bool secret)
{
	struct buf shown = BUF_EMPTY;

	if (secret)
		buf_add_str(&shown, "(not shown)");
	else
		transcript_hide(&shown, line);
	line_add(t, " In:  ", buf_span(&shown));
	buf_free(&shown);
}

void
transcript_free(struct transcript *t)
{
	buf_free(&t->text);
	*t = (struct transcript){ .head = 0 };
}

void
notice_send(struct channel *bounce, const struct transcript *t,
    const struct notice_about *about)
{
	struct packet_out o = { .fd_count = 0 };
	struct notice n = { .client = about->client,
		.peer = about->peer,
		.transcript = buf_span(&t->text),
		.reason = about->reason };

	notice_put(&o, &n);
	channel_tell(bounce, &o);
	packet_done(&o);
}
