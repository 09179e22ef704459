/*
 * share.c - asking auth, by way of login, about folders that users share
 *
 * login always answers, or ends: there is nothing to be done meanwhile. What
 * was told last lies in facteur.shared in the top folder; its time says when.
 */

#include "imapd/share.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/why.h"
#include "calls/share_call.h"
#include "imapd/guest.h"
#include "imapd/rights.h"
#include "imapd/session.h"
#include "ipc/packet.h"
#include "mailbox/acl_file.h"
#include "mailbox/maildir.h"
#include "mailbox/side_file.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/sock.h"

#define TOLD_FILE "facteur.shared"

enum { DAY = 86400 };

/* A socket to login, which has not let us down. */
static bool
can_ask(const struct session *s)
{
	return s->conf->acl && s->start->park != -1 && s->start->pass.n > 0 &&
	    !s->no_share;
}

bool
share_can(const struct session *s)
{
	return can_ask(s) && !guest_is(s) && s->conf->shared != NULL &&
	    s->conf->shared[0] != '\0';
}

/* in lives as long as the answer's spans are used. */
static bool
ask(struct session *s, const struct share_ask *a, struct packet_in *in,
    struct share_answer *out)
{
	struct packet_out o = { .fd_count = 0 };
	struct pollfd fds[2] = { { .fd = s->start->park, .events = POLLIN },
		{ .fd = s->start->control.fd, .events = POLLIN } };
	bool good;

	*out = (struct share_answer){ .verdict = AUTH_TROUBLE, .fd = -1 };
	share_ask_put(&o, a);
	good = packet_send(s->start->park, &o) == 0;
	packet_done(&o);
	while (good && fds[0].revents == 0) {
		if (poll(fds, 2, -1) == -1 && errno != EINTR)
			good = false;
		/* the stop is still there for the session to see */
		if (fds[1].revents != 0)
			fds[1].fd = -1;
	}
	good = good && packet_recv(s->start->park, in) == PACKET_OK &&
	    share_answer_get(in, out);
	/* an answer that came later would be taken for another's */
	if (!good)
		s->no_share = s->no_park = true;
	if (good && out->verdict != AUTH_OK && out->verdict != AUTH_DENIED)
		log_warning(
		    "shared folders: %.*s", (int)out->text.n, out->text.p);
	return good && out->verdict == AUTH_OK;
}

int
share_visit(struct session *s, struct span owner, bool *denied)
{
	struct packet_in in = { .bad = false };
	struct share_ask a = { .kind = SHARE_VISIT,
		.pass = s->start->pass,
		.owner = owner,
		.fd = -1,
		.park = -1 };
	struct share_answer answer = { .verdict = AUTH_DENIED, .fd = -1 };
	int fd = -1;

	if (owner.n <= SHARE_NAME_MAX && !span_has_break(owner) &&
	    span_find(owner, '\0') == owner.n && ask(s, &a, &in, &answer))
		fd = answer.fd;
	*denied = answer.verdict == AUTH_DENIED;
	packet_in_done(&in);
	if (fd != -1 && sock_nonblock(fd, false) == -1)
		file_close(&fd);
	return fd;
}

static int
name_cmp(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	return span_cmp(*x, *y);
}

struct span *
share_owners(struct session *s, size_t *count)
{
	struct packet_in in = { .bad = false };
	struct share_ask a = {
		.kind = SHARE_LIST, .pass = s->start->pass, .fd = -1, .park = -1
	};
	struct share_answer answer;
	struct span *list, rest = SPAN(""), line;
	size_t room = 1;

	*count = 0;
	if (ask(s, &a, &in, &answer))
		rest = answer.list;
	for (size_t i = 0; i < rest.n; i++)
		room += rest.p[i] == '\n';
	list = arena_array(s->a, room, sizeof(*list));
	while (*count < room && span_line(&rest, &line))
		list[(*count)++] = arena_span(s->a, line);
	packet_in_done(&in);
	qsort(list, *count, sizeof(*list), name_cmp);
	return list;
}

/* --- whom our own lists name --- */

static bool
has_line(const struct buf *lines, struct span want)
{
	struct span rest = buf_span(lines), line;

	while (span_line(&rest, &line))
		if (span_eq(line, want))
			return true;
	return false;
}

static void
add_names(struct session *s, const struct acl *acl, struct buf *out)
{
	struct span id;

	for (size_t i = 0; i < acl->count; i++) {
		id = acl->list[i].id;
		if (span_is(id, "administrators"))
			id = SPAN("group=administrators");
		if (acl->list[i].minus || acl->list[i].rights == 0 ||
		    span_is(id, "owner") ||
		    (span_starts(id, "user=") &&
			span_eq(span_skip(id, 5), s->start->user)) ||
		    has_line(out, id) || out->n + id.n >= SHARE_LIST_MAX)
			continue;
		buf_add_span(out, id);
		buf_add_byte(out, '\n');
	}
}

/* False: some list could not be read, so that nothing is known. */
static bool
all_names(struct session *s, struct buf *out)
{
	struct tree_entry *list;
	struct arena *a = arena_new();
	struct why why;
	size_t n = 0;
	bool good;

	why_init(&why);
	list = tree_list(s->tree, a, &n, &why);
	good = list != NULL;
	for (size_t i = 0; good && i < n; i++) {
		struct acl acl;

		if (!list[i].exists)
			continue;
		good = rights_list(s, list[i].name, a, &acl, &why) == 0;
		if (good)
			add_names(s, &acl, out);
	}
	if (!good)
		log_warning("%s", why_text(&why));
	why_free(&why);
	arena_free(&a);
	return good;
}

static void
tell(struct session *s, const struct buf *names)
{
	const struct maildir *top = tree_inbox(s->tree);
	struct packet_in in = { .bad = false };
	struct share_ask a = { .kind = SHARE_TELL,
		.pass = s->start->pass,
		.list = buf_span(names),
		.fd = -1,
		.park = -1 };
	struct share_answer answer;

	if (ask(s, &a, &in, &answer) &&
	    file_replace(maildir_dir(top), TOLD_FILE, buf_span(names),
		maildir_file_mode(top)) == -1)
		log_warning(
		    "%s/%s: %s", maildir_path(top), TOLD_FILE, strerror(errno));
	packet_in_done(&in);
}

void
share_tell(struct session *s)
{
	struct buf names = BUF_EMPTY;

	if (can_ask(s) && all_names(s, &names))
		tell(s, &names);
	buf_free(&names);
}

/* Nothing is shared and nothing was: the time alone is set anew. */
static bool
nothing_new(int top, const struct buf *names)
{
	struct buf had = BUF_EMPTY;
	int got =
	    names->n > 0 ? -1 : side_read(top, TOLD_FILE, SHARE_LIST_MAX, &had);
	bool same = got == 1 && had.n == 0;

	buf_free(&had);
	return same &&
	    utimensat(top, TOLD_FILE, NULL, AT_SYMLINK_NOFOLLOW) == 0;
}

void
share_tell_daily(struct session *s)
{
	int top = maildir_dir(tree_inbox(s->tree));
	struct buf names = BUF_EMPTY;
	struct stat st;

	if (!can_ask(s) || guest_is(s) ||
	    (fstatat(top, TOLD_FILE, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		clock_wall() - st.st_mtime < DAY &&
		st.st_mtime - clock_wall() < DAY))
		return;
	stream_flush(s->io); /* the client need not wait for that */
	if (all_names(s, &names) && !nothing_new(top, &names))
		tell(s, &names);
	buf_free(&names);
}
