/*
 * cmd_idle.c - IDLE (RFC 2177)
 *
 * The kernel says when a folder changes; where it does not, the folder is
 * looked at now and then. DONE may have come with IDLE in one packet. A client
 * that waits long is parked: see park.c.
 */

#include "imapd/notify.h"
#include "imapd/park.h"
#include "imapd/reply.h"
#include "imapd/session.h"
#include "imapd/sync.h"
#include "mailbox/view.h"
#include "os/clock.h"
#include "os/file.h"
#include "wire/imap_parse.h"

enum {
	LOOK_MS = 10000, /* without a watch */
	ALIVE_MS = 120000, /* a sign of life for NAT and dead peers */
	LINE_MOST = 100
};

enum done { WAITING, DONE_LINE, OTHER_LINE };

static enum done
take_done(struct session *s)
{
	struct imap_scan_out scan;
	struct span line;
	enum done got = OTHER_LINE;

	if (imap_scan_line(stream_input(s->io), &scan) == IMAP_SCAN_MORE)
		return stream_input(s->io).n > LINE_MOST ? OTHER_LINE : WAITING;
	line = span_head(stream_input(s->io), scan.used);
	if (imap_is_word(&line, "DONE") && imap_end(line))
		got = DONE_LINE;
	stream_take(s->io, scan.used);
	return got;
}

static int
watch_fd_of(const struct session *s)
{
	return s->view == NULL ? -1 : view_watch_fd(s->view);
}

static int64_t
least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Until DONE, or the client is gone, or it is parked. */
static enum done
idle(struct session *s, int64_t ends)
{
	int64_t alive = clock_ms() + ALIVE_MS, parks = park_time(s);
	enum done done;

	while ((done = take_done(s)) == WAITING && s->state != STATE_LOGOUT) {
		int both = notify_wake_fd(s);
		int wake = both == -1 ? watch_fd_of(s) : both;
		int64_t until = s->view != NULL && watch_fd_of(s) == -1
		    ? clock_ms() + LOOK_MS
		    : alive;
		enum stream_result got;

		got = session_wait(s, wake, least(least(until, parks), ends));
		file_close(&both);
		if (got == STREAM_STOP)
			reply_bye(s, "Server is shutting down");
		if (got == STREAM_END || got == STREAM_STOP)
			break;
		if (got == STREAM_DATA)
			continue;
		sync_tell(s, true);
		notify_tell(s);
		if (got == STREAM_WOKEN)
			parks = park_time(s);
		if (clock_ms() >= parks && clock_ms() < ends) {
			if (park(s, true, ends))
				break;
			parks = park_time(s);
		}
		if (clock_ms() >= ends)
			reply_bye(s, "Autologout; idle for too long");
		if (clock_ms() >= alive) {
			stream_printf(s->io, "* OK Still here\r\n");
			alive = clock_ms() + ALIVE_MS;
		}
	}
	return done;
}

void
idle_resume(struct session *s, int64_t until)
{
	sync_tell(s, true);
	switch (idle(s, until)) {
	case DONE_LINE:
		sync_tell(s, true);
		reply_ok(s, NULL, "Idle completed");
		break;
	case OTHER_LINE:
		reply_bad(s, "DONE was expected");
		break;
	case WAITING:
		break; /* the client is gone, or was told BYE */
	}
}

void
cmd_idle(struct session *s, struct span args)
{
	if (!session_args_end(s, args))
		return;
	stream_printf(s->io, "+ idling\r\n");
	idle_resume(s, session_deadline(s));
}
