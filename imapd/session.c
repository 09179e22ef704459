/*
 * session.c - one authenticated IMAP client, from the greeting to the end
 *
 * A command is read whole, its literals inside, up to COMMAND_MOST; the only
 * literal that is not kept is the message of APPEND, which goes to disk as it
 * comes. Then the table says whether it may be given now, and what runs it.
 */

#include "imapd/session.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/metric.h"
#include "base/why.h"
#include "imapd/append.h"
#include "imapd/body.h"
#include "imapd/capability.h"
#include "imapd/guest.h"
#include "imapd/notify.h"
#include "imapd/park.h"
#include "imapd/reply.h"
#include "imapd/rights.h"
#include "imapd/select.h"
#include "imapd/share.h"
#include "imapd/sync.h"
#include "imapd/target.h"
#include "imapd/trash.h"
#include "imapd/uses.h"
#include "imapd/visit.h"
#include "mailbox/maildir.h"
#include "mailbox/tree.h"
#include "mailbox/view.h"
#include "os/clock.h"
#include "os/file.h"
#include "wire/imap_parse.h"

enum {
	LINE_MOST = 65536, /* of one line of a command */
	LITERAL_MOST = 65536,
	COMMAND_MOST = 1 << 20,
	COMMAND_MS = 300000, /* from its first byte to its last */
	BAD_MOST = 20 /* commands in a row that are none */
};

enum got { GOT_COMMAND, GOT_NOTHING, GOT_END };

int64_t
session_deadline(const struct session *s)
{
	/* a guest goes with his session */
	if (guest_is(s))
		return INT64_MAX / 2;
	return clock_ms() + s->conf->idle_ms;
}

static void
rest(void *arg)
{
	struct session *s = arg;

	body_forget(s);
	target_forget(s);
	buf_free(&s->fields);
	if (s->line.n == 0)
		buf_free(&s->line);
	if (s->view != NULL)
		view_rest(s->view);
}

enum stream_result
session_wait(struct session *s, int wake, int64_t until)
{
	enum stream_result got;

	stream_on_rest(s->io, rest, s);
	got = stream_wait(s->io, wake, until);
	stream_on_rest(s->io, NULL, NULL);
	return got;
}

static enum stream_result
tell_end(struct session *s, enum stream_result got)
{
	if (got == STREAM_TIMEOUT)
		reply_bye(s, "Autologout; you have been silent for too long");
	else if (got == STREAM_STOP)
		reply_bye(s, "Server is shutting down");
	return got;
}

enum stream_result
session_more(struct session *s, int64_t until)
{
	return tell_end(s, stream_wait(s->io, -1, until));
}

/* The same before a command: the client may be parked meanwhile, or told what
 * it asked for. */
static enum stream_result
first_octet(struct session *s, int64_t until)
{
	int64_t parks = park_time(s);

	while (parks < until) {
		enum stream_result got = session_wait(s, -1, parks);

		if (got != STREAM_TIMEOUT)
			return tell_end(s, got);
		if (park(s, false, until))
			return STREAM_END;
		parks = park_time(s);
	}
	return tell_end(s, notify_wait(s, until));
}

/* A line that is part of the command, into s->line. */
static enum got
read_line(
    struct session *s, struct imap_scan_out *scan, enum imap_scan_result *what)
{
	bool begun = s->line.n > 0 || stream_input(s->io).n > 0;
	int64_t until = begun ? clock_ms() + COMMAND_MS : session_deadline(s);

	while ((*what = imap_scan_line(stream_input(s->io), scan)) ==
	    IMAP_SCAN_MORE) {
		if (stream_input(s->io).n > LINE_MOST) {
			reply_bye(s, "Command line too long");
			return GOT_END;
		}
		if ((begun ? session_more(s, until) : first_octet(s, until)) !=
		    STREAM_DATA)
			return GOT_END;
		if (!begun)
			until = clock_ms() + COMMAND_MS;
		begun = true;
	}
	/* another of our processes sends literals without being asked */
	scan->no_wait = scan->no_wait || guest_is(s);
	buf_add(&s->line, stream_input(s->io).p, scan->used);
	stream_take(s->io, scan->used);
	return GOT_COMMAND;
}

/* n octets into s->line, or dropped. */
static enum got
read_literal(struct session *s, uint64_t n, bool keep)
{
	int64_t until = clock_ms() + COMMAND_MS;

	while (n > 0) {
		struct span have = stream_input(s->io);

		if (have.n > n)
			have.n = (size_t)n;
		if (keep)
			buf_add_span(&s->line, have);
		stream_take(s->io, have.n);
		n -= have.n;
		if (n > 0 && session_more(s, until) != STREAM_DATA)
			return GOT_END;
	}
	return GOT_COMMAND;
}

static void
take_tag(struct session *s)
{
	struct span rest = buf_span(&s->line);

	if (!imap_tag(&rest, &s->tag))
		s->tag = SPAN("*");
}

/* A literal that does not fit: whoever asked first is told and sends nothing;
 * others have sent it already, and the rest of the command behind it. */
static enum got
refuse_literal(struct session *s, const struct imap_scan_out *scan)
{
	struct imap_scan_out next = *scan;
	enum imap_scan_result what = IMAP_SCAN_LITERAL;

	take_tag(s);
	while (what == IMAP_SCAN_LITERAL && next.no_wait) {
		s->line.n = s->tag.n;
		if (read_literal(s, next.literal, false) == GOT_END ||
		    read_line(s, &next, &what) == GOT_END)
			return GOT_END;
		take_tag(s);
	}
	stream_printf(s->io,
	    "%.*s BAD [TOOBIG] A literal is too large here\r\n", (int)s->tag.n,
	    s->tag.p);
	return GOT_NOTHING;
}

static enum got
read_command(struct session *s)
{
	struct imap_scan_out scan;
	enum imap_scan_result what;

	buf_clear(&s->line);
	for (;;) {
		if (read_line(s, &scan, &what) == GOT_END)
			return GOT_END;
		if (s->line.n > COMMAND_MOST) {
			reply_bye(s, "Command too long");
			return GOT_END;
		}
		if (what == IMAP_SCAN_LINE ||
		    append_wants_literal(s, buf_span(&s->line)))
			return GOT_COMMAND;
		if (scan.literal > LITERAL_MOST ||
		    s->line.n + scan.literal > COMMAND_MOST)
			return refuse_literal(s, &scan);
		if (!scan.no_wait)
			stream_printf(s->io, "+ OK\r\n");
		if (read_literal(s, scan.literal, true) == GOT_END)
			return GOT_END;
	}
}

bool
session_flag_list(
    struct session *s, struct span *args, bool bare, struct imap_flags *out)
{
	if (!imap_flag_list(s->a, args, bare, out))
		return false;
	if (s->conf->no_keywords)
		out->count = 0;
	return true;
}

bool
session_args_end(struct session *s, struct span args)
{
	if (imap_end(args))
		return true;
	reply_bad(s, "Arguments that are not wanted");
	return false;
}

static const struct command *
find_command(struct session *s, struct span *rest)
{
	const struct command *c;
	struct span name;

	s->uid = false;
	if (!imap_space(rest) || !imap_atom(rest, &name))
		return NULL;
	c = command_find(name);
	if (!span_iis(name, "UID"))
		return c;
	s->uid = true;
	if (!imap_space(rest) || !imap_atom(rest, &name))
		return NULL;
	c = command_find(name);
	return c != NULL && c->with_uid ? c : NULL;
}

/* What others did before is told before, so that what is new behind it is the
 * command's own. */
static void
give(struct session *s, const struct command *c, struct span rest)
{
	s->acts = c->acts;
	if (c->run != cmd_append)
		target_forget(s);
	notify_tell(s);
	c->run(s, rest);
	if (c->acts && s->state != STATE_LOGOUT)
		notify_own(s);
}

/* True when it was a command at all. */
static bool
run_command(struct session *s)
{
	struct span rest = buf_span(&s->line);
	const struct command *c;

	if (imap_end(rest)) /* an empty line between commands */
		return true;
	if (!imap_tag(&rest, &s->tag)) {
		stream_printf(s->io, "* BAD A tag is wanted\r\n");
		return false;
	}
	c = find_command(s, &rest);
	if (c == NULL) {
		reply_bad(s, "Unknown command");
		return false;
	}
	if (guest_is(s) && !guest_may(c)) {
		reply_no(s, "NOPERM", "That is the owner's affair");
		return true;
	}
	if ((c->states & s->state) == 0) {
		reply_bad(s,
		    s->state == STATE_SELECTED
			? "Not now, a mailbox is selected"
			: "Select a mailbox first");
		return false;
	}
	if (visit_takes(s, c, rest))
		return true;
	if (c->with_uid && !s->uid && c->run != cmd_expunge &&
	    (s->enabled & ENABLED_UIDONLY) != 0)
		reply_uid_required(s);
	else
		give(s, c, rest);
	return true;
}

static void
serve(struct session *s)
{
	unsigned bad = 0;

	while (s->state != STATE_LOGOUT && !stream_failed(s->io)) {
		enum got got = read_command(s);

		if (got == GOT_END)
			break;
		if (got == GOT_COMMAND)
			bad = run_command(s) ? 0 : bad + 1;
		arena_clear(s->a);
		if (bad >= BAD_MOST)
			reply_bye(s, "Too many bad commands");
	}
	stream_flush(s->io);
}

static void
greet(struct session *s)
{
	struct buf caps = BUF_EMPTY;

	capability_put(s, &caps);
	if (s->start->tag.n > 0) {
		s->tag = s->start->tag;
		stream_printf(s->io, "%.*s OK [CAPABILITY %s] Logged in\r\n",
		    (int)s->tag.n, s->tag.p, buf_str(&caps));
	} else {
		stream_printf(s->io,
		    "* PREAUTH [CAPABILITY %s] %s IMAP4rev1 ready\r\n",
		    buf_str(&caps), s->conf->hello);
	}
	buf_free(&caps);
}

/* No login of the owner's: other words, which no count of logins takes in. */
static void
log_visit(const struct session *s, const char *owner, bool begins)
{
	struct buf visitor = BUF_EMPTY;

	log_quote(&visitor, s->start->visitor, 100);
	log_info("%s of the mailbox of user=%s, visitor=%s, ip=[%.*s]",
	    begins ? "visit" : "end of a visit", owner, buf_str(&visitor),
	    (int)s->start->client_addr.n, s->start->client_addr.p);
	buf_free(&visitor);
}

static void
log_session(const struct session *s, bool begins)
{
	const struct imap_start *b = s->start;
	struct buf user = BUF_EMPTY;

	log_quote(&user, b->user, 100);
	if (guest_is(s)) {
		log_visit(s, buf_str(&user), begins);
		buf_free(&user);
		return;
	}
	metric_count(begins ? METRIC_LOGINS_OK : METRIC_DISCONNECTIONS);
	if (begins)
		log_info("LOGIN, user=%s, ip=[%.*s], port=[%u], protocol=IMAP",
		    buf_str(&user), (int)b->client_addr.n, b->client_addr.p,
		    b->client_port);
	else
		log_info("LOGOUT, user=%s, ip=[%.*s], headers=%" PRIu64
			 ", body=%" PRIu64 ", rcvd=%" PRIu64 ", sent=%" PRIu64
			 ", time=%" PRId64,
		    buf_str(&user), (int)b->client_addr.n, b->client_addr.p,
		    s->header_bytes, s->body_bytes,
		    s->rcvd_before + stream_received(s->io),
		    s->sent_before + stream_sent(s->io),
		    clock_wall() - s->began);
	buf_free(&user);
}

static int
open_mail(struct session *s)
{
	struct why why;

	why_init(&why);
	s->tree = tree_open(AT_FDCWD, s->start->mail, &s->conf->folders, &why);
	if (s->tree != NULL)
		tree_allow(s->tree, s->conf->more);
	if (s->tree != NULL)
		tree_keep_indexes(s->tree, s->conf->indexes);
	if (s->tree == NULL) {
		log_error("%s", why_text(&why));
		s->tag = s->start->tag;
		if (s->tag.n > 0)
			reply_no(
			    s, "UNAVAILABLE", "Your mail cannot be opened now");
		reply_bye(s, "Your mail cannot be opened now");
		stream_flush(s->io);
	}
	why_free(&why);
	return s->tree == NULL ? -1 : 0;
}

/* What the user database says of this one, else what main.cf says of all. */
static void
quota_of_user(struct session *s)
{
	struct quota_limit own = s->conf->quota;

	s->quota = s->conf->quota;
	if (s->start->quota.n == 0)
		return;
	if (quota_parse(s->start->quota, &own))
		s->quota = own;
	else
		log_warning("the user database has the quota \"%.*s\" for "
			    "%.*s; wanted is 10000000S,1000C",
		    (int)s->start->quota.n, s->start->quota.p,
		    (int)s->start->user.n, s->start->user.p);
}

/* What was parked is where it was; others are greeted. */
static void
begin(struct session *s)
{
	bool idling = false;
	int64_t until = 0;

	if (guest_is(s)) {
		greet(s);
	} else if (s->start->state.n == 0) {
		uses_first_login(s);
		greet(s);
		share_tell_daily(s);
	} else if (park_resume(s, &idling, &until) == 0 && idling) {
		idle_resume(s, until);
		arena_clear(s->a);
	}
}

int
imapd_session(const struct imap_start *start)
{
	struct session s = { .conf = start->conf,
		.start = start,
		.state = STATE_AUTH,
		.spare_watch = start->watch,
		.who = { .user = start->user, .owner = true },
		.acl_names = -1,
		.began = clock_wall(),
		.started_ms = clock_ms() };
	struct arena *kept = NULL;
	int failed;

	if (guest_is(&s)) {
		kept = arena_new();
		s.conf = guest_conf(s.conf, kept);
		if (!guest_begin(&s, kept))
			log_warning("%.*s is visited, but shares nothing",
			    (int)start->user.n, start->user.p);
	}
	s.io = stream_new(start->in, start->out, &start->control);
	s.a = arena_new();
	stream_preload(s.io, start->input);
	if (start->state.n == 0)
		log_session(&s, true);
	failed = open_mail(&s);
	quota_of_user(&s);
	if (failed == 0 && s.quota.bytes == 0 && s.quota.count == 0)
		(void)quota_found(maildir_dir(tree_inbox(s.tree)), &s.quota);
	if (failed == 0) {
		begin(&s);
		serve(&s);
	}
	if (!s.parked)
		log_session(&s, false);
	notify_forget(&s);
	visits_end(&s);
	select_leave(&s);
	target_forget(&s);
	if (failed == 0 && !s.parked && !start->again && !guest_is(&s))
		trash_empty(&s);
	rights_forget(&s);
	tree_close(&s.tree);
	buf_free(&s.selected);
	buf_free(&s.line);
	buf_free(&s.fields);
	buf_free(&s.base);
	arena_free(&s.a);
	stream_free(&s.io);
	file_close(&s.spare_watch);
	arena_free(&kept);
	return failed == 0 ? 0 : 1;
}
