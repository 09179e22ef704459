/*
 * park.c - a client that waits is left to login, and taken up again
 *
 * All that was to be told has been told, so little must be kept: see
 * mailbox/view_known.c. Between the offer and the answer the client is neither
 * read nor written to: it is login's when that said so, ours otherwise.
 */

#include "imapd/park.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/why.h"
#include "calls/park_call.h"
#include "imapd/guest.h"
#include "imapd/park_state.h"
#include "imapd/reply.h"
#include "imapd/select.h"
#include "imapd/session.h"
#include "imapd/visit.h"
#include "ipc/packet.h"
#include "mailbox/view.h"
#include "os/clock.h"
#include "wire/imap_parse.h"

/* A pass is good for a day from when we began, and a client may be parked as
 * long as it may be silent. */
enum { YOUNG_MS = 43200000 };

int64_t
park_time(const struct session *s)
{
	if (s->conf->park_ms <= 0 || s->start->park == -1 ||
	    s->start->pass.n == 0 || stream_compressed(s->io) ||
	    s->notify != NULL || s->contexts != NULL || guest_is(s) ||
	    visit_selected(s) || clock_ms() - s->started_ms > YOUNG_MS)
		return INT64_MAX;
	return clock_ms() + s->conf->park_ms;
}

/* Those that are recent; false: too many to keep. */
static void
recent_put(const struct view *v, struct buf *out)
{
	struct imap_set_writer w = { .any = false };

	if (view_recent_count(v) == 0)
		return;
	for (size_t i = 0; i < view_count(v) && out->n < PARK_STATE_MAX; i++)
		if (view_recent(v, i))
			imap_put_set(out, &w, view_at(v, i)->uid);
	imap_put_set_end(out, &w);
}

static void
saved_put(const struct session *s, struct buf *out)
{
	struct imap_set_writer w = { .any = false };

	for (size_t i = 0; i < s->saved_count && out->n < PARK_STATE_MAX; i++)
		imap_put_set(out, &w, s->saved[i]);
	imap_put_set_end(out, &w);
}

/* False: there is more to keep than is kept, or something is left to tell. */
static bool
state_put(
    const struct session *s, bool idling, uint64_t silent_ms, struct buf *out)
{
	struct buf recent = BUF_EMPTY, saved = BUF_EMPTY;
	struct park_state p = { .enabled = s->enabled,
		.idling = idling,
		.silent_ms = silent_ms,
		.began = s->began,
		.headers = s->header_bytes,
		.body = s->body_bytes,
		.rcvd = s->rcvd_before + stream_received(s->io),
		.sent = s->sent_before + stream_sent(s->io),
		.selected = s->view != NULL };
	bool good = true;

	if (idling)
		p.tag = s->tag;
	if (s->view != NULL) {
		p.read_only = view_read_only(s->view);
		p.name = buf_span(&s->selected);
		p.told_keywords = s->told_keywords;
		good = view_known(s->view, &p.known) &&
		    p.known.count == s->told_exists &&
		    keywords_count(view_keywords(s->view)) == s->told_keywords;
		recent_put(s->view, &recent);
		saved_put(s, &saved);
	}
	p.recent = buf_span(&recent);
	p.saved = buf_span(&saved);
	good = good && recent.n < PARK_STATE_MAX && saved.n < PARK_STATE_MAX &&
	    park_state_put(out, &p);
	buf_free(&recent);
	buf_free(&saved);
	return good;
}

/* login always answers; when it ends instead, the client was not taken. */
bool
park_answered(struct session *s)
{
	struct packet_in in = { .bad = false };
	struct pollfd fds[2] = { { .fd = s->start->park, .events = POLLIN },
		{ .fd = s->start->control.fd, .events = POLLIN } };
	bool kept = false, answered = false;

	while (!answered) {
		if (poll(fds, 2, -1) == -1 && errno != EINTR)
			break;
		if (fds[0].revents != 0) {
			answered =
			    packet_recv(s->start->park, &in) == PACKET_OK &&
			    park_answer_get(&in, &kept);
			break;
		}
		/* the stop is still there for the session to see */
		if (fds[1].revents != 0)
			fds[1].fd = -1;
	}
	packet_in_done(&in);
	if (!answered)
		s->no_park = true;
	return kept;
}

static bool
offer(struct session *s, bool idling, int64_t until, struct span state)
{
	struct packet_out o = { .fd_count = 0 };
	int64_t silent = until - clock_ms();
	struct park_offer p = { .received = stream_received(s->io),
		.idling = idling,
		.silent_ms = silent > 0 ? (uint64_t)silent : 0,
		.pass = s->start->pass,
		.state = state,
		.user = s->start->user,
		.client_addr = s->start->client_addr,
		.headers = s->header_bytes,
		.body = s->body_bytes,
		.rcvd = s->rcvd_before + stream_received(s->io),
		.sent = s->sent_before + stream_sent(s->io),
		.began = s->began,
		.watch =
		    idling && s->view != NULL ? view_watch_fd(s->view) : -1,
		.client = s->start->direct ? s->start->in : -1,
		.held = s->start->held };
	bool sent;

	park_offer_put(&o, &p);
	sent = packet_send(s->start->park, &o) == 0;
	packet_done(&o);
	return sent && park_answered(s);
}

bool
park(struct session *s, bool idling, int64_t until)
{
	struct buf state = BUF_EMPTY;
	int64_t silent = until - clock_ms();
	bool parked;

	stream_flush(s->io);
	if (s->no_park || s->contexts != NULL || stream_failed(s->io) ||
	    stream_input(s->io).n > 0 ||
	    (idling && s->view != NULL && view_watch_fd(s->view) == -1))
		return false;
	parked =
	    state_put(s, idling, silent > 0 ? (uint64_t)silent : 0, &state) &&
	    offer(s, idling, until, buf_span(&state));
	buf_free(&state);
	if (parked) {
		if (s->view != NULL)
			view_watch_given(s->view);
		s->parked = true;
		s->state = STATE_LOGOUT;
	}
	return parked;
}

/* --- going on --- */

static bool
recent_take(struct session *s, struct span recent)
{
	struct imap_set set = { .saved = false };

	if (recent.n == 0)
		return true;
	if (!imap_sequence_set(s->a, &recent, &set) || recent.n > 0)
		return false;
	for (size_t i = 0; i < set.count; i++)
		view_mark_recent(s->view, set.list[i].first, set.list[i].last);
	return true;
}

/* UIDs that are gone do no harm, so only those that are there are kept. */
static bool
saved_take(struct session *s, struct span saved)
{
	struct imap_set set = { .saved = false };
	size_t n = 0, count = view_count(s->view);

	if (saved.n == 0)
		return true;
	if (!imap_sequence_set(s->a, &saved, &set) || saved.n > 0)
		return false;
	s->saved = mem_array(count + 1, sizeof(*s->saved));
	for (size_t i = 0; i < set.count; i++)
		for (size_t at = view_find(s->view, set.list[i].first);
		     at < count && n < count &&
		     view_at(s->view, at)->uid <= set.list[i].last;
		     at++)
			s->saved[n++] = view_at(s->view, at)->uid;
	s->saved_count = n;
	return true;
}

static int
folder_take(struct session *s, const struct park_state *p, struct why *why)
{
	if (select_again(s, p->name, p->read_only, why) == -1)
		return -1;
	s->told_keywords = p->told_keywords;
	s->told_exists = p->known.count;
	if (view_restore(s->view, &p->known, why) == 0 &&
	    recent_take(s, p->recent) && saved_take(s, p->saved))
		return 0;
	if (why->outcome == DONE)
		why_set(why, "4.3.0", "the state of a parked session is bad");
	return -1;
}

static int
take(struct session *s, const struct park_state *p, struct why *why)
{
	s->enabled = p->enabled;
	s->began = p->began;
	s->header_bytes = p->headers;
	s->body_bytes = p->body;
	s->rcvd_before = p->rcvd;
	s->sent_before = p->sent;
	if (p->idling) {
		buf_clear(&s->line);
		buf_add_span(&s->line, p->tag);
		s->tag = buf_span(&s->line);
	}
	return p->selected ? folder_take(s, p, why) : 0;
}

int
park_resume(struct session *s, bool *idling, int64_t *until)
{
	struct park_state p;
	struct why why;
	int got = -1;

	why_init(&why);
	if (!park_state_get(s->start->state, s->a, &p))
		why_set(&why, "4.3.0", "the state of a parked session is bad");
	else
		got = take(s, &p, &why);
	if (got == -1) {
		log_warning("%s", why_text(&why));
		reply_bye(s, "The selected mailbox has changed too much");
	} else {
		*idling = p.idling;
		*until = clock_ms() + (int64_t)p.silent_ms;
	}
	why_free(&why);
	return got;
}
