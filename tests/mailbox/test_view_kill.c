/* test_view_kill.c - mailbox/view.h: processes that are killed at any moment
 *
 * Two at a time work on one folder and tell what a client would be told. After
 * they are killed all of it must be true, and no UID mean another message.
 */

#include "mailbox/view.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#include "mailbox/arrive.h"
#include "mailbox/copy.h"
#include "mailbox/store.h"
#include "tests/mailbox/views.h"
#include "tests/unit.h"

enum {
	WORKERS = 2,
	ROUNDS = 16,
	UIDS_MOST = 200000,
	KEYWORDS = 5,
	NAP_US = 20000
};

struct told {
	uint32_t uid, id; /* the message's text */
	uint32_t keyword; /* plus one; 0: none */
	uint32_t goes; /* it may be gone */
};

/* Of each UID: its message and keywords (bits), and when it was seen last. */
static struct {
	uint32_t id, keywords;
	unsigned round;
	bool goes;
} known[UIDS_MOST];

struct worker {
	struct view *v;
	int out;
	uint32_t next_id;
	unsigned seed;
};

static unsigned
dice(struct worker *w, unsigned sides)
{
	w->seed = w->seed * 1103515245 + 12345;
	return (w->seed >> 16) % sides;
}

static void
tell(const struct worker *w, struct told t)
{
	if (write(w->out, &t, sizeof(t)) != (ssize_t)sizeof(t))
		_exit(3);
}

/* The text of a message, or 0 when it is gone. */
static uint32_t
id_of(struct view *v, size_t i)
{
	char text[16] = "";
	int fd = view_file(v, i, &why);

	if (fd == -1)
		return 0;
	if (read(fd, text, sizeof(text) - 1) < 1)
		text[0] = '\0';
	close(fd);
	return (uint32_t)strtoul(text, NULL, 10);
}

static void
tell_one(struct worker *w, size_t i)
{
	uint32_t id = id_of(w->v, i);

	if (id != 0)
		tell(
		    w, (struct told){ .uid = view_at(w->v, i)->uid, .id = id });
}

static void
look(struct worker *w)
{
	size_t had = view_count(w->v);

	if (view_sync(w->v, &why) == -1)
		_exit(4);
	view_show(w->v);
	for (size_t i = had; i < view_count(w->v); i++)
		tell_one(w, i);
	view_purge(w->v, NULL, NULL);
}

static void
deliver(struct worker *w)
{
	char text[16];
	struct store_letter l = { .why = &why };
	struct store_piece p = { .fd = -1 };

	snprintf(text, sizeof(text), "%u\n", w->next_id++);
	p.bytes = span_str(text);
	l.pieces = &p;
	l.count = 1;
	if (maildir_store(view_maildir(w->v), &l, &why) != DONE)
		_exit(5);
	buf_free(&l.name);
}

static void
append(struct worker *w)
{
	struct maildir *m = view_maildir(w->v);
	const struct store_how how = { dice(w, 2) == 0 ? 0 : FLAG_SEEN, 0 };
	struct store_file *file = store_begin(m, &why);
	struct arrive *a = arrive_begin(m, tree, &why);
	const struct arrive_files f = { &file, &how, 1, false };
	const struct span kw = SPAN("k0");
	struct arrive_message one = { .keywords = &kw, .keyword_count = 1 };
	uint32_t id = w->next_id++;
	char text[16];

	snprintf(text, sizeof(text), "%u\n", id);
	if (a == NULL || store_add(file, span_str(text), &why) == -1 ||
	    arrive_store(a, &f, &one, &why) == -1)
		_exit(6);
	tell(w, (struct told){ .uid = one.uid, .id = id, .keyword = 1 });
	arrive_end(&a);
	store_drop(&file);
}

static void
mark(struct worker *w)
{
	uint32_t at = dice(w, (unsigned)view_count(w->v));
	unsigned n = dice(w, KEYWORDS);
	char name[8];
	struct span kw;
	const struct view_change c = { VIEW_ADD, dice(w, 2) * FLAG_FLAGGED, &kw,
		1, UINT64_MAX, NULL, 0, false };
	uint32_t uid = view_at(w->v, at)->uid;

	snprintf(name, sizeof(name), "k%u", n);
	kw = span_str(name);
	if (view_store(w->v, &at, 1, &c, &why) == -1)
		_exit(7);
	if ((view_at(w->v, at)->bits & MSG_GONE) == 0)
		tell(w, (struct told){ .uid = uid, .keyword = n + 1 });
}

static void
copy(struct worker *w, bool move)
{
	uint32_t at = dice(w, (unsigned)view_count(w->v));
	const struct copy_job job = { w->v, &at, 1, view_maildir(w->v), tree,
		move, 0, false };
	uint32_t uid = view_at(w->v, at)->uid, id = id_of(w->v, at);
	struct copy_result r;

	if (id == 0)
		return;
	if (move)
		tell(w, (struct told){ .uid = uid, .goes = 1 });
	if (copy_messages(&job, &r, &why) == 0)
		tell(w, (struct told){ .uid = r.uids[0], .id = id });
	else if (errno != ENOENT)
		_exit(8);
	free(r.uids);
}

static void
expunge(struct worker *w)
{
	uint32_t at = dice(w, (unsigned)view_count(w->v));

	tell(w, (struct told){ .uid = view_at(w->v, at)->uid, .goes = 1 });
	if (view_expunge(w->v, &at, 1, VIEW_ANY, &why) == -1)
		_exit(9);
	view_purge(w->v, NULL, NULL);
}

static void
again(struct worker *w)
{
	view_close(&w->v);
	w->v = open_as(false, dice(w, 2) == 0);
	for (size_t i = 0; i < view_count(w->v); i++)
		tell_one(w, i);
}

static void
work(int out, unsigned number)
{
	struct worker w = {
		.out = out, .next_id = number * 10000 + 1, .seed = number * 7919
	};

	w.v = open_as(false, number % 2 == 0);
	for (;;) {
		unsigned what = dice(&w, 16);

		look(&w);
		if (what < 3)
			deliver(&w);
		else if (what < 5)
			append(&w);
		else if (view_count(w.v) == 0)
			continue;
		else if (what < 8)
			mark(&w);
		else if (what < 10)
			copy(&w, what == 9);
		else if (what < 13)
			expunge(&w);
		else if (what == 13)
			again(&w);
		else
			view_rest(w.v);
	}
}

static void
learn(const struct told *t)
{
	ck_assert_uint_lt(t->uid, UIDS_MOST);
	ck_assert_msg(
	    t->id == 0 || known[t->uid].id == 0 || t->id == known[t->uid].id,
	    "UID %u is told as message %u, and was %u", t->uid, t->id,
	    known[t->uid].id);
	if (t->id != 0)
		known[t->uid].id = t->id;
	if (t->keyword != 0)
		known[t->uid].keywords |= 1u << (t->keyword - 1);
	if (t->goes != 0)
		known[t->uid].goes = true;
}

static void
check_message(struct view *v, size_t i, unsigned round)
{
	const struct keywords *names = view_keywords(v);
	const struct msg *m = view_at(v, i);
	uint32_t uid = m->uid, id = id_of(v, i);

	ck_assert_msg(known[uid].id == 0 || known[uid].id == id,
	    "UID %u is message %u, and was %u", uid, id, known[uid].id);
	for (size_t n = 0; n < KEYWORDS; n++) {
		char name[8];
		int at;

		snprintf(name, sizeof(name), "k%zu", n);
		at = keywords_find(names, span_str(name));
		ck_assert_msg((known[uid].keywords >> n & 1) == 0 ||
			(at != -1 && kwset_has(&m->kw, (size_t)at)),
		    "UID %u has lost %s", uid, name);
	}
	known[uid].id = id;
	known[uid].round = round;
}

static void
check_all(uint32_t validity, unsigned round)
{
	struct view *v = open_as(false, false);
	uint32_t next = view_next_uid(v);

	ck_assert_uint_eq(view_validity(v), validity);
	for (size_t i = 0; i < view_count(v); i++)
		check_message(v, i, round);
	for (uint32_t uid = 1; uid < UIDS_MOST; uid++) {
		if (known[uid].id == 0)
			continue;
		ck_assert_uint_lt(uid, next);
		ck_assert_msg(known[uid].goes || known[uid].round == round,
		    "UID %u, message %u, is lost", uid, known[uid].id);
	}
	view_close(&v);
}

static void
kill_and_wait(pid_t pid)
{
	int status;

	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFSIGNALED(status), "ended with %d", status);
}

START_TEST(killed)
{
	struct view *v = open_as(false, false);
	uint32_t validity = view_validity(v);

	view_close(&v);
	for (unsigned round = 1; round <= ROUNDS; round++) {
		const struct timespec nap = { 0,
			(NAP_US + (long)(round * 7919 % NAP_US)) * 1000 };
		pid_t pids[WORKERS];
		struct told t;
		int ends[2];

		ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
		for (unsigned i = 0; i < WORKERS; i++) {
			pids[i] = fork();
			ck_assert_int_ne(pids[i], -1);
			if (pids[i] == 0)
				work(ends[1], 1 + round * WORKERS + i);
		}
		close(ends[1]);
		(void)nanosleep(&nap, NULL);
		for (int i = 0; i < WORKERS; i++)
			kill_and_wait(pids[i]);
		while (read(ends[0], &t, sizeof(t)) == (ssize_t)sizeof(t))
			learn(&t);
		close(ends[0]);
		check_all(validity, round);
	}
}
END_TEST

static void
fill(TCase *c)
{
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, killed);
}

int
main(void)
{
	return unit_main("mailbox/view_kill", fill);
}
