/*
 * visit_notify.c - NOTIFY about other users' folders (RFC 5465)
 *
 * What an owner's imapd tells is passed on when it is about his own folders; he
 * may say anything. What of them this user may see is decided there.
 */

#include "imapd/visit_notify.h"

#include <stdlib.h>
#include <sys/epoll.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/why.h"
#include "imapd/notify_inside.h"
#include "imapd/reply.h"
#include "imapd/session.h"
#include "imapd/share.h"
#include "imapd/shared.h"
#include "imapd/sources.h"
#include "imapd/visit_filter.h"
#include "imapd/visit_inside.h"
#include "os/clock.h"
#include "wire/imap_notify.h"
#include "wire/imap_parse.h"

/* A sign of life, so that they are not taken for silent clients. */
enum { ALIVE_MS = 60000, LINES_MOST = 10000 };

struct notify_others {
	struct visit list[SHARE_VISITS_MOST];
	size_t count;
	int64_t alive_ms;
	bool waits[SHARE_VISITS_MOST]; /* for the answer to that */
};

void
notify_others_free(struct notify_others **o)
{
	if (*o == NULL)
		return;
	for (size_t i = 0; i < (*o)->count; i++)
		visit_close(&(*o)->list[i]);
	mem_free(o);
}

/* --- what is asked for --- */

static void
put_groups(struct session *s, const struct imap_notify *asked,
    const struct sources *have, struct span base, struct buf *out)
{
	struct visit_filters f = { .have = have, .base = base, .before = " (" };

	for (size_t i = 0; i < asked->count; i++) {
		const struct imap_notify_group *g = &asked->groups[i];
		struct buf behind = BUF_EMPTY;

		buf_add_byte(&behind, ' ');
		imap_put_events(&behind, g->events & GUEST_EVENTS);
		buf_add_byte(&behind, ')');
		f.behind = buf_str(&behind);
		visit_put_filter(s, &f, &g->filter, out);
		buf_free(&behind);
	}
}

static bool
reaches(const struct session *s, const struct imap_notify *asked,
    const struct sources *have)
{
	for (size_t i = 0; i < asked->count; i++)
		if ((asked->groups[i].events & GUEST_EVENTS) != 0 &&
		    visit_filter_reaches(s, have, &asked->groups[i].filter))
			return true;
	return false;
}

/* NULL: he is watched, or shares nothing any more. */
static const char *
watch_owner(struct session *s, struct notify_others *o, struct span owner,
    struct span ask)
{
	struct visit *v = &o->list[o->count];
	bool denied = false;
	enum said said;

	if (o->count == SHARE_VISITS_MOST)
		return "NOTIFICATIONOVERFLOW";
	if (!visit_open(s, v, owner, &denied))
		return denied ? NULL : "UNAVAILABLE";
	o->count++;
	v->ends = clock_ms() + VISIT_HURRY_MS;
	visit_say(v, "~", ask);
	said = visit_answer(s, v, SPAN("~"), TO_LIST, NULL);
	v->ends = 0;
	return said == SAID_OK ? NULL
	    : said == SAID_NO  ? "NOTIFICATIONOVERFLOW"
			       : "UNAVAILABLE";
}

static const char *
watch_all(struct session *s, struct notify_others *o,
    const struct imap_notify *asked, const struct sources *have)
{
	const char *trouble = NULL;
	size_t n;
	struct span *owners = share_owners(s, &n);

	for (size_t i = 0; i < n && trouble == NULL; i++) {
		struct buf base = BUF_EMPTY, ask = BUF_EMPTY;
		size_t begun;

		buf_printf(
		    &ask, "NOTIFY SET%s", asked->status ? " STATUS" : "");
		begun = ask.n;
		if (shared_base(s->conf, owners[i], &base))
			put_groups(s, asked, have, buf_span(&base), &ask);
		if (ask.n > begun)
			trouble = watch_owner(s, o, owners[i], buf_span(&ask));
		buf_free(&base);
		buf_free(&ask);
	}
	return trouble;
}

const char *
notify_others_begin(struct session *s, const struct imap_notify *asked,
    struct notify_others **out)
{
	const char *trouble = NULL;
	struct sources have;
	struct why why;

	*out = NULL;
	if (!share_can(s) || asked->count == 0)
		return NULL;
	why_init(&why);
	if (sources_read(s, &have, &why) == -1) {
		log_warning("%s", why_text(&why));
		trouble = "UNAVAILABLE";
	} else if (reaches(s, asked, &have)) {
		*out = mem_new(sizeof(**out));
		(*out)->alive_ms = clock_ms();
		trouble = watch_all(s, *out, asked, &have);
	}
	why_free(&why);
	if (trouble != NULL)
		notify_others_free(out);
	return trouble;
}

/* --- what is told --- */

void
notify_others_poll(const struct notify_others *o, int epoll)
{
	struct epoll_event e = { .events = EPOLLIN };

	for (size_t i = 0; o != NULL && i < o->count; i++)
		(void)epoll_ctl(epoll, EPOLL_CTL_ADD, o->list[i].fd, &e);
}

static bool
is_his(struct session *s, const struct visit *v, struct span raw)
{
	struct buf base = BUF_EMPTY;
	struct span name;
	bool his = reply_mailbox(s, raw, &name) &&
	    shared_base(s->conf, buf_span(&v->owner), &base) &&
	    visit_is_below(s, name, buf_span(&base));

	buf_free(&base);
	return his;
}

static bool
is_news(struct session *s, const struct visit *v, struct span line)
{
	struct visit_told t;

	return visit_told(s->a, line, &t) && is_his(s, v, t.name) &&
	    (t.old.p == NULL || is_his(s, v, t.old));
}

/* One line that has come; false: it is none of those that can. */
static bool
take_line(
    struct session *s, struct notify_others *o, size_t i, struct span line)
{
	struct visit *v = &o->list[i];

	if (span_starts(line, "~ OK")) {
		o->waits[i] = false;
		return true;
	}
	/* that he watches no more, or goes */
	if (!span_starts(line, "* ") || span_istarts(line, "* BYE") ||
	    span_istarts(line, "* OK [NOTIFICATIONOVERFLOW]"))
		return false;
	if (is_news(s, v, line))
		stream_put(s->io, line);
	return true;
}

static bool
tell_one(struct session *s, struct notify_others *o, size_t i)
{
	struct visit *v = &o->list[i];
	struct imap_scan_out scan;
	enum stream_result got;

	for (int lines = 0; lines < LINES_MOST;) {
		struct span input = stream_input(v->io);

		switch (imap_scan_line(input, &scan)) {
		case IMAP_SCAN_LINE:
			if (!take_line(s, o, i, span_head(input, scan.used)))
				return false;
			stream_take(v->io, scan.used);
			lines++;
			break;
		case IMAP_SCAN_LITERAL:
			return false; /* no name of ours needs one */
		case IMAP_SCAN_MORE:
			if (input.n > VISIT_LINE_MOST)
				return false;
			got = stream_wait(v->io, -1, clock_ms());
			if (got != STREAM_DATA)
				return got == STREAM_TIMEOUT;
			break;
		}
	}
	return false; /* without end */
}

static void
alive_say(struct notify_others *o)
{
	if (clock_ms() - o->alive_ms < ALIVE_MS)
		return;
	o->alive_ms = clock_ms();
	for (size_t i = 0; i < o->count; i++) {
		if (o->waits[i])
			continue; /* he does not read */
		o->waits[i] = true;
		visit_say(&o->list[i], "~", SPAN("NOOP"));
		stream_flush(o->list[i].io);
	}
}

bool
notify_others_tell(struct session *s, struct notify_others *o)
{
	if (o == NULL)
		return true;
	for (size_t i = 0; i < o->count; i++)
		if (!tell_one(s, o, i))
			return false;
	alive_say(o);
	return true;
}
