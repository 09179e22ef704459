/*
 * cmd_append.c - APPEND, one or several messages, also put together of pieces,
 * and REPLACE (RFC 3501, 6.3.11; RFC 3502; RFC 3516; RFC 4315; RFC 4469; RFC
 * 6855; RFC 8508)
 *
 * A message goes from the socket to its file; no more than what the socket
 * gave last is in memory. When something is wrong, what the client has sent
 * already must still be read past, so every way out says what is left to read.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/why.h"
#include "imapd/append.h"
#include "imapd/body.h"
#include "imapd/catenate.h"
#include "imapd/guest.h"
#include "imapd/limit.h"
#include "imapd/numbers.h"
#include "imapd/outbox.h"
#include "imapd/reply.h"
#include "imapd/rights.h"
#include "imapd/session.h"
#include "imapd/sync.h"
#include "imapd/target.h"
#include "mailbox/arrive.h"
#include "mailbox/flags.h"
#include "mailbox/maildir.h"
#include "mailbox/quota.h"
#include "mailbox/store.h"
#include "mailbox/tree.h"
#include "mailbox/view.h"
#include "message/date.h"
#include "os/clock.h"
#include "wire/imap_parse.h"
#include "wire/imap_url.h"

enum {
	MESSAGES_MOST = 100, /* of one command: each has its file open */
	PIECES_MOST = 1000, /* of all of them */
	LINE_MOST = 65536,
	SILENCE_MS = 300000, /* within a message */
	BYTES_PER_MS = 1 /* a slower client is sent away */
};

/* SP set, of a REPLACE that the dispatcher will let pass. */
static bool
passes_replace(
    const struct session *s, struct arena *a, struct span *line, bool uid)
{
	struct imap_set set;

	return s->state == STATE_SELECTED &&
	    (uid || (s->enabled & ENABLED_UIDONLY) == 0) && imap_space(line) &&
	    imap_message_set(a, line, &set);
}

bool
append_wants_literal(const struct session *s, struct span line)
{
	struct arena *a = arena_new();
	struct span word;
	bool uid, wants = imap_tag(&line, &word) && imap_space(&line);

	uid = wants && imap_is_word(&line, "UID") && imap_space(&line);
	if (wants && imap_is_word(&line, "REPLACE"))
		wants = passes_replace(s, a, &line, uid);
	else
		wants = wants && !uid && imap_is_word(&line, "APPEND");
	wants = wants && imap_space(&line) && imap_astring(a, &line, &word) &&
	    imap_space(&line);
	arena_free(&a);
	return wants;
}

#define MESSAGE_MOST UINT32_MAX /* RFC822.SIZE is a number (RFC 3501, 9) */

struct message {
	struct imap_flags flags;
	unsigned file_flags;
	int64_t date; /* 0: now */
	bool literal8; /* ~{n}: what no line can hold would be lost */
	bool utf8; /* UTF8 (~{n}) */
	bool catenate; /* its pieces follow, in parentheses */
	bool after_cr;
	uint64_t size;
	struct store_file *file;
};

/* The line of the command that is looked at, taken off the input already. */
struct input {
	struct span line; /* what is left of it */
	struct imap_scan_out scan;
	enum imap_scan_result what;
};

struct append {
	struct session *s;
	struct why why;
	struct span name;
	struct target *to;
	struct message list[MESSAGES_MOST];
	size_t count;
	/* Why nothing will come of it; what is sent is read all the same. */
	bool refused, bad; /* bad: the command itself is wrong */
	const char *code;
	const char *text; /* NULL: that of why */
	bool answered; /* the client was told already */
	uint64_t bytes;
	struct buf line; /* that was taken off the input last */
	unsigned pieces;
	bool replaces; /* the message at place old */
	size_t old;
};

enum step { STEP_GO_ON, STEP_DONE, STEP_END, STEP_BAD };

static void
refuse(struct append *ap, const char *code, const char *text)
{
	if (ap->refused)
		return;
	ap->refused = true;
	ap->code = code;
	ap->text = text;
}

static void
refuse_bad(struct append *ap, const char *text)
{
	if (!ap->bad)
		ap->text = text;
	ap->refused = ap->bad = true;
}

/* Trouble of our own: why says what, errno which. */
static void
refuse_trouble(struct append *ap)
{
	const char *code = errno == ENOSPC || errno == EDQUOT ? "OVERQUOTA"
	    : errno == EACCES || errno == EROFS               ? "NOPERM"
							      : "UNAVAILABLE";

	log_warning("%s", why_text(&ap->why));
	refuse(ap, code,
	    guest_is(ap->s) ? "The mailbox cannot be used now" : NULL);
}

static void
open_target(struct append *ap)
{
	struct rights r = { .need = ACL_INSERT };

	ap->to = target_open(ap->s, ap->name, &r, &ap->why);
	if (ap->to == NULL && r.got != TREE_DONE)
		refuse(ap,
		    r.got == TREE_MISSING       ? "TRYCREATE"
			: r.got == TREE_REFUSED ? "CANNOT"
						: "NOPERM",
		    NULL);
	else if (ap->to == NULL)
		refuse_trouble(ap);
}

/* "UTF8 (" before a literal8 (RFC 6855, 4). */
static bool
utf8_literal(const struct append *ap, struct span *at, struct message *m)
{
	m->utf8 = true;
	return (ap->s->enabled & ENABLED_UTF8) != 0 && imap_space(at) &&
	    imap_char(at, '(') && span_starts(*at, "~{");
}

/* [SP flag-list] [SP date-time] SP, and what the message is: a literal, or
 * CATENATE and its pieces. */
static bool
parse_options(struct append *ap, struct span *rest, struct message *m)
{
	const unsigned rights = ap->to == NULL ? 0 : ap->to->rights;
	struct session *s = ap->s;
	struct span text, at = *rest;
	struct date date;

	if (imap_space(&at) && session_flag_list(s, &at, false, &m->flags))
		*rest = at;
	at = *rest;
	if (imap_space(&at) && span_at(at, 0) == '"') {
		if (!imap_string(s->a, &at, &text) ||
		    !date_parse_imap(text, &date))
			return false;
		m->date = date.time == 0 ? 1 : date.time;
		*rest = at;
	}
	m->file_flags = reply_file_flags(m->flags.system);
	for (size_t i = 0; i < m->flags.count; i++) {
		/* the line goes before the command is over */
		m->flags.keywords[i] = arena_span(s->a, m->flags.keywords[i]);
		if (span_iis(m->flags.keywords[i], "$Forwarded"))
			m->file_flags |= FLAG_PASSED;
	}
	m->file_flags &= rights_flags(rights);
	if ((rights & ACL_WRITE) == 0)
		m->flags.count = 0;
	if (!imap_space(rest))
		return false;
	if (imap_is_word(rest, "UTF8"))
		return utf8_literal(ap, rest, m);
	m->catenate = imap_is_word(rest, "CATENATE");
	if (m->catenate)
		return imap_space(rest) && imap_char(rest, '(');
	return span_at(*rest, 0) == '{' || span_starts(*rest, "~{");
}

static void
begin_message(struct append *ap, struct message *m)
{
	if (ap->refused)
		return;
	if (limit_passed(ap->s, ap->count)) {
		refuse(ap,
		    arena_printf(ap->s->a, "MESSAGELIMIT %" PRIu64,
			ap->s->conf->message_most),
		    "Too many messages at once");
		return;
	}
	m->file = store_begin(ap->to->m, &ap->why);
	if (m->file == NULL)
		refuse_trouble(ap);
}

/* The message is to grow by so many octets. */
static void
grow_message(struct append *ap, struct message *m, uint64_t size)
{
	const struct imap_conf *c = ap->s->conf;
	uint64_t room;

	if (ap->refused)
		return;
	room = ap->replaces ? view_at(ap->s->view, ap->old)->size : 0;
	if (size > INT64_MAX - ap->bytes) {
		refuse(ap, "TOOBIG", "The message is larger than can be");
		return;
	}
	m->size += size;
	ap->bytes += size;
	if (m->size > MESSAGE_MOST ||
	    (c->append_most != 0 && m->size > c->append_most))
		refuse(ap, "TOOBIG", "The message is larger than allowed");
	else if (ap->bytes > room &&
	    !quota_allows(maildir_dir(tree_inbox(ap->s->tree)), &ap->s->quota,
		ap->bytes - room, ap->replaces ? 0 : ap->count))
		refuse(ap, "OVERQUOTA", "The mailbox is full");
}

static void
end_message(struct append *ap, const struct message *m)
{
	if (m->size == 0)
		refuse(ap, NULL, "The message is empty");
}

/* A file has LF for CRLF, so a LF that stood alone would come back as another
 * thing; programs that read the same files know nothing of NUL. */
static bool
is_lines(struct message *m, struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\0' || (s.p[i] == '\n' && !m->after_cr))
			return false;
		m->after_cr = s.p[i] == '\r';
	}
	return true;
}

/* What is there of the message, at most n; 0 when nothing is. */
static uint64_t
take_some(struct append *ap, struct message *m, uint64_t n)
{
	struct span have = stream_input(ap->s->io);

	if (have.n > n)
		have.n = (size_t)n;
	if (m->literal8 && !is_lines(m, have))
		refuse(ap, "UNKNOWN-CTE", "Mail is kept in lines, without NUL");
	else if (span_find(have, '\0') < have.n)
		refuse_bad(ap, "A literal cannot hold NUL");
	if (have.n > 0 && !ap->refused &&
	    store_add_crlf(m->file, have, &ap->why) == -1)
		refuse_trouble(ap);
	stream_take(ap->s->io, have.n);
	return have.n;
}

static enum stream_result
more_input(struct append *ap, int64_t until)
{
	int64_t silence = clock_ms() + SILENCE_MS;

	return session_more(ap->s, silence < until ? silence : until);
}

static enum step
read_message(struct append *ap, struct message *m, uint64_t n)
{
	int64_t until = clock_ms() + SILENCE_MS + (int64_t)(n / BYTES_PER_MS);

	while (n > 0) {
		n -= take_some(ap, m, n);
		if (n > 0 && more_input(ap, until) != STREAM_DATA)
			return STEP_END;
	}
	return STEP_GO_ON;
}

/* The next line of the command, behind a literal. */
static enum step
next_line(struct append *ap, struct input *in)
{
	int64_t until = clock_ms() + SILENCE_MS;

	while ((in->what = imap_scan_line(
		    stream_input(ap->s->io), &in->scan)) == IMAP_SCAN_MORE) {
		if (stream_input(ap->s->io).n > LINE_MOST) {
			reply_bye(ap->s, "Command line too long");
			return STEP_END;
		}
		if (more_input(ap, until) != STREAM_DATA)
			return STEP_END;
	}
	in->scan.no_wait = in->scan.no_wait || guest_is(ap->s);
	buf_clear(&ap->line);
	buf_add(&ap->line, stream_input(ap->s->io).p, in->scan.used);
	in->line = buf_span(&ap->line);
	stream_take(ap->s->io, in->scan.used);
	return STEP_GO_ON;
}

/* The literal at the line's end goes into the message, or to nowhere once it is
 * refused. */
static enum step
take_literal(struct append *ap, struct message *m, struct input *in)
{
	m->literal8 = in->scan.binary;
	grow_message(ap, m, in->scan.literal);
	if (!in->scan.no_wait && ap->refused)
		return STEP_DONE; /* nothing was sent yet, nothing will be */
	if (!in->scan.no_wait)
		stream_printf(ap->s->io, "+ OK\r\n");
	if (read_message(ap, m, in->scan.literal) == STEP_END)
		return STEP_END;
	return next_line(ap, in);
}

/* What the client has sent of a command that is refused already. */
static enum step
skip_rest(struct append *ap, struct input *in)
{
	struct message nowhere = { .file = NULL };

	while (in->what == IMAP_SCAN_LITERAL) {
		enum step step = take_literal(ap, &nowhere, in);

		if (step != STEP_GO_ON)
			return step;
	}
	return STEP_DONE;
}

/* The line ends in a literal, and that stands here. */
static bool
is_at_literal(const struct input *in)
{
	struct span at = in->line;
	size_t brace = span_find(at, '{');

	return in->what == IMAP_SCAN_LITERAL &&
	    (brace == 0 || (brace == 1 && at.p[0] == '~')) &&
	    span_find(span_skip(at, brace + 1), '{') == at.n - brace - 1;
}

static enum step
bad_piece(struct append *ap, struct input *in)
{
	refuse_bad(ap, "CATENATE wants TEXT and URL pieces");
	return skip_rest(ap, in);
}

/* --- pieces that are messages of ours (RFC 4469) --- */

struct copying {
	struct append *ap;
	struct message *m;
};

static void
copy_piece(void *arg, struct span piece)
{
	struct copying *c = arg;

	uint64_t most = c->ap->s->conf->append_most;

	if (most == 0)
		most = MESSAGE_MOST;
	if (!c->ap->refused &&
	    (c->m->size > most || piece.n > most - c->m->size))
		refuse(c->ap, "TOOBIG", "The message is larger than allowed");
	if (c->ap->refused)
		return;
	c->m->size += piece.n;
	if (store_add_crlf(c->m->file, piece, &c->ap->why) == -1)
		refuse_trouble(c->ap);
}

static void
copy_url(struct append *ap, struct message *m, struct span url)
{
	struct copying c = { ap, m };
	struct body_sink sink = { .fn = copy_piece, .arg = &c };
	uint64_t before = m->size, added;

	if (ap->refused)
		return;
	switch (catenate_url(ap->s, url, &sink, &ap->why)) {
	case CATENATE_DONE:
		/* against the quota when its size is known */
		added = m->size - before;
		m->size = before;
		grow_message(ap, m, added);
		break;
	case CATENATE_NONE:
		refuse(ap, catenate_code(ap->s->a, url),
		    "There is no such message or part");
		break;
	case CATENATE_TROUBLE:
		refuse_trouble(ap);
		break;
	}
}

/* A URL given as a literal, into memory. */
static enum step
url_literal(struct append *ap, struct input *in, struct span *url)
{
	int64_t until = clock_ms() + SILENCE_MS;
	uint64_t n = in->scan.literal;

	if (n > IMAP_URL_MAX) {
		refuse_bad(ap, "The URL is too long");
		return skip_rest(ap, in);
	}
	if (!in->scan.no_wait && ap->refused)
		return STEP_DONE;
	if (!in->scan.no_wait)
		stream_printf(ap->s->io, "+ OK\r\n");
	while (stream_input(ap->s->io).n < n)
		if (more_input(ap, until) != STREAM_DATA)
			return STEP_END;
	*url =
	    arena_span(ap->s->a, span_head(stream_input(ap->s->io), (size_t)n));
	stream_take(ap->s->io, (size_t)n);
	return next_line(ap, in);
}

static enum step
url_piece(struct append *ap, struct message *m, struct input *in)
{
	enum step step = STEP_GO_ON;
	struct span url;

	if (!imap_space(&in->line))
		return bad_piece(ap, in);
	if (is_at_literal(in))
		step = url_literal(ap, in, &url);
	else if (!imap_astring(ap->s->a, &in->line, &url))
		return bad_piece(ap, in);
	if (step == STEP_GO_ON)
		copy_url(ap, m, url);
	return step;
}

static enum step
text_piece(struct append *ap, struct message *m, struct input *in)
{
	if (!imap_space(&in->line) || !is_at_literal(in) || in->scan.binary)
		return bad_piece(ap, in);
	return take_literal(ap, m, in);
}

static enum step
utf8_piece(struct append *ap, struct message *m, struct input *in)
{
	enum step step;

	if (!utf8_literal(ap, &in->line, m) || !is_at_literal(in))
		return bad_piece(ap, in);
	step = take_literal(ap, m, in);
	if (step == STEP_GO_ON && !imap_char(&in->line, ')'))
		return bad_piece(ap, in);
	return step;
}

static enum step
catenate(struct append *ap, struct message *m, struct input *in)
{
	enum step step;

	do {
		if (++ap->pieces > PIECES_MOST) {
			refuse(ap, "LIMIT", "Too many pieces at once");
			return skip_rest(ap, in);
		}
		if (imap_is_word(&in->line, "TEXT"))
			step = text_piece(ap, m, in);
		else if (imap_is_word(&in->line, "URL"))
			step = url_piece(ap, m, in);
		else if (imap_is_word(&in->line, "UTF8"))
			step = utf8_piece(ap, m, in);
		else
			step = bad_piece(ap, in);
	} while (step == STEP_GO_ON && imap_space(&in->line));
	if (step == STEP_GO_ON && !imap_char(&in->line, ')'))
		return bad_piece(ap, in);
	return step;
}

static enum step
whole_message(struct append *ap, struct message *m, struct input *in)
{
	enum step step = take_literal(ap, m, in);

	if (step == STEP_GO_ON && m->utf8 && !imap_char(&in->line, ')'))
		refuse_bad(ap, "UTF8 wants a message in parentheses");
	return step;
}

/* One message, from its options to what follows it. */
static enum step
one_message(struct append *ap, struct input *in)
{
	struct message *m;
	enum step step;

	if (ap->count == MESSAGES_MOST) {
		refuse(ap, "LIMIT", "Too many messages at once");
		return skip_rest(ap, in);
	}
	m = &ap->list[ap->count];
	memset(m, 0, sizeof(*m));
	if (!parse_options(ap, &in->line, m) ||
	    (!m->catenate && !is_at_literal(in))) {
		refuse_bad(ap, "APPEND wants flags, a date and a literal");
		return skip_rest(ap, in);
	}
	ap->count++;
	begin_message(ap, m);
	step = m->catenate ? catenate(ap, m, in) : whole_message(ap, m, in);
	if (step != STEP_GO_ON)
		return step;
	end_message(ap, m);
	if (in->what == IMAP_SCAN_LINE && imap_end(in->line))
		return STEP_DONE;
	if (!ap->replaces)
		return STEP_GO_ON;
	refuse_bad(ap, "REPLACE wants one message");
	return skip_rest(ap, in);
}

/* Numbered and flushed, then seen. */
static int
show(struct append *ap, struct store_file **files, const struct store_how *how,
    uint32_t *uids)
{
	const struct arrive_files f = { files, how, ap->count, false };
	struct arrive_message *list = mem_array(ap->count, sizeof(*list));
	int got, error;

	for (size_t i = 0; i < ap->count; i++) {
		list[i].keywords = ap->list[i].flags.keywords;
		list[i].keyword_count = ap->list[i].flags.count;
	}
	got = arrive_store(ap->to->arrive, &f, list, &ap->why);
	error = errno;
	for (size_t i = 0; i < ap->count; i++)
		uids[i] = list[i].uid;
	free(list);
	errno = error;
	return got;
}

/* The old message goes once the new one is safe; when it cannot, the new one
 * goes again (RFC 8508, 3.4). */
static int
let_old_go(struct append *ap, struct store_file *added)
{
	const uint32_t at = (uint32_t)ap->old;
	int error;

	if (view_expunge(ap->s->view, &at, 1, VIEW_ANY, &ap->why) == 0)
		return 0;
	error = errno;
	store_take_back(added);
	quota_add(maildir_dir(tree_inbox(ap->s->tree)),
	    -(int64_t)store_size(added), -1);
	errno = error;
	return -1;
}

static int
finish(struct append *ap, uint32_t *uids)
{
	struct store_file *files[MESSAGES_MOST];
	struct store_how how[MESSAGES_MOST];
	uint64_t bytes = 0;

	for (size_t i = 0; i < ap->count; i++) {
		files[i] = ap->list[i].file;
		how[i] = (struct store_how){ ap->list[i].file_flags,
			ap->list[i].date };
		bytes += store_size(files[i]);
	}
	if (show(ap, files, how, uids) == -1)
		return -1;
	quota_add(maildir_dir(tree_inbox(ap->s->tree)), (int64_t)bytes,
	    (int64_t)ap->count);
	return ap->replaces ? let_old_go(ap, files[0]) : 0;
}

static void
answer_done(struct append *ap, const uint32_t *uids)
{
	struct imap_set_writer w = { .any = false };
	struct buf code = BUF_EMPTY;
	char room[SYNC_CODE_ROOM];
	const char *told;

	buf_printf(
	    &code, "APPENDUID %" PRIu32 " ", arrive_validity(ap->to->arrive));
	for (size_t i = 0; i < ap->count; i++)
		imap_put_set(&code, &w, uids[i]);
	imap_put_set_end(&code, &w);
	/* who may not read there learns nothing of it (RFC 4315, 3) */
	told = (ap->to->rights & ACL_READ) != 0 ? buf_str(&code) : NULL;
	/* before the EXPUNGE, so that it is known what that is of (4.3) */
	if (ap->replaces && told != NULL)
		stream_printf(
		    ap->s->io, "* OK [%s] Replacement is there\r\n", told);
	/* the selected folder may be the one: the client expects to see it */
	sync_tell(ap->s, true);
	reply_ok(ap->s, ap->replaces ? sync_highest_code(ap->s, room) : told,
	    ap->replaces ? "Replace completed" : "Append completed");
	buf_free(&code);
}

/* False: it was answered. */
static bool
send_all(struct append *ap)
{
	struct store_file *files[MESSAGES_MOST];

	for (size_t i = 0; i < ap->count; i++)
		files[i] = ap->list[i].file;
	return outbox_send_files(ap->s, files, ap->count);
}

static bool
is_sent(const struct append *ap)
{
	return ap->to != NULL && outbox_is(ap->s, ap->to->m);
}

static void
answer(struct append *ap)
{
	uint32_t uids[MESSAGES_MOST];

	if (ap->answered)
		return;
	if (!ap->refused && is_sent(ap) && !send_all(ap))
		return;
	if (!ap->refused && finish(ap, uids) == -1) {
		refuse_trouble(ap);
		if (is_sent(ap)) {
			ap->code = NULL;
			ap->text = OUTBOX_NOT_KEPT;
		}
	}
	if (!ap->refused) {
		answer_done(ap, uids);
		return;
	}
	if (ap->bad) {
		reply_bad(ap->s, ap->text);
		return;
	}
	sync_tell(ap->s, true);
	reply_no(
	    ap->s, ap->code, ap->text != NULL ? ap->text : why_text(&ap->why));
}

/* The one message that is replaced. What is wrong with it is told at once; what
 * the client has sent already is read all the same. */
static void
find_old(struct append *ap, struct span *args)
{
	struct session *s = ap->s;
	struct numbers n;

	if (!numbers_take(s, args, &n)) {
		ap->refused = ap->answered = true;
		return;
	}
	ap->replaces = true;
	if (n.count > 1)
		refuse_bad(ap, "REPLACE wants one message");
	else if (n.count == 0 ||
	    (view_at(s->view, n.list[0])->bits & MSG_GONE) != 0)
		refuse(ap, "NONEXISTENT", "There is no such message");
	else if (view_read_only(s->view))
		refuse(ap, NULL, "The mailbox is selected read-only");
	else if ((s->rights & (ACL_DELETED | ACL_EXPUNGE)) !=
	    (ACL_DELETED | ACL_EXPUNGE))
		refuse(ap, "NOPERM", "You may not take messages away here");
	else
		ap->old = n.list[0];
	numbers_free(&n);
}

static void
append(struct session *s, struct span args, bool replace)
{
	struct append *ap = mem_new(sizeof(*ap));
	enum step step = STEP_GO_ON;
	struct input in;
	struct span raw;

	ap->s = s;
	why_init(&ap->why);
	if (replace)
		find_old(ap, &args);
	if (!imap_space(&args) || !imap_astring(s->a, &args, &raw))
		step = STEP_BAD;
	else if (!reply_mailbox(s, raw, &ap->name))
		refuse(ap, "CANNOT", "The name is not in modified UTF-7");
	else if (!ap->refused)
		open_target(ap);
	in.line = args;
	in.what = imap_scan_line(args, &in.scan);
	in.scan.no_wait = in.scan.no_wait || guest_is(s);
	while (step == STEP_GO_ON)
		step = one_message(ap, &in);
	if (step == STEP_BAD && !ap->answered)
		reply_bad(s, "APPEND wants a mailbox and a message");
	else if (step == STEP_DONE)
		answer(ap);
	for (size_t i = 0; i < ap->count; i++)
		store_drop(&ap->list[i].file);
	buf_free(&ap->line);
	target_close(s, &ap->to, step == STEP_DONE && !ap->refused);
	why_free(&ap->why);
	free(ap);
}

void
cmd_append(struct session *s, struct span args)
{
	append(s, args, false);
}

void
cmd_replace(struct session *s, struct span args)
{
	append(s, args, true);
}
