/*
 * listing.c - every line of the queue: for postqueue and qshape
 */

#include "tools/postqueue/listing.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/why.h"
#include "calls/queue_call.h"
#include "calls/showq_call.h"
#include "ipc/ask.h"
#include "os/file.h"
#include "queue/edits.h"
#include "queue/qread.h"
#include "service/tool.h"

static void
no_page(const struct tool *t, struct packet_in *in)
{
	uint64_t count;
	struct why why;

	why_init(&why);
	if (showq_done_get(in, &count, &why) && why.outcome != DONE)
		tool_fatal(t, EX_NOPERM, "%s", why_text(&why));
	tool_fatal(t, EX_PROTOCOL, "qmgr gave no listing");
}

static bool
page_walk(const struct tool *t, struct packet_in *in, listing_fn *fn, void *arg)
{
	struct showq_line line;
	bool any = false, bad;

	if (!showq_page_get(in))
		no_page(t, in);
	while (showq_line_get(in, &line, &bad)) {
		any = true;
		fn(arg, &line);
	}
	if (bad)
		tool_fatal(t, EX_PROTOCOL, "malformed listing");
	return any;
}

static void
qmgr_walk(const struct tool *t, int *fd, listing_fn *fn, void *arg)
{
	struct packet_out o = { .fd_count = 0 };
	struct packet_in in = { .bad = false };
	bool more = true, begun = false;

	while (more) {
		int got;

		showq_next_put(&o);
		got = begun ? ask(*fd, &o, &in)
			    : tool_ask(t, "showq", fd, &o, &in);
		begun = true;
		if (got == -1)
			tool_fatal(t, EX_TEMPFAIL, "no answer from qmgr: %s",
			    strerror(errno));
		more = page_walk(t, &in, fn, arg);
	}
	packet_in_done(&in);
	packet_done(&o);
}

/* Octets of header that delivery adds, as qmgr counts them. */
static uint64_t
added(const struct qfile_envelope *e)
{
	struct span rest = e->edits, text;
	uint64_t total = 0;
	enum edit_kind kind;
	uint32_t field;

	while (edits_next(&rest, &kind, &field, &text))
		total += text.n;
	return total;
}

static bool
waits(enum qfile_state state)
{
	return state == STATE_QUEUED || state == STATE_FAILED;
}

static void
envelope_tell(const struct qfile_envelope *e, const struct showq_line *message,
    listing_fn *fn, void *arg)
{
	fn(arg, message);
	for (size_t i = 0; i < e->rcpt_count; i++) {
		const struct qfile_rcpt *r = &e->rcpts[i];
		struct showq_line line = { .rcpt = true,
			.address = r->address,
			.orig = r->orig,
			.status = r->status,
			.reason = r->reason };

		if (waits(r->state))
			fn(arg, &line);
	}
}

/* A file that is no queue file is none of a listing's business. */
static void
file_walk(
    int folder, const char *name, const char *queue, listing_fn *fn, void *arg)
{
	struct arena *a = arena_new();
	struct qfile_envelope e;
	struct qfile_closing first;
	uint64_t whole;
	struct stat st;
	int fd = file_open(folder, name, O_RDONLY | O_NONBLOCK, 0);

	if (fd != -1 && fstat(fd, &st) == 0 &&
	    qread(fd, a, &e, &first, &whole) == 0) {
		struct showq_line line = { .queue_name = span_str(queue),
			.qid = span_str(name),
			.sender = e.sender,
			.arrival = e.arrival_us / 1000000,
			.next_try = e.next_try,
			.release = e.release,
			.flags = e.flags & QUEUE_FLAGS,
			.size = first.content_size + added(&e),
			.attempts = e.attempts,
			.expire = (st.st_mode & S_IXUSR) != 0 };

		envelope_tell(&e, &line, fn, arg);
	}
	file_close(&fd);
	arena_free(&a);
}

static void
folder_walk(const struct tool *t, const char *queue, listing_fn *fn, void *arg)
{
	char *path =
	    mem_printf("%s/%s", tool_value(t, "queue_directory"), queue);
	int fd = file_open_dir(AT_FDCWD, path, false);
	DIR *dir = fd == -1 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (dir == NULL && errno != ENOENT)
		tool_fatal(
		    t, EX_UNAVAILABLE, "read %s: %s", path, strerror(errno));
	while (dir != NULL && (entry = readdir(dir)) != NULL)
		if (qread_id_ok(span_str(entry->d_name)))
			file_walk(dirfd(dir), entry->d_name, queue, fn, arg);
	if (dir != NULL)
		closedir(dir);
	mem_free(&path);
}

void
listing_walk(const struct tool *t, listing_fn *fn, void *arg)
{
	static const char *const queues[] = { "incoming", "active", "deferred",
		"hold" };
	int fd = tool_connect(t, "showq");

	if (fd != -1) {
		qmgr_walk(t, &fd, fn, arg);
		close(fd);
		return;
	}
	if (geteuid() != 0)
		tool_fatal(t, EX_UNAVAILABLE,
		    "Queue report unavailable - mail system is down (%s)",
		    strerror(errno));
	tool_warn(t, "Mail system is down -- accessing queue directly");
	for (size_t i = 0; i < sizeof(queues) / sizeof(queues[0]); i++)
		folder_walk(t, queues[i], fn, arg);
}
