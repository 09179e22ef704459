/*
 * box.c - a message into a mailbox of the user's
 *
 * Maildirs and files below the home are the user's own business. The box in
 * the mail spool is opened, and its lock file made and dropped, by the parent,
 * since no program of a user's has the group of the spool; the kernel's lock
 * is ours, taken first and given back while the lock file is another's.
 */

#include "deliver/box.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "calls/delivery_call.h"
#include "config/param.h"
#include "deliver/absent.h"
#include "deliver/box_call.h"
#include "deliver/conf.h"
#include "deliver/mail.h"
#include "ipc/packet.h"
#include "mailbox/maildir.h"
#include "mailbox/mbox.h"
#include "mailbox/quota.h"
#include "mailbox/store.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/users.h"
#include "rules/letter.h"

enum { BOX_MODE = 0600, DIR_MODE = 0700, OPEN_TRIES = 5 };

static bool
too_large(struct mail *m, uint64_t have, uint64_t more, const char *path,
    struct why *why)
{
	uint64_t limit = m->box_limit;

	if (limit == 0 || (have <= limit && more <= limit - have))
		return false;
	why_set(why, "5.2.2", "mailbox full: %s would be larger than %llu",
	    path, (unsigned long long)limit);
	return true;
}

/* ---- Maildir */

/* *counted: there is a count to keep right. */
static bool
has_room(struct mail *m, struct maildir *md, uint64_t bytes, bool *counted,
    struct why *why)
{
	struct quota_limit limit = { .trash_free = false };
	struct absent *absent = m->place->absent;
	const struct absent_folder folder = { .st = maildir_seen(md),
		.second = clock_wall(),
		.fd = maildir_dir(md) };

	*counted = !absent_in(absent, maildir_seen(md), QUOTA_FILE) &&
	    quota_found(maildir_dir(md), &limit);
	if (!*counted)
		absent_note_in(absent, &folder, QUOTA_FILE);
	if ((limit.bytes == 0 && limit.count == 0) ||
	    quota_allows(maildir_dir(md), &limit, bytes, 1))
		return true;
	why_set(why, "5.2.2", "mailbox full: the quota of %s is used up",
	    maildir_path(md));
	return false;
}

/* The user's next message mostly goes where the last one went. */
static bool
is_kept(struct mail *m, const char *path)
{
	struct maildir **kept = m->place->kept;

	if (*kept != NULL && strcmp(maildir_path(*kept), path) == 0 &&
	    maildir_is_still(*kept, AT_FDCWD))
		return true;
	maildir_close(kept);
	return false;
}

enum outcome
box_deliver_in(struct mail *m, struct maildir *account, box_put_fn *put,
    void *arg, struct why *why)
{
	enum outcome got = DEFER;
	bool counted = true;
	uint64_t size = 0;

	if (too_large(
		m, 0, m->trace.n + mail_size(m), maildir_path(account), why) ||
	    !has_room(m, account, m->trace.n + mail_size(m), &counted, why))
		got = BOUNCE;
	else
		got = put(m, arg, &size, why);
	if (got == DONE) {
		if (counted)
			quota_add(maildir_dir(account), (int64_t)size, 1);
		why_set(why, "2.0.0", "delivered to maildir");
	}
	return got;
}

static enum outcome
put_whole(struct mail *m, void *arg, uint64_t *size, struct why *why)
{
	struct store_letter letter = { .why = why };
	enum outcome got;

	letter.pieces = mail_pieces(m, m->trace, &letter.count);
	got = maildir_store(arg, &letter, why);
	*size = letter.size;
	buf_free(&letter.name);
	return got;
}

static enum outcome
to_opened(struct mail *m, struct maildir *md, struct why *why)
{
	return box_deliver_in(m, md, put_whole, md, why);
}

static enum outcome
to_maildir(struct mail *m, const char *path, struct why *why)
{
	struct maildir **kept = m->place->kept;
	enum outcome got = DEFER;

	if (is_kept(m, path))
		got = to_opened(m, *kept, why);
	if (got != DEFER)
		return got;
	/* what is wrong may be what was open */
	maildir_close(kept);
	*kept = maildir_open(AT_FDCWD, path, MAILDIR_MAKE, why);
	if (*kept == NULL)
		return DEFER;
	got = to_opened(m, *kept, why);
	if (got == DEFER)
		maildir_close(kept);
	return got;
}

/* ---- files */

static enum outcome
append(struct mail *m, int fd, const char *path, struct why *why)
{
	struct mbox_how how = { .from = span_str(m->from), .quote = true };
	struct store_piece *pieces;
	struct stat st;
	size_t count;

	if (fstat(fd, &st) == -1) {
		why_set(why, "4.3.0", "cannot look at %s: %s", path,
		    strerror(errno));
		return DEFER;
	}
	if (too_large(
		m, (uint64_t)st.st_size, m->trace.n + mail_size(m), path, why))
		return BOUNCE;
	pieces = mail_pieces(m, m->trace, &count);
	return mbox_append(fd, pieces, count, &how, why);
}

static bool
wants(const struct mail *m, const char *lock)
{
	const struct deliver_conf *c = m->place->conf;

	return param_list_has(span_is(m->request->transport, "virtual")
		? c->virtual_mailbox_lock
		: c->mailbox_delivery_lock,
	    lock);
}

static int64_t
lock_wait_ms(const struct mail *m)
{
	const struct deliver_conf *c = m->place->conf;

	return c->deliver_lock_delay * 1000 * c->deliver_lock_attempts;
}

static enum outcome
to_file(struct mail *m, const char *path, struct why *why)
{
	struct mbox_lock lock = { .dir = AT_FDCWD,
		.name = path,
		.no_dotlock = !wants(m, "dotlock"),
		.stale_s = (int)m->place->conf->stale_lock_time };
	enum outcome got = DEFER;

	for (int i = 0; i < OPEN_TRIES; i++) {
		bool moved;

		lock.fd = mbox_open(AT_FDCWD, path, BOX_MODE,
		    m->place->conf->strict_mailbox_ownership ? (uid_t)-1
							     : MBOX_ANYBODY,
		    why);
		if (lock.fd == -1 ||
		    mbox_lock(&lock, lock_wait_ms(m), why) == -1)
			break;
		moved = !mbox_is_current(lock.fd, AT_FDCWD, path);
		if (!moved)
			got = append(m, lock.fd, path, why);
		mbox_unlock(&lock);
		file_close(&lock.fd);
		if (!moved)
			break;
		why_set(why, "4.2.0", "%s is put aside all the time", path);
	}
	file_close(&lock.fd);
	return got;
}

/* ---- the box in the spool */

static bool
ask(const struct mail *m, enum box_ask what, struct packet_in *in)
{
	struct packet_out o = { .fd_count = 0 };
	bool sent;

	box_ask_put(&o, what);
	sent = packet_send(m->place->parent, &o) == 0;
	packet_done(&o);
	return sent &&
	    (in == NULL || packet_recv(m->place->parent, in) == PACKET_OK);
}

static int
spool_open(const struct mail *m, struct why *why)
{
	struct packet_in in = { .bad = false };
	int fd = -1;

	if (!ask(m, BOX_OPEN, &in) || !box_opened_get(&in, &fd, why)) {
		file_close(&fd);
		why_set(why, "4.3.0", "the mail spool cannot be reached");
	}
	packet_in_done(&in);
	return fd;
}

static enum box_lock
spool_lock(const struct mail *m)
{
	struct packet_in in = { .bad = false };
	enum box_lock got = BOX_TROUBLE;

	if (!ask(m, BOX_LOCK, &in) || !box_locked_get(&in, &got))
		got = BOX_TROUBLE;
	packet_in_done(&in);
	return got;
}

static void
nap(int64_t ms)
{
	struct timespec t = { .tv_sec = ms / 1000,
		.tv_nsec = ms % 1000 * 1000000 };

	(void)nanosleep(&t, NULL);
}

/* Both locks. The lock file is tried as often as deliver_lock_attempts says;
 * in between nobody is kept from the box. */
static bool
lock_both(const struct mail *m, struct mbox_lock *lock, struct why *why)
{
	const struct deliver_conf *c = m->place->conf;
	enum box_lock got;

	for (int i = 0;; i++) {
		if (mbox_lock(lock, lock_wait_ms(m), why) == -1)
			return false;
		if (!wants(m, "dotlock"))
			return true;
		got = spool_lock(m);
		if (got == BOX_TAKEN)
			return true;
		mbox_unlock(lock);
		if (got == BOX_TROUBLE || i >= c->deliver_lock_attempts)
			break;
		nap(i == 0 ? 50 : c->deliver_lock_delay * 1000);
	}
	why_set(why, "4.2.0",
	    got == BOX_HELD ? "the mailbox is locked by another program"
			    : "the mailbox's lock file cannot be made");
	return false;
}

static void
unlock_both(const struct mail *m, struct mbox_lock *lock)
{
	if (wants(m, "dotlock"))
		(void)ask(m, BOX_UNLOCK, NULL);
	mbox_unlock(lock);
}

typedef enum outcome append_fn(
    struct mail *m, int fd, const char *path, const void *arg, struct why *why);

/* Open, lock, make sure that it is the box still, let fn append, unlock. */
static enum outcome
in_spool(struct mail *m, append_fn *fn, const void *arg, struct why *why)
{
	const char *path = box_spool_path(m);
	struct mbox_lock lock = {
		.dir = AT_FDCWD, .name = path, .no_dotlock = true
	};
	enum outcome got = DEFER;

	for (int i = 0; i < OPEN_TRIES; i++) {
		bool moved;

		lock.fd = spool_open(m, why);
		if (lock.fd == -1 || !lock_both(m, &lock, why))
			break;
		moved = !mbox_is_current(lock.fd, AT_FDCWD, path);
		if (!moved)
			got = fn(m, lock.fd, path, arg, why);
		unlock_both(m, &lock);
		file_close(&lock.fd);
		if (!moved)
			break;
		why_set(why, "4.2.0", "%s is put aside all the time", path);
	}
	file_close(&lock.fd);
	return got;
}

static enum outcome
append_mail(
    struct mail *m, int fd, const char *path, const void *arg, struct why *why)
{
	(void)arg;
	return append(m, fd, path, why);
}

static enum outcome
append_pieces(
    struct mail *m, int fd, const char *path, const void *arg, struct why *why)
{
	const struct pieces *p = arg;
	struct store_piece *all =
	    arena_array(m->arena, p->count + 1, sizeof(*all));
	struct stat st;

	for (size_t i = 0; i < p->count; i++)
		all[i] = (struct store_piece){ .bytes = p->at[i], .fd = -1 };
	if (fstat(fd, &st) == 0 &&
	    too_large(m, (uint64_t)st.st_size, p->bytes, path, why))
		return BOUNCE;
	return mbox_append(fd, all, p->count, NULL, why);
}

enum outcome
box_append_spool(struct mail *m, const struct pieces *p, struct why *why)
{
	return in_spool(m, append_pieces, p, why);
}

const char *
box_spool_path(const struct mail *m)
{
	const char *dir = m->place->conf->mail_spool_directory;

	if (span_ends(span_str(dir), "/"))
		return NULL;
	return arena_printf(m->arena, "%s/%s", dir, m->place->user->name);
}

/* ---- which one */

enum outcome
box_deliver_to(struct mail *m, const char *path, struct why *why)
{
	enum outcome got;

	if (span_ends(span_str(path), "/"))
		return to_maildir(m, path, why);
	got = to_file(m, path, why);
	if (got == DONE)
		why_set(why, "2.0.0", "delivered to file: %s", path);
	return got;
}

/* Make one folder in that which dir has open, and open it in its place; what
 * was made is on disk before something is put into it. */
static bool
folder_enter(int *dir, const char *name)
{
	bool made = mkdirat(*dir, name, DIR_MODE) == 0;
	int next;

	if (made && file_sync(*dir) == -1)
		return false;
	next = file_open_dir(*dir, name, true);
	file_close(dir);
	*dir = next;
	return next != -1;
}

/* Folders above a virtual Maildir. What cannot be made is told of by whoever
 * opens the Maildir. */
static void
folders_make(struct mail *m, const char *path)
{
	struct span rest = span_str(path), step, next;
	int dir = file_open_dir(AT_FDCWD, "/", false);
	bool good = dir != -1 && span_word(&rest, "/", &step);

	while (good && span_word(&rest, "/", &next)) {
		good = folder_enter(&dir, arena_span_str(m->arena, step));
		step = next;
	}
	file_close(&dir);
}

enum outcome
box_deliver_virtual(struct mail *m, struct why *why)
{
	const char *path = m->place->task;
	enum outcome got;

	if (path == NULL) {
		why_set(why, "4.3.5", "no mailbox was named");
		return DEFER;
	}
	if (mail_loops(m)) {
		why_set(why, "5.4.6", "mail forwarding loop for %.*s",
		    (int)m->to->address.n, m->to->address.p);
		return BOUNCE;
	}
	m->box_limit = m->place->conf->virtual_mailbox_limit;
	if (span_ends(span_str(path), "/"))
		folders_make(m, path);
	got = box_deliver_to(m, path, why);
	if (got == DONE && !span_ends(span_str(path), "/"))
		why_set(why, "2.0.0", "delivered to mailbox");
	return got;
}

enum outcome
box_deliver(struct mail *m, struct why *why)
{
	const struct deliver_conf *c = m->place->conf;
	const struct account *u = m->place->user;
	enum outcome got;

	if (*c->home_mailbox != '\0')
		got = box_deliver_to(m,
		    arena_printf(m->arena, "%s/%s", u->home, c->home_mailbox),
		    why);
	else if (box_spool_path(m) == NULL)
		got = box_deliver_to(m,
		    arena_printf(
			m->arena, "%s%s/", c->mail_spool_directory, u->name),
		    why);
	else
		got = in_spool(m, append_mail, NULL, why);
	if (got == DONE &&
	    !span_is(buf_span(&why->text), "delivered to maildir"))
		why_set(why, "2.0.0", "delivered to mailbox");
	return got;
}
