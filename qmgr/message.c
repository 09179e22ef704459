/*
 * message.c - one message's life in memory and its marks on disk
 *
 * The file is the truth. A mark is one byte written in place; what needs more
 * is appended as a block behind the last whole one, so that a crash leaves
 * either the old file or the new.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/must.h"
#include "base/table.h"
#include "message/verp.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/syncpool.h"
#include "qmgr/accept_log.h"
#include "qmgr/conf.h"
#include "qmgr/qmgr.h"
#include "queue/edits.h"
#include "queue/qread.h"

enum { LOAD_AGAIN = 60 }; /* seconds */

struct message *
message_new(struct qmgr *q, const char *id, enum place place)
{
	struct message *m = mem_new(sizeof(*m));

	m->q = q;
	must(strlen(id) <= QUEUE_ID_MAX);
	memcpy(m->id, id, strlen(id) + 1);
	m->place = place;
	m->fd = -1;
	list_init(&m->in_log);
	list_init(&m->routed);
	list_init(&m->jobs);
	must(table_put(q->messages, span_str(m->id), m) == NULL);
	return m;
}

void
message_close(struct message *m)
{
	file_close(&m->fd);
	spool_read_end(m->q, m);
}

void
message_free(struct message **mp)
{
	struct message *m = *mp;

	if (m == NULL)
		return;
	must(m->outstanding == 0 && !m->sync_running);
	must(list_empty(&m->jobs) && list_empty(&m->routed));
	heap_remove(m->q->retries, &m->retry);
	table_remove(m->q->messages, span_str(m->id));
	accept_log_forget(m);
	message_forget(m);
	message_close(m);
	free(m->rcpts);
	arena_free(&m->arena);
	waiting_remove(m);
	free(m->rest);
	holder_clear(m);
	free(m);
	*mp = NULL;
}

struct rcpt *
message_rcpt_add(struct message *m, const struct qfile_rcpt *from)
{
	struct rcpt *r = arena_alloc(m->arena, sizeof(*r));

	if (m->rcpt_count == m->rcpt_room) {
		m->rcpt_room = m->rcpt_room == 0 ? 1 : m->rcpt_room * 2;
		m->rcpts =
		    mem_resize(m->rcpts, m->rcpt_room, sizeof(struct rcpt *));
	}
	m->rcpts[m->rcpt_count++] = r;
	r->m = m;
	list_init(&r->in);
	r->file = *from;
	r->file.address = arena_span(m->arena, from->address);
	r->file.orig = arena_span(m->arena, from->orig);
	r->file.orcpt = arena_span(m->arena, from->orcpt);
	r->file.user = arena_span(m->arena, from->user);
	r->file.owner = arena_span(m->arena, from->owner);
	r->file.via = arena_span(m->arena, from->via);
	r->file.status = arena_span(m->arena, from->status);
	r->file.reason = arena_span(m->arena, from->reason);
	return r;
}

void
message_take(struct message *m, const struct qfile_envelope *e,
    const struct qfile_closing *first, uint64_t file_size)
{
	struct arena *a = m->arena = arena_new();
	struct span list = e->edits, text;
	enum edit_kind kind;
	uint32_t field;

	m->e = arena_alloc(a, sizeof(*m->e));
	*m->e = *e;
	m->arrival_us = e->arrival_us;
	m->next_try = e->next_try;
	m->attempts = e->attempts;
	m->release = e->release;
	/* a newer version may know of more */
	m->e->flags = m->flags = e->flags & QUEUE_FLAGS;
	holder_clear(m);
	if (e->release > 0 && retry_is_held(m))
		holder_set(m, e->sasl_username);
	m->e->rcpts = NULL;
	m->e->rcpt_count = 0;
	m->e->sender = arena_span(a, e->sender);
	m->e->envid = arena_span(a, e->envid);
	m->e->message_id = span_of("", 0); /* for the log alone */
	m->e->edits = arena_span(a, e->edits);
	m->e->hold = arena_span(a, e->hold);
	m->e->client_name = arena_span(a, e->client_name);
	m->e->client_addr = arena_span(a, e->client_addr);
	m->e->helo = arena_span(a, e->helo);
	m->e->proto = arena_span(a, e->proto);
	m->e->filter = arena_span(a, e->filter);
	m->e->verp = arena_span(a, e->verp);
	m->e->sasl_method = span_of("", 0);
	m->e->sasl_username = span_of("", 0);
	m->first = *first;
	m->file_size = file_size;
	m->size = first->content_size;
	while (edits_next(&list, &kind, &field, &text))
		m->size += text.n;
	for (size_t i = 0; i < e->rcpt_count; i++)
		(void)message_rcpt_add(m, &e->rcpts[i]);
}

/* Cut a torn block off, so that the next one follows the last whole one. */
static int
cut_torn(int fd, uint64_t whole, uint64_t size)
{
	if (whole == size)
		return 0;
	return ftruncate(fd, (off_t)whole) == -1 ? -1 : file_sync(fd);
}

static int
load_parts(struct message *m, int fd)
{
	struct arena *a = arena_new();
	struct qfile_envelope e;
	struct stat st;
	uint64_t whole = 0;
	int got = -1;

	if (qread(fd, a, &e, &m->first, &whole) == 0 && fstat(fd, &st) == 0 &&
	    cut_torn(fd, whole, (uint64_t)st.st_size) == 0) {
		message_take(m, &e, &m->first, whole);
		m->loaded = true;
		m->want_expire = m->want_expire || (st.st_mode & S_IXUSR) != 0;
		got = 0;
	}
	arena_free(&a);
	return got;
}

static void
set_aside(struct qmgr *q, const char *id, enum place place)
{
	log_warning("%s: damaged queue file in %s/, saved in corrupt/", id,
	    place_name(place));
	if (spool_move(q, id, place, PLACE_CORRUPT) == -1)
		log_error(
		    "%s: cannot move it to corrupt/: %s", id, strerror(errno));
}

/* 0, or -1 when it is not to be had; then errno says why. */
static int
load(struct message *m)
{
	int folder = m->q->folders[m->place];
	int fd = file_open(folder, m->id, O_RDWR, 0);
	int got, error;

	if (fd == -1 && errno == EACCES && scan_mode(m->q, m->id, m->place))
		fd = file_open(folder, m->id, O_RDWR, 0);
	got = fd == -1 ? -1 : load_parts(m, fd);
	error = errno;

	file_close(&fd);
	errno = error;
	return got;
}

static bool
is_damage(int error)
{
	return error == EBADMSG || error == ELOOP;
}

struct message *
message_load(struct qmgr *q, const char *id, enum place place)
{
	struct message *m = message_new(q, id, place);
	int error;

	if (load(m) == 0)
		return m;
	error = errno;
	message_free(&m);
	if (is_damage(error))
		set_aside(q, id, place);
	else if (error != ENOENT)
		log_error("%s: read queue file: %s", id, strerror(error));
	return NULL;
}

/* ---- asleep */

static void
rest_add(struct buf *out, struct span s)
{
	must(s.n <= UINT16_MAX);
	buf_add_byte(out, (char)(s.n & 0xff));
	buf_add_byte(out, (char)(s.n >> 8));
	buf_add_span(out, s);
}

static struct span
rest_take(struct span *rest)
{
	size_t n = (size_t)(unsigned char)rest->p[0] |
	    (size_t)(unsigned char)rest->p[1] << 8;
	struct span s = span_of(rest->p + 2, n);

	*rest = span_skip(*rest, n + 2);
	return s;
}

void
message_sleep(struct message *m)
{
	struct buf rest = BUF_EMPTY;

	rest_add(&rest, m->e->sender);
	for (size_t i = 0; i < m->rcpt_count; i++) {
		const struct rcpt *r = m->rcpts[i];

		if (r->file.state != STATE_QUEUED)
			continue;
		rest_add(&rest, r->file.address);
		rest_add(&rest, r->file.orig);
		rest_add(&rest, r->file.status);
		rest_add(&rest, r->file.reason);
		rest_add(&rest, r->nexthop);
	}
	m->rest_size = rest.n;
	m->rest = mem_span(buf_span(&rest));
	buf_free(&rest);
	message_forget(m);
	mem_free(&m->rcpts);
	m->rcpt_count = m->rcpt_room = 0;
	m->e = NULL;
	arena_free(&m->arena);
	message_close(m);
	waiting_add(m);
}

struct message *
message_wake(struct message *m)
{
	struct qmgr *q = m->q;
	char id[QUEUE_ID_MAX + 1];
	enum place place = m->place;
	int error;

	if (m->e != NULL)
		return m;
	if (load(m) == 0) {
		waiting_remove(m);
		mem_free(&m->rest);
		return m;
	}
	error = errno;
	if (!is_damage(error) && error != ENOENT) {
		log_error("%s: read queue file: %s", m->id, strerror(error));
		retry_plan(m, clock_wall() + LOAD_AGAIN);
		return NULL;
	}
	memcpy(id, m->id, sizeof(id));
	message_free(&m);
	if (is_damage(error))
		set_aside(q, id, place);
	else
		log_warning("%s: the queue file is gone from %s/", id,
		    place_name(place));
	return NULL;
}

struct span
message_sender(const struct message *m)
{
	struct span rest = span_of(m->rest, m->rest_size);

	return m->e != NULL ? m->e->sender : rest_take(&rest);
}

static bool
next_asleep(struct span *rest, struct message_line *out)
{
	if (rest->n == 0)
		return false;
	out->waits = true;
	out->address = rest_take(rest);
	out->orig = rest_take(rest);
	out->status = rest_take(rest);
	out->reason = rest_take(rest);
	out->nexthop = rest_take(rest);
	return true;
}

struct message_walk
message_walk(const struct message *m, size_t i)
{
	struct message_walk w = { .m = m, .i = i };
	struct message_line passed;

	if (m->e != NULL)
		return w;
	w.rest = span_of(m->rest, m->rest_size);
	(void)rest_take(&w.rest);
	while (i-- > 0 && next_asleep(&w.rest, &passed))
		continue;
	return w;
}

bool
message_next(struct message_walk *w, struct message_line *out)
{
	const struct rcpt *r;

	if (w->m->e == NULL)
		return next_asleep(&w->rest, out);
	if (w->i >= w->m->rcpt_count)
		return false;
	r = w->m->rcpts[w->i++];
	*out = (struct message_line){ .waits = r->file.state == STATE_QUEUED,
		.address = r->file.address,
		.orig = r->file.orig,
		.status = r->file.status,
		.reason = r->file.reason,
		.nexthop = r->nexthop };
	return true;
}

int
message_open(struct message *m)
{
	if (m->fd == -1)
		m->fd = file_open(m->q->folders[m->place], m->id, O_RDWR, 0);
	return m->fd;
}

static void sync_next(struct message *m);

static void
synced(void *arg, int error)
{
	struct message *m = arg;

	m->sync_running = false;
	if (error != 0)
		log_error("%s: flush of marks: %s", m->id, strerror(error));
	sync_next(m);
	active_done(m);
}

/* At most one flush of a message's marks at a time; later marks share the
 * next. */
static void
sync_next(struct message *m)
{
	if (m->sync_running || !m->marks_unsynced)
		return;
	m->marks_unsynced = false;
	m->sync_running = true;
	m->outstanding++;
	syncpool_sync(m->q->pool, m->fd, synced, m);
}

bool
state_is_open(enum qfile_state state)
{
	return state != STATE_DONE && state != STATE_REPLACED &&
	    state != STATE_TOLD;
}

/* Is another recipient left, so that the file will live on? Asked for each one
 * that is done with, mostly in their order: so it is looked for where one was
 * the last time. */
static bool
lives_on(struct message *m)
{
	for (size_t i = 0; i < m->rcpt_count; i++) {
		size_t at = (m->open_at + i) % m->rcpt_count;

		if (state_is_open(m->rcpts[at]->file.state)) {
			m->open_at = (unsigned)at;
			return true;
		}
	}
	return false;
}

void
message_mark(struct rcpt *r, enum qfile_state state)
{
	struct message *m = r->m;
	char byte = (char)state;
	bool last;

	r->file.state = state;
	last = !lives_on(m);
	/* The last one: the file goes, but not before that is recorded in the
	 * accept log. A qmgr that is killed meanwhile leaves the mark, which is
	 * not worth a flush, nor to open the file for it. */
	if (last && m->fd == -1)
		return;
	if (message_open(m) == -1 ||
	    file_write_at(m->fd, span_of(&byte, 1), r->file.state_at) == -1) {
		log_error("%s: mark a recipient: %s", m->id, strerror(errno));
		return;
	}
	if (last)
		return;
	m->marks_unsynced = true;
	sync_next(m);
}

int
message_append(struct message *m, struct span block)
{
	if (message_open(m) == -1)
		return -1;
	if (file_write_at(m->fd, block, m->file_size) == -1) {
		int error = errno;

		/* what was written of it is torn: cut back */
		if (ftruncate(m->fd, (off_t)m->file_size) == -1)
			log_error("%s: cut back: %s", m->id, strerror(errno));
		errno = error;
		return -1;
	}
	m->file_size += block.n;
	m->marks_unsynced = true;
	return 0;
}

static void
key_fold(struct buf *key, struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		buf_add_byte(key, (char)ascii_lower((unsigned char)s.p[i]));
	buf_add_byte(key, '\n');
}

static void
known_key(struct buf *key, const struct qfile_rcpt *r)
{
	buf_clear(key);
	buf_printf(key, "%d %d ", (int)r->kind, (int)r->final);
	buf_add_span(key, r->user);
	buf_add_byte(key, '\n');
	key_fold(key, r->owner);
	if (r->kind == KIND_ADDRESS)
		key_fold(key, r->address);
	else
		buf_add_span(key, r->address);
}

bool
message_knows(struct message *m, const struct qfile_rcpt *r)
{
	struct buf key = BUF_EMPTY;
	bool known;

	if (m->known == NULL) {
		m->known = table_new();
		for (size_t i = 0; i < m->rcpt_count; i++) {
			known_key(&key, &m->rcpts[i]->file);
			table_put(m->known, buf_span(&key), m);
		}
	}
	known_key(&key, r);
	known = table_put(m->known, buf_span(&key), m) != NULL;
	buf_free(&key);
	return known;
}

/* Who wants to be told of a success apart is delivered to apart. */
bool
message_goes_there(const struct rcpt *r)
{
	struct message *m = r->m;
	size_t most = (size_t)m->q->conf->duplicate_filter_limit;
	struct buf key = BUF_EMPTY;
	bool there;

	if (m->rcpt_count < 2)
		return false;
	if (m->ways == NULL)
		m->ways = table_new();
	buf_printf(&key, "%d ", (int)r->kind);
	if ((r->file.notify & NOTIFY_SUCCESS) != 0)
		key_fold(&key, r->file.orcpt);
	buf_add_span(&key, r->transport);
	buf_add_byte(&key, '\n');
	key_fold(&key, rcpt_sender(r));
	buf_add_span(&key, r->user);
	buf_add_byte(&key, '\n');
	if (r->kind == TO_REMOTE || r->kind == TO_USER)
		key_fold(&key, r->address);
	else
		buf_add_span(&key, r->address);
	there = table_get(m->ways, buf_span(&key)) != NULL;
	if (!there && (most == 0 || table_count(m->ways) < most))
		table_put(m->ways, buf_span(&key), m);
	buf_free(&key);
	return there;
}

void
message_forget(struct message *m)
{
	table_free(&m->ways, NULL);
	table_free(&m->known, NULL);
}

struct span
rcpt_sender(const struct rcpt *r)
{
	return r->file.owner.n > 0 ? r->file.owner : r->m->e->sender;
}

struct span
rcpt_verp_sender(const struct rcpt *r, struct buf *out)
{
	const struct qfile_envelope *e = r->m->e;
	struct span rcpt = r->file.orig.n > 0 ? r->file.orig : r->file.address;

	/* a list with an owner is mail of its own, which nobody asked it for */
	if (e->verp.n == 0 || r->file.owner.n > 0 ||
	    !verp_sender(out, e->sender, e->verp, rcpt))
		return rcpt_sender(r);
	return buf_span(out);
}

bool
rcpt_confirms(const struct rcpt *r)
{
	const struct message *m = r->m;

	return m->e->warned && m->q->conf->confirm_delay_cleared &&
	    rcpt_sender(r).n > 0 &&
	    (r->file.notify == 0 || (r->file.notify & NOTIFY_DELAY) != 0);
}

void
rcpt_why(struct rcpt *r, const char *status, struct span reason)
{
	if (!span_is(r->file.status, status))
		r->file.status = arena_span(r->m->arena, span_str(status));
	if (!span_eq(r->file.reason, reason))
		r->file.reason = arena_span(r->m->arena, reason);
}
