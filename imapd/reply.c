/* reply.c - answers of the server: status, names, flags */

#include "imapd/reply.h"

#include <errno.h>

#include "base/arena.h"
#include "base/utf8.h"
#include "base/why.h"
#include "imapd/guest.h"
#include "imapd/rights.h"
#include "imapd/session.h"
#include "imapd/shared.h"
#include "mailbox/flags.h"
#include "mailbox/view.h"
#include "message/utf7.h"
#include "wire/imap_parse.h"

static const struct {
	unsigned imap, file;
	const char *name;
} flags[] = {
	{ IMAP_ANSWERED, FLAG_ANSWERED, "\\Answered" },
	{ IMAP_FLAGGED, FLAG_FLAGGED, "\\Flagged" },
	{ IMAP_DELETED, FLAG_DELETED, "\\Deleted" },
	{ IMAP_SEEN, FLAG_SEEN, "\\Seen" },
	{ IMAP_DRAFT, FLAG_DRAFT, "\\Draft" },
};

enum { FLAG_COUNT = sizeof(flags) / sizeof(flags[0]) };

/* resp-text: one line of ASCII. */
static void
tagged(
    struct session *s, const char *status, const char *code, const char *text)
{
	struct buf line = BUF_EMPTY;

	for (const char *p = text; *p != '\0'; p++)
		buf_add_byte(&line,
		    ascii_control((unsigned char)*p) || (*p & 0x80) != 0 ? '?'
									 : *p);
	stream_printf(s->io, "%.*s %s ", (int)s->tag.n, s->tag.p, status);
	if (code != NULL)
		stream_printf(s->io, "[%s] ", code);
	stream_put(s->io, buf_span(&line));
	stream_put(s->io, SPAN("\r\n"));
	buf_free(&line);
}

void
reply_ok(struct session *s, const char *code, const char *text)
{
	tagged(s, "OK", code, text);
}

void
reply_no(struct session *s, const char *code, const char *text)
{
	tagged(s, "NO", code, text);
}

void
reply_bad(struct session *s, const char *text)
{
	tagged(s, "BAD", NULL, text);
}

void
reply_uid_required(struct session *s)
{
	tagged(s, "BAD", "UIDREQUIRED", "Only UIDs can be used now");
}

void
reply_trouble(struct session *s, struct why *why)
{
	int error = errno;

	/* where the owner's files lie is no guest's affair */
	if (guest_is(s))
		why_set(why,
		    span_is(span_str(why->status), "4.3.1") ? "4.3.1" : "4.3.0",
		    "the mailbox cannot be used now");
	if (span_is(span_str(why->status), "4.3.1"))
		reply_no(s, "OVERQUOTA", why_text(why));
	else if (error == EACCES || error == EPERM || error == EROFS)
		reply_no(s, "NOPERM", why_text(why));
	else if (error == E2BIG)
		reply_no(s, "LIMIT", why_text(why));
	else
		reply_no(s, "UNAVAILABLE", why_text(why));
}

void
reply_tree(struct session *s, enum tree_result got, struct why *why)
{
	switch (got) {
	case TREE_MISSING:
		reply_no(s, "NONEXISTENT", why_text(why));
		break;
	case TREE_EXISTS:
		reply_no(s, "ALREADYEXISTS", why_text(why));
		break;
	case TREE_REFUSED:
		reply_no(s, "CANNOT", why_text(why));
		break;
	case TREE_FORBIDDEN:
		reply_no(s, "NOPERM", why_text(why));
		break;
	case TREE_DONE:
	case TREE_TROUBLE:
		reply_trouble(s, why);
		break;
	}
}

void
reply_bye(struct session *s, const char *text)
{
	if (!s->told_bye)
		stream_printf(s->io, "* BYE %s\r\n", text);
	s->told_bye = true;
	s->state = STATE_LOGOUT;
}

static bool
name_to_utf8(const struct session *s, struct span raw, struct buf *out)
{
	if ((s->enabled & (ENABLED_UTF8 | ENABLED_REV2)) == 0 &&
	    utf7_to_utf8(out, raw))
		return true;
	/* clients that send UTF-8 unasked are understood */
	if (!utf8_valid(raw) ||
	    ((s->enabled & (ENABLED_UTF8 | ENABLED_REV2)) == 0 &&
		span_find(raw, '&') < raw.n))
		return false;
	buf_add_span(out, raw);
	return true;
}

bool
reply_mailbox(struct session *s, struct span raw, struct span *name)
{
	struct buf utf8 = BUF_EMPTY, inward = BUF_EMPTY;
	bool ok = name_to_utf8(s, raw, &utf8);

	/* what lies outside is a name that no folder can have */
	if (ok && guest_is(s) && !shared_inward(s, buf_span(&utf8), &inward))
		buf_add_str(&inward, "INBOX..");
	if (ok)
		*name = arena_span(
		    s->a, guest_is(s) ? buf_span(&inward) : buf_span(&utf8));
	buf_free(&utf8);
	buf_free(&inward);
	return ok;
}

bool
reply_take_mailbox(struct session *s, struct span *args, struct span *name)
{
	struct span raw;

	if (!imap_space(args) || !imap_astring(s->a, args, &raw)) {
		reply_bad(s, "A mailbox name is wanted");
		return false;
	}
	if (reply_mailbox(s, raw, name))
		return true;
	reply_no(s, "CANNOT", "The name is not in modified UTF-7");
	return false;
}

void
reply_put_mailbox(const struct session *s, struct buf *out, struct span name)
{
	struct buf utf7 = BUF_EMPTY, outward = BUF_EMPTY;

	if (guest_is(s)) {
		shared_outward(s, name, &outward);
		name = buf_span(&outward);
	}
	if ((s->enabled & (ENABLED_UTF8 | ENABLED_REV2)) != 0)
		imap_put_utf8(out, name);
	else if (utf7_from_utf8(&utf7, name))
		imap_put_astring(out, buf_span(&utf7));
	else
		imap_put_astring(out, name);
	buf_free(&utf7);
	buf_free(&outward);
}

struct span
reply_full_name(const struct session *s, struct span name)
{
	const struct folder_conf *c = tree_conf(s->tree);
	struct span inbox = span_head(name, 5);

	struct span front = span_str(c->prefix);
	struct buf full = BUF_EMPTY;

	if (span_iis(inbox, "INBOX") &&
	    (name.n == 5 || name.p[5] == c->separator)) {
		front = SPAN("INBOX");
		name = span_skip(name, 5);
	} else if (span_starts(name, c->prefix)) {
		return name;
	}
	buf_add_span(&full, front);
	buf_add_span(&full, name);
	name = arena_span(s->a, buf_span(&full));
	buf_free(&full);
	return name;
}

void
reply_put_list(
    const struct session *s, struct buf *out, struct span name, struct span old)
{
	buf_printf(out, "* LIST () \"%c\" ", tree_conf(s->tree)->separator);
	reply_put_mailbox(s, out, name);
	if (!span_eq(name, old)) {
		buf_add_str(out, " (\"OLDNAME\" (");
		reply_put_mailbox(s, out, old);
		buf_add_str(out, "))");
	}
	buf_add_str(out, "\r\n");
}

static void
put_word(struct buf *out, size_t begun, struct span word)
{
	if (out->n > begun)
		buf_add_byte(out, ' ');
	buf_add_span(out, word);
}

void
reply_put_flags(
    const struct session *s, struct buf *out, const struct msg *m, bool recent)
{
	const struct keywords *names = view_keywords(s->view);
	size_t begun;

	buf_add_byte(out, '(');
	begun = out->n;
	for (size_t i = 0; i < FLAG_COUNT; i++)
		if ((m->flags & flags[i].file) != 0)
			put_word(out, begun, span_str(flags[i].name));
	if (recent && (s->enabled & ENABLED_REV2) == 0)
		put_word(out, begun, SPAN("\\Recent"));
	/* the letter P, unless the keyword says it already */
	if ((m->flags & FLAG_PASSED) != 0) {
		int at = keywords_find(names, SPAN("$Forwarded"));

		if (at == -1 || !kwset_has(&m->kw, (size_t)at))
			put_word(out, begun, SPAN("$Forwarded"));
	}
	for (size_t k = 0; !kwset_empty(&m->kw) && k < keywords_count(names);
	     k++)
		if (kwset_has(&m->kw, k) && keywords_name(names, k).n > 0)
			put_word(out, begun, keywords_name(names, k));
	buf_add_byte(out, ')');
}

void
reply_put_wire_flags(struct buf *out, const struct imap_flags *f)
{
	size_t begun;

	buf_add_byte(out, '(');
	begun = out->n;
	for (size_t i = 0; i < FLAG_COUNT; i++)
		if ((f->system & flags[i].imap) != 0)
			put_word(out, begun, span_str(flags[i].name));
	for (size_t i = 0; i < f->count; i++)
		put_word(out, begun, f->keywords[i]);
	buf_add_byte(out, ')');
}

/* Those among FLAG_ that are in which; keywords are as FLAG_PASSED. */
static void
put_known(const struct session *s, struct buf *out, unsigned which)
{
	const struct keywords *names = view_keywords(s->view);
	size_t begun = out->n;

	for (size_t i = 0; i < FLAG_COUNT; i++)
		if ((flags[i].file & which) != 0)
			put_word(out, begun, span_str(flags[i].name));
	if ((which & FLAG_PASSED) == 0)
		return;
	if (keywords_find(names, SPAN("$Forwarded")) == -1)
		put_word(out, begun, SPAN("$Forwarded"));
	for (size_t k = 0; k < keywords_count(names); k++)
		if (keywords_name(names, k).n > 0)
			put_word(out, begun, keywords_name(names, k));
}

void
reply_put_known_flags(const struct session *s, struct buf *out)
{
	put_known(s, out, ~0U);
}

void
reply_permanent_flags(struct session *s)
{
	unsigned may = rights_flags(s->rights);
	struct buf all = BUF_EMPTY;

	if (s->conf->no_keywords)
		may &= ~(unsigned)FLAG_PASSED;

	if (view_read_only(s->view)) {
		stream_printf(
		    s->io, "* OK [PERMANENTFLAGS ()] Read-only mailbox\r\n");
		return;
	}
	put_known(s, &all, may);
	stream_printf(s->io, "* OK [PERMANENTFLAGS (%s%s)] Limited\r\n",
	    buf_str(&all),
	    s->told_keywords < KEYWORDS_MAX && (may & FLAG_PASSED) != 0 ? " \\*"
									: "");
	buf_free(&all);
}

unsigned
reply_file_flags(unsigned imap)
{
	unsigned out = 0;

	for (size_t i = 0; i < FLAG_COUNT; i++)
		if ((imap & flags[i].imap) != 0)
			out |= flags[i].file;
	return out;
}
