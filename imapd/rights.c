/*
 * rights.c - what who is served may do with a folder (RFC 4314, 4)
 *
 * A list is read each time that a folder is opened, and for the one selected
 * kept as it was then (5.1.1).
 */

#include "imapd/rights.h"

#include <errno.h>
#include <fcntl.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/why.h"
#include "imapd/guest.h"
#include "imapd/reply.h"
#include "imapd/session.h"
#include "imapd/shared.h"
#include "mailbox/acl_file.h"
#include "mailbox/flags.h"
#include "mailbox/maildir.h"
#include "os/file.h"

unsigned
rights_flags(unsigned rights)
{
	unsigned flags = 0;

	if ((rights & ACL_DELETED) != 0)
		flags |= FLAG_DELETED;
	if ((rights & ACL_SEEN) != 0)
		flags |= FLAG_SEEN;
	if ((rights & ACL_WRITE) != 0)
		flags |= ~(unsigned)(FLAG_DELETED | FLAG_SEEN);
	return flags;
}

void
rights_forget(struct session *s)
{
	file_close(&s->acl_names);
	s->acl_names_tried = false;
}

/* Lists by names, which Courier left; most have none. */
static int
names_dir(struct session *s)
{
	if (!s->acl_names_tried)
		s->acl_names = file_open_dir(
		    maildir_dir(tree_inbox(s->tree)), ACL_COURIER_NAMES, false);
	s->acl_names_tried = true;
	return s->acl_names;
}

void
rights_place(struct session *s, struct span folder, const struct maildir *m,
    struct acl_place *out, struct buf *name)
{
	*out = (struct acl_place){ .m = m, .names = names_dir(s) };
	if (out->names == -1)
		return;
	if (folder_to_dir(tree_conf(s->tree), folder, FOLDER_UTF7, name) ==
	    FOLDER_OK)
		out->name = span_skip(buf_span(name), 1);
}

static int
list_of(struct session *s, struct span folder, const struct maildir *m,
    struct acl *acl, struct why *why)
{
	struct buf name = BUF_EMPTY;
	struct acl_place p;
	int got;

	rights_place(s, reply_full_name(s, folder), m, &p, &name);
	got = acl_file_read(&p, s->a, acl, why);
	buf_free(&name);
	return got;
}

int
rights_list(struct session *s, struct span name, struct arena *a,
    struct acl *out, struct why *why)
{
	struct buf dir = BUF_EMPTY;
	enum tree_result got;
	struct maildir *m = tree_folder(s->tree, name, &got, why);
	struct acl_place p;
	int done;

	*out = (struct acl){ .count = 0 };
	if (m == NULL)
		return got == TREE_MISSING ? 0 : -1;
	rights_place(s, name, m, &p, &dir);
	done = acl_file_read(&p, a, out, why);
	buf_free(&dir);
	maildir_close(&m);
	return done;
}

/* A list that cannot be read keeps out everybody but the owner. */
static int
rights_read(struct session *s, struct span folder, const struct maildir *m,
    struct rights *r, struct why *why)
{
	struct acl acl;

	r->has = ACL_ALL;
	r->listed = false;
	if (!s->conf->acl)
		return 0;
	if (list_of(s, folder, m, &acl, why) == 0) {
		r->has = acl_rights(&acl, &s->who);
		r->listed = acl.found;
		return 0;
	}
	r->listed = true;
	if (!s->who.owner)
		return -1;
	log_warning("%s", why_text(why));
	why_free(why);
	why_init(why);
	return 0;
}

static bool
suffice(const struct rights *r)
{
	return (r->has & r->need) == r->need &&
	    (r->any == 0 || (r->has & r->any) != 0);
}

/* The same words as for a folder that is not there (RFC 4314, 6). */
static enum tree_result
refuse(unsigned has, struct why *why)
{
	if ((has & ACL_LOOKUP) == 0) {
		why_set(why, "5.1.1", "there is no such folder");
		return TREE_MISSING;
	}
	why_set(why, "5.7.1", "you do not have the right to do that");
	return TREE_FORBIDDEN;
}

struct maildir *
rights_folder(
    struct session *s, struct span name, struct rights *r, struct why *why)
{
	struct maildir *m;

	r->has = 0;
	if (!guest_is(s) && s->conf->acl && shared_has(s->conf, name)) {
		r->got = refuse(0, why); /* it was not reached: visit.h */
		return NULL;
	}
	m = tree_folder(s->tree, name, &r->got, why);
	if (m == NULL)
		return NULL;
	if (rights_read(s, name, m, r, why) == -1)
		r->got = TREE_TROUBLE;
	else if (!suffice(r))
		r->got = refuse(r->has, why);
	if (r->got != TREE_DONE)
		maildir_close(&m);
	return m;
}

unsigned
rights_of(struct session *s, struct span name)
{
	struct rights r = { .need = 0 };
	struct maildir *m;
	struct why why;

	why_init(&why);
	m = rights_folder(s, name, &r, &why);
	maildir_close(&m);
	why_free(&why);
	return r.has;
}

/* The nearest folder above that is there, opened; NULL: there is none. */
static struct maildir *
open_above(
    struct session *s, struct span *name, struct rights *r, struct why *why)
{
	const struct folder_conf *c = tree_conf(s->tree);
	struct span at = folder_parent(c, reply_full_name(s, *name));
	struct maildir *m = NULL;

	for (; at.n > 0; at = folder_parent(c, at)) {
		m = tree_folder(s->tree, at, &r->got, why);
		/* the prefix need be no folder's name */
		if (m != NULL ||
		    (r->got != TREE_MISSING && r->got != TREE_REFUSED))
			break;
		why_free(why);
		why_init(why);
	}
	*name = at;
	return m;
}

enum tree_result
rights_below(struct session *s, struct span name, struct why *why)
{
	struct rights r = { .need = ACL_CREATE, .got = TREE_DONE };
	struct maildir *m;

	if (!s->conf->acl)
		return TREE_DONE;
	m = open_above(s, &name, &r, why);
	if (m == NULL) {
		/* at the top only the owner makes folders */
		if (name.n == 0 && s->who.owner)
			return TREE_DONE;
		return name.n == 0 ? refuse(0, why) : r.got;
	}
	if (rights_read(s, name, m, &r, why) == -1)
		r.got = TREE_TROUBLE;
	else if (!suffice(&r))
		r.got = refuse(r.has, why);
	maildir_close(&m);
	return r.got;
}

int
rights_inherit(struct session *s, struct span name, struct why *why)
{
	struct rights r = { .got = TREE_DONE };
	struct acl acl = { .count = 0 };
	struct span above = name;
	struct maildir *from, *to;
	int got = 0;

	if (!s->conf->acl)
		return 0;
	from = open_above(s, &above, &r, why);
	if (from != NULL)
		got = list_of(s, above, from, &acl, why);
	maildir_close(&from);
	/* nor may it have what stands there of an older one of that name */
	if (got == -1 || (!acl.found && names_dir(s) == -1))
		return got;
	to = tree_folder(s->tree, name, &r.got, why);
	got = to == NULL ? -1 : acl_file_write(to, &acl, why);
	maildir_close(&to);
	return got;
}

static int
settle_one(struct session *s, struct span name, struct why *why)
{
	enum tree_result got;
	struct maildir *m = tree_folder(s->tree, name, &got, why);
	struct acl acl;
	int done;

	if (m == NULL)
		return got == TREE_MISSING ? 0 : -1;
	done = list_of(s, name, m, &acl, why);
	/* the empty one too: another's may stand by the new name */
	if (done == 0)
		done = acl_file_write(m, &acl, why);
	maildir_close(&m);
	return done;
}

int
rights_settle(struct session *s, struct span name, struct why *why)
{
	char separator = tree_conf(s->tree)->separator;
	struct tree_entry *list;
	size_t n;

	if (!s->conf->acl || names_dir(s) == -1)
		return 0;
	list = tree_list(s->tree, s->a, &n, why);
	if (list == NULL)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct span at = list[i].name;

		if (!list[i].exists || !span_eq(span_head(at, name.n), name) ||
		    (at.n > name.n && at.p[name.n] != separator))
			continue;
		if (settle_one(s, at, why) == -1)
			return -1;
	}
	return 0;
}
