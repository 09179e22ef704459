/*
 * cmd_metadata.c - GETMETADATA and SETMETADATA (RFC 5464, RFC 9590)
 *
 * Notes on a folder lie in it, those on the server in the user's top folder, so
 * of the latter only private ones can be set.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/why.h"
#include "imapd/guest.h"
#include "imapd/metadata.h"
#include "imapd/reply.h"
#include "imapd/rights.h"
#include "imapd/session.h"
#include "imapd/sync.h"
#include "mailbox/arrive.h"
#include "mailbox/maildir.h"
#include "mailbox/metadata.h"
#include "mailbox/tree.h"
#include "wire/imap_metadata.h"
#include "wire/imap_parse.h"

/* To read and to write notes (RFC 5464, 3.3). */
#define RIGHTS_NOTES \
	{ \
		.need = ACL_LOOKUP, \
		.any = ACL_READ | ACL_SEEN | ACL_WRITE | ACL_INSERT | ACL_POST \
	}

/* The folder, or the top one for the server. */
struct place {
	struct maildir *m;
	struct maildir *opened; /* to be closed */
	const char *file;
	struct span name; /* of the folder; empty: the server */
	unsigned rights;
};

/* False: answered. */
static bool
place_open(struct session *s, struct span raw, struct place *p)
{
	struct rights r = RIGHTS_NOTES;
	struct why why;

	*p = (struct place){ .file = METADATA_SERVER };
	if (raw.n == 0 && guest_is(s)) {
		reply_no(s, "NOPERM", "That is the owner's affair");
		return false;
	}
	if (raw.n == 0) {
		p->m = tree_inbox(s->tree);
		return true;
	}
	if (!reply_mailbox(s, raw, &p->name)) {
		reply_no(s, "CANNOT", "The name is not in modified UTF-7");
		return false;
	}
	why_init(&why);
	p->file = METADATA_FILE;
	p->m = p->opened = rights_folder(s, p->name, &r, &why);
	p->rights = r.has;
	if (p->m == NULL)
		reply_tree(s, r.got, &why);
	why_free(&why);
	return p->m != NULL;
}

/* What the administrator says, before what the user has noted. */
static void
add_own(struct session *s, struct metadata *md)
{
	const char *admin = s->conf->metadata_admin;
	struct metadata_entry *list;
	size_t at = 0;

	if (admin == NULL || *admin == '\0')
		return;
	list = arena_array(s->a, md->count + 1, sizeof(*list));
	while (at < md->count &&
	    span_icmp(md->list[at].name, SPAN("/shared/admin")) < 0) {
		list[at] = md->list[at];
		at++;
	}
	list[at] =
	    (struct metadata_entry){ SPAN("/shared/admin"), span_str(admin) };
	for (size_t i = at; i < md->count; i++)
		list[i + 1] = md->list[i];
	md->list = list;
	md->count++;
}

static bool
is_private(struct span name)
{
	return !span_istarts(name, "/shared/");
}

/* A guest does not see the owner's own notes. */
static void
drop_private(struct metadata *md)
{
	size_t kept = 0;

	for (size_t i = 0; i < md->count; i++)
		if (!is_private(md->list[i].name))
			md->list[kept++] = md->list[i];
	md->count = kept;
}

static int
read_place(struct session *s, const struct place *p, struct metadata *out,
    struct why *why)
{
	if (metadata_read(p->m, p->file, s->a, out, why) == -1)
		return -1;
	if (p->name.n == 0)
		add_own(s, out);
	if (guest_is(s))
		drop_private(out);
	return 0;
}

struct telling {
	struct session *s;
	struct buf out;
	bool *told; /* of the entries: each is told once */
	size_t begun;
	const struct imap_getmetadata *asked;
	size_t longest; /* of the values that were too long */
};

static void
put_pair(struct telling *t, struct span name, struct span value)
{
	if (t->asked != NULL && t->asked->has_max && value.n > t->asked->max) {
		t->longest = value.n > t->longest ? value.n : t->longest;
		return;
	}
	if (t->out.n > t->begun)
		buf_add_byte(&t->out, ' ');
	imap_put_astring(&t->out, name);
	buf_add_byte(&t->out, ' ');
	imap_put_value(&t->out, value);
}

/* An entry by the name it was asked for, and those below; when there are none
 * it is NIL. */
static void
put_asked(struct telling *t, const struct metadata *md, struct span asked)
{
	enum imap_metadata_depth depth =
	    t->asked == NULL ? METADATA_SELF : t->asked->depth;
	bool any = false;

	for (size_t i = 0; i < md->count; i++)
		if (imap_metadata_below(md->list[i].name, asked, depth)) {
			any = true;
			if (t->told[i])
				continue;
			t->told[i] = true;
			put_pair(t,
			    md->list[i].name.n == asked.n ? asked
							  : md->list[i].name,
			    md->list[i].value);
		}
	if (!any)
		put_pair(t, asked, (struct span){ NULL, 0 });
}

static void
begin_line(struct telling *t, struct span folder)
{
	buf_add_str(&t->out, "* METADATA ");
	if (folder.n == 0)
		buf_add_str(&t->out, "\"\"");
	else
		reply_put_mailbox(t->s, &t->out, folder);
	buf_add_byte(&t->out, ' ');
	t->begun = t->out.n;
}

/* In parentheses what stands behind the folder's name; nothing of nothing. */
static void
end_pairs(struct telling *t)
{
	struct span line = buf_span(&t->out);

	if (line.n > t->begun) {
		stream_put(t->s->io, span_head(line, t->begun));
		stream_put(t->s->io, SPAN("("));
		stream_put(t->s->io, span_skip(line, t->begun));
		stream_put(t->s->io, SPAN(")\r\n"));
	}
	buf_free(&t->out);
}

static void
get(struct session *s, const struct imap_getmetadata *asked,
    const struct place *p, const struct metadata *md)
{
	struct telling t = { .s = s,
		.asked = asked,
		.told = arena_array(s->a, md->count + 1, sizeof(bool)) };
	char code[60];

	begin_line(&t, p->name);
	for (size_t i = 0; i < asked->count; i++)
		put_asked(&t, md, asked->names[i]);
	end_pairs(&t);
	snprintf(code, sizeof(code), "METADATA LONGENTRIES %zu", t.longest);
	sync_tell(s, true);
	reply_ok(s, t.longest > 0 ? code : NULL, "Getmetadata completed");
}

void
cmd_getmetadata(struct session *s, struct span args)
{
	struct imap_getmetadata asked;
	struct metadata md;
	struct place p;
	struct why why;

	if (!imap_getmetadata_parse(s->a, args, &asked)) {
		reply_bad(s, "GETMETADATA wants a mailbox and entries");
		return;
	}
	if (!place_open(s, asked.mailbox, &p))
		return;
	why_init(&why);
	if (read_place(s, &p, &md, &why) == -1) {
		log_warning("%s", why_text(&why));
		reply_trouble(s, &why);
	} else {
		get(s, &asked, &p, &md);
	}
	why_free(&why);
	maildir_close(&p.opened);
}

/* Before anything is changed. False: answered. */
static bool
may_set(struct session *s, const struct imap_setmetadata *asked,
    const struct place *p)
{
	char code[60];

	/* who may only read a folder would else write to the owner's disk */
	if (guest_is(s) && (p->rights & ACL_WRITE) == 0) {
		reply_no(s, "NOPERM", "You may not note anything here");
		return false;
	}
	for (size_t i = 0; i < asked->count; i++) {
		const struct imap_metadata_pair *pair = &asked->list[i];

		if (p->name.n == 0 && span_istarts(pair->name, "/shared/")) {
			reply_no(
			    s, "NOPERM", "That is the administrator's to say");
			return false;
		}
		if (guest_is(s) && is_private(pair->name)) {
			reply_no(s, "METADATA NOPRIVATE",
			    "Private notes are the owner's alone");
			return false;
		}
		if (pair->value.n > s->conf->metadata_bytes) {
			snprintf(code, sizeof(code),
			    "METADATA MAXSIZE %" PRIu64,
			    s->conf->metadata_bytes);
			reply_no(s, code, "The value is too long");
			return false;
		}
		if (pair->name.n > METADATA_NAME_MAX) {
			reply_no(s, "LIMIT", "The name is too long");
			return false;
		}
	}
	return true;
}

static void
set(struct session *s, const struct imap_setmetadata *asked,
    const struct place *p)
{
	struct metadata_entry *list =
	    arena_array(s->a, asked->count, sizeof(*list));
	const struct metadata_change change = { list, asked->count,
		s->conf->metadata_most, 0 };
	enum metadata_result got;
	struct why why;
	int error;

	for (size_t i = 0; i < asked->count; i++)
		list[i] = (struct metadata_entry){ asked->list[i].name,
			asked->list[i].value };
	why_init(&why);
	got = metadata_set(p->m, p->file, &change, &why);
	error = errno;
	if (got == METADATA_TROUBLE ||
	    (got == METADATA_DONE && p->name.n > 0 &&
		arrive_touch(p->m, s->tree, &why) == -1))
		log_warning("%s", why_text(&why));
	sync_tell(s, true);
	errno = error;
	switch (got) {
	case METADATA_DONE:
		reply_ok(s, NULL, "Setmetadata completed");
		break;
	case METADATA_TOO_MANY:
		reply_no(s, "METADATA TOOMANY", "There are too many entries");
		break;
	case METADATA_TROUBLE:
		reply_trouble(s, &why);
		break;
	}
	why_free(&why);
}

void
cmd_setmetadata(struct session *s, struct span args)
{
	struct imap_setmetadata asked;
	struct place p;

	if (!imap_setmetadata_parse(s->a, args, &asked)) {
		reply_bad(s, "SETMETADATA wants a mailbox, entries and values");
		return;
	}
	if (!place_open(s, asked.mailbox, &p))
		return;
	if (may_set(s, &asked, &p))
		set(s, &asked, &p);
	maildir_close(&p.opened);
}

void
metadata_put_listed(struct session *s, struct span folder,
    const struct span *names, size_t count)
{
	struct telling t = { .s = s };
	struct arena *a = arena_new();
	struct rights r = RIGHTS_NOTES;
	struct metadata md;
	struct maildir *m;
	struct why why;

	why_init(&why);
	m = rights_folder(s, folder, &r, &why);
	if (m != NULL && metadata_read(m, METADATA_FILE, a, &md, &why) == 0) {
		if (guest_is(s))
			drop_private(&md);
		t.told = arena_array(a, md.count + 1, sizeof(bool));
		begin_line(&t, folder);
		for (size_t i = 0; i < count; i++)
			put_asked(&t, &md, names[i]);
		end_pairs(&t);
	} else if (r.got != TREE_MISSING && r.got != TREE_FORBIDDEN) {
		log_warning("%s", why_text(&why));
	}
	maildir_close(&m);
	why_free(&why);
	arena_free(&a);
}

/* Names of entries that the other does not have, or (not only_missing) has with
 * another value. */
static void
put_names(struct telling *t, const struct metadata *of,
    const struct metadata *other, bool only_missing)
{
	for (size_t i = 0; i < of->count; i++) {
		const struct metadata_entry *e =
		    metadata_find(other, of->list[i].name);

		if (e != NULL &&
		    (only_missing || span_eq(e->value, of->list[i].value)))
			continue;
		if (t->out.n > t->begun)
			buf_add_byte(&t->out, ' ');
		imap_put_astring(&t->out, of->list[i].name);
	}
}

void
metadata_put_changes(struct session *s, struct span folder,
    const struct metadata *before, const struct metadata *after)
{
	struct telling t = { .s = s };

	begin_line(&t, folder);
	put_names(&t, after, before, false);
	put_names(&t, before, after, true);
	if (t.out.n > t.begun) {
		buf_add_str(&t.out, "\r\n");
		stream_put(s->io, buf_span(&t.out));
	}
	buf_free(&t.out);
}
