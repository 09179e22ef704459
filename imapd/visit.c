/*
 * visit.c - other users' folders, served by imapd's of theirs
 *
 * Which commands are about another's folder: those that name one, and while
 * one is selected those that are about that.
 */

#include "imapd/visit.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/must.h"
#include "imapd/notify.h"
#include "imapd/reply.h"
#include "imapd/select.h"
#include "imapd/session.h"
#include "imapd/share.h"
#include "imapd/shared.h"
#include "imapd/sync.h"
#include "imapd/visit_copy.h"
#include "imapd/visit_inside.h"
#include "mailbox/tree.h"
#include "mailbox/view.h"
#include "message/date.h"
#include "os/clock.h"
#include "wire/imap_list.h"
#include "wire/imap_metadata.h"
#include "wire/imap_parse.h"
#include "wire/imap_search.h"

bool
visit_selected(const struct session *s)
{
	return s->visits != NULL && s->visits->selected != NULL;
}

void
visit_leave(struct session *s)
{
	struct visit *v;

	if (!visit_selected(s))
		return;
	v = s->visits->selected;
	s->visits->selected = NULL;
	visit_say(v, "~", SPAN("UNSELECT"));
	if (visit_answer(s, v, SPAN("~"), TO_NOBODY, NULL) != SAID_OK)
		visit_end(s, v);
}

/* --- which folder --- */

/* The mailbox that comes first, off *args; or that of COPY, behind its set. */
static bool
take_name(struct session *s, const struct command *c, struct span *args,
    struct span *name)
{
	struct imap_getmetadata asked;
	struct imap_set set;
	struct span raw;

	if (c->run == cmd_getmetadata)
		return imap_getmetadata_parse(s->a, *args, &asked) &&
		    reply_mailbox(s, asked.mailbox, name);
	if ((c->run == cmd_copy || c->run == cmd_move ||
		c->run == cmd_replace) &&
	    !(imap_space(args) && imap_message_set(s->a, args, &set)))
		return false;
	return imap_space(args) && imap_astring(s->a, args, &raw) &&
	    reply_mailbox(s, raw, name);
}

static bool
names_folder(const struct command *c)
{
	static command_fn *const named[] = { cmd_append, cmd_copy, cmd_create,
		cmd_delete, cmd_deleteacl, cmd_examine, cmd_getacl,
		cmd_getmetadata, cmd_getquotaroot, cmd_listrights, cmd_move,
		cmd_myrights, cmd_rename, cmd_replace, cmd_select, cmd_setacl,
		cmd_setmetadata, cmd_status };

	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (c->run == named[i])
			return true;
	return false;
}

static bool
same_owner(const struct session *s, const struct visit *v, struct span name)
{
	struct buf owner = BUF_EMPTY;
	bool same = shared_owner(s->conf, name, &owner) &&
	    span_eq(buf_span(&owner), buf_span(&v->owner));

	buf_free(&owner);
	return same;
}

/* --- sending on --- */

/* What stands behind the command's name in its line. */
static struct span
args_of(const struct session *s)
{
	struct span rest = buf_span(&s->line), word;

	(void)(imap_tag(&rest, &word) && imap_space(&rest) &&
	    imap_atom(&rest, &word));
	if (s->uid)
		(void)(imap_space(&rest) && imap_atom(&rest, &word));
	return rest;
}

/* The next word that is none of a string's, and does not stand in brackets. */
static bool
plain_word(struct session *s, struct span *rest, struct span *word)
{
	struct span text;
	int c;

	while (rest->n > 0) {
		c = span_at(*rest, 0);
		if (c == '[')
			*rest = span_skip(*rest, span_find(*rest, ']'));
		*word = span_head(*rest, span_find_any(*rest, " ()[]\"{\r\n"));
		if (word->n > 0) {
			*rest = span_skip(*rest, word->n);
			return true;
		}
		if ((c != '"' && c != '{') || !imap_string(s->a, rest, &text))
			*rest = span_skip(*rest, 1);
	}
	return false;
}

/* RFC 7162, 3.1: what of each command enables CONDSTORE. */
static const struct {
	command_fn *run;
	const char *words[2];
} condstore[] = {
	{ cmd_select, { "CONDSTORE", "QRESYNC" } },
	{ cmd_examine, { "CONDSTORE", "QRESYNC" } },
	{ cmd_status, { "HIGHESTMODSEQ", NULL } },
	{ cmd_fetch, { "MODSEQ", "CHANGEDSINCE" } },
	{ cmd_store, { "UNCHANGEDSINCE", NULL } },
	{ cmd_sort, { "MODSEQ", NULL } },
	{ cmd_thread, { "MODSEQ", NULL } },
};

/* "FLAGS", "+FLAGS", "-FLAGS.SILENT" */
static bool
says_flags(struct span word)
{
	if (span_at(word, 0) == '+' || span_at(word, 0) == '-')
		word = span_skip(word, 1);
	return span_iis(span_head(word, 5), "FLAGS");
}

static bool
enables_condstore(struct session *s, const struct command *c)
{
	struct span rest = args_of(s), word;
	struct imap_search asked;
	const char *const *words = NULL;

	if (c->run == cmd_search)
		return imap_space(&rest) &&
		    imap_search_parse(s->a, &rest, date_parse_day, &asked) ==
		    IMAP_SEARCH_OK &&
		    asked.modseq;
	for (size_t i = 0; i < sizeof(condstore) / sizeof(condstore[0]); i++)
		if (c->run == condstore[i].run)
			words = condstore[i].words;
	while (words != NULL && plain_word(s, &rest, &word)) {
		/* flags of STORE may be called anything */
		if (c->run == cmd_store && says_flags(word))
			return false;
		for (int i = 0; i < 2 && words[i] != NULL; i++)
			if (span_iis(word, words[i]))
				return true;
	}
	return false;
}

/* Then it holds for our own folders as well. */
static void
note_condstore(struct session *s, struct visit *v, const struct command *c)
{
	if (!enables_condstore(s, c))
		return;
	sync_condstore(s);
	v->enabled |= ENABLED_CONDSTORE;
}

static enum said
send_on(struct session *s, struct visit *v)
{
	enum said said = SAID_GONE;

	if (visit_enable(s, v)) {
		stream_put(v->io, buf_span(&s->line));
		said = visit_answer(s, v, s->tag, TO_CLIENT, NULL);
	}
	if (said == SAID_GONE)
		visit_lost(s, v);
	return said;
}

static void
stream_on(struct session *s, struct visit *v, struct span rest)
{
	if (!visit_enable(s, v)) {
		visit_lost(s, v);
		if (!visit_stream(s, NULL, rest))
			s->state = STATE_LOGOUT;
		return;
	}
	stream_put(v->io, buf_span(&s->line));
	if (!visit_stream(s, v, rest))
		s->state = STATE_LOGOUT;
	else if (visit_answer(s, v, s->tag, TO_CLIENT, NULL) == SAID_GONE)
		visit_lost(s, v);
}

/* SELECT and EXAMINE. What is selected is left in any case. */
static void
select_there(struct session *s, const struct command *c, struct span name)
{
	struct visit *v;

	if (s->state == STATE_SELECTED)
		stream_put(s->io, SPAN("* OK [CLOSED] Previous mailbox\r\n"));
	if (s->notify != NULL) {
		stream_put(s->io,
		    SPAN("* OK [NOTIFICATIONOVERFLOW] Another user's mailbox "
			 "is watched by asking\r\n"));
		notify_forget(s);
	}
	select_leave(s);
	v = visit_to(s, name, "NONEXISTENT");
	if (v == NULL || send_on(s, v) != SAID_OK)
		return;
	note_condstore(s, v, c);
	s->visits->selected = v;
	s->state = STATE_SELECTED;
	buf_add_span(&s->selected, name);
}

/* Nothing is selected there any more, and here neither. */
static void
left_there(struct session *s)
{
	if (s->visits != NULL)
		s->visits->selected = NULL;
	select_leave(s);
}

static void
rename_there(struct session *s, struct visit *v, struct span args)
{
	struct span raw, to;

	if (!imap_space(&args) || !imap_astring(s->a, &args, &raw) ||
	    !reply_mailbox(s, raw, &to) || !imap_end(args))
		reply_bad(s, "RENAME wants two names");
	else if (!same_owner(s, v, to))
		reply_no(
		    s, "CANNOT", "A folder cannot be given to another user");
	else
		(void)send_on(s, v);
}

/* A command that names a folder of another's, not COPY or the like. */
static void
named_there(struct session *s, const struct command *c, struct span name,
    struct span args)
{
	struct visit *v;

	if (c->run == cmd_getquotaroot) {
		reply_no(s, "NOPERM", "The quota is the owner's affair");
		return;
	}
	v = visit_to(
	    s, name, c->run == cmd_append ? "TRYCREATE" : "NONEXISTENT");
	if (v == NULL && c->run == cmd_append && !visit_stream(s, NULL, args))
		s->state = STATE_LOGOUT;
	if (v == NULL)
		return;
	if (c->run == cmd_rename) {
		rename_there(s, v, args);
	} else if (c->run == cmd_append) {
		stream_on(s, v, args);
	} else if (send_on(s, v) == SAID_OK) {
		note_condstore(s, v, c);
		if (c->run == cmd_delete && visit_selected(s) &&
		    span_eq(name, buf_span(&s->selected)))
			left_there(s);
	}
}

/* The set of a COPY as the client wrote it, which was understood. */
static struct span
set_of(struct session *s)
{
	struct span rest = args_of(s), begun;
	struct imap_set set;

	(void)imap_space(&rest);
	begun = rest;
	(void)imap_message_set(s->a, &rest, &set);
	return span_head(begun, begun.n - rest.n);
}

/* COPY, MOVE and REPLACE, by where they come from and go to. */
static bool
between(struct session *s, const struct command *c, struct span name,
    struct span args)
{
	struct span set = set_of(s);
	struct visit *here = visit_selected(s) ? s->visits->selected : NULL;

	if (here == NULL)
		return false; /* cmd_copy() knows; cmd_replace() refuses */
	if (c->run == cmd_replace)
		stream_on(s, here, args); /* so does that one, of others */
	else if (same_owner(s, here, name))
		(void)send_on(s, here);
	else if (!imap_end(args))
		reply_bad(s, "COPY wants a set and a mailbox");
	else if (shared_has(s->conf, name))
		visit_copy_over(s, set, name, c->run == cmd_move);
	else
		visit_copy_in(s, set, name, c->run == cmd_move);
	return true;
}

static void
idle_there(struct session *s, struct visit *v)
{
	enum said said = SAID_GONE;

	if (visit_enable(s, v)) {
		stream_put(v->io, buf_span(&s->line));
		said = visit_idle(s, v);
	}
	if (said == SAID_GONE)
		visit_lost(s, v);
}

/* While a folder of another's is selected. */
static bool
selected_there(struct session *s, const struct command *c, struct span args)
{
	struct visit *v = s->visits->selected;

	if (c->run == cmd_notify) {
		reply_no(s, "CANNOT",
		    "Not while another user's mailbox is selected");
		return true;
	}
	if (c->run == cmd_idle) {
		idle_there(s, v);
		return true;
	}
	if (c->states != STATE_SELECTED && c->run != cmd_noop &&
	    c->run != cmd_check)
		return false;
	if (c->run == cmd_replace) {
		/* not understood here: its literals have not been read */
		stream_on(s, v, args);
		return true;
	}
	if (send_on(s, v) != SAID_OK)
		return true;
	note_condstore(s, v, c);
	if (c->run == cmd_close || c->run == cmd_unselect)
		left_there(s);
	return true;
}

bool
visit_takes(struct session *s, const struct command *c, struct span args)
{
	bool transfers =
	    c->run == cmd_copy || c->run == cmd_move || c->run == cmd_replace;
	struct span name;

	if (!share_can(s))
		return false;
	if (names_folder(c) && take_name(s, c, &args, &name)) {
		if (transfers)
			return between(s, c, name, args);
		if (shared_has(s->conf, name)) {
			if (c->run == cmd_select || c->run == cmd_examine)
				select_there(s, c, name);
			else
				named_there(s, c, name, args);
			return true;
		}
	}
	return visit_selected(s) && selected_there(s, c, args);
}

/* --- LIST --- */

/* What the pattern begins with, before it is wild. */
static struct span
plain_front(struct span pattern)
{
	return span_head(pattern, span_find_any(pattern, "%*"));
}

/* A pattern may match base or something below it. */
static bool
may_match(struct span pattern, struct span base)
{
	struct span front = plain_front(pattern);
	size_t n = front.n < base.n ? front.n : base.n;

	return span_eq(span_head(front, n), span_head(base, n)) &&
	    (front.n == pattern.n ? front.n >= base.n : true);
}

/* Names that begin with '#' are found by who asks for them, not by "*" (RFC
 * 3501, 6.3.8). */
static bool
reaches(const struct session *s, const struct span *patterns, size_t count,
    struct span base)
{
	for (size_t i = 0; i < count; i++)
		if (may_match(patterns[i], base) &&
		    (span_at(patterns[i], 0) == '#' ||
			s->conf->shared[0] != '#'))
			return true;
	return false;
}

static void
list_owner(struct session *s, struct span owner, struct span args)
{
	/* one owner's trouble is not to keep the client from the others */
	int64_t ends = clock_ms() + VISIT_HURRY_MS;
	bool denied;
	struct visit *v = visit_owner(s, owner, ends, &denied);

	if (v == NULL)
		return;
	stream_put(v->io, SPAN("~ LIST"));
	stream_put(v->io, args);
	if (visit_answer(s, v, SPAN("~"), TO_LIST, NULL) == SAID_GONE)
		visit_end(s, v);
	else
		v->ends = 0;
}

static void
list_root(struct session *s, const struct imap_list *asked)
{
	struct buf line = BUF_EMPTY;

	buf_printf(&line, "* LIST (%s \\HasChildren) \"%c\" ",
	    asked->extended ? "\\NonExistent" : "\\Noselect",
	    tree_conf(s->tree)->separator);
	reply_put_mailbox(s, &line, span_str(s->conf->shared));
	buf_add_str(&line, "\r\n");
	stream_put(s->io, buf_span(&line));
	buf_free(&line);
}

void
visit_list(struct session *s, const struct imap_list *asked,
    const struct span *patterns, struct span args)
{
	char separator = tree_conf(s->tree)->separator;
	struct buf base = BUF_EMPTY;
	struct span *owners;
	size_t n;

	if (!share_can(s) || asked->subscribed || asked->special_only ||
	    !reaches(s, patterns, asked->count, span_str(s->conf->shared)))
		return;
	owners = share_owners(s, &n);
	for (size_t i = 0; n > 0 && i < asked->count; i++)
		if (imap_list_match(
			patterns[i], span_str(s->conf->shared), separator)) {
			list_root(s, asked);
			break;
		}
	for (size_t i = 0; i < n; i++) {
		buf_clear(&base);
		if (shared_base(s->conf, owners[i], &base) &&
		    reaches(s, patterns, asked->count, buf_span(&base)))
			list_owner(s, owners[i], args);
	}
	buf_free(&base);
}
