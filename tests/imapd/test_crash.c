/*
 * test_crash.c - a session that ends at any call that changes a file
 *
 * Each command is begun as often as it makes such calls, and ended before the
 * first, the second and so on, by kill -9 or by a power cut (disk.h). What
 * sessions see then is either the old or the new, message by message; after an
 * OK it is the new. UIDs mean what they meant, and a client with QRESYNC is
 * told of all that it does not know. Some ends are left out, but with
 * FACTEUR_CRASH=whole; or the name of one scenario, which is done alone.
 * Indexes lie elsewhere for every other one, or for all with
 * FACTEUR_CRASH_INDEXES=yes, or for none.
 */

#include <limits.h>
#include <stdio.h>

#include "base/number.h"
#include "imapd/session.h"
#include "tests/imapd/disk.h"
#include "tests/imapd/snapshot.h"
#include "tests/unit.h"

struct scenario {
	const char *name;
	const char *prepare; /* commands before, one a line */
	const char *command; /* the last has the tag x */
	const char *either; /* "A B": one of both messages is there always */
	bool delivered; /* a message has come just before */
};

#define N1     "Subject: n1\r\n\r\nbody of n1\r\n"
#define N2     "Subject: n2\r\n\r\nbody of n2\r\n"
#define N_SIZE "{27+}\r\n"

static const struct scenario scenarios[] = {
	{ .name = "flag", .command = "x STORE 1 +FLAGS (\\Flagged)" },
	{ .name = "flags", .command = "x STORE 1:4 +FLAGS.SILENT (\\Draft)" },
	{ .name = "keyword", .command = "x STORE 1:2 +FLAGS (new)" },
	{ .name = "keyword known", .command = "x STORE 1,3 +FLAGS (kw)" },
	{ .name = "flag and keyword",
	    .command = "x STORE 1:4 FLAGS (\\Flagged new)" },
	{ .name = "no keyword", .command = "x STORE 2 -FLAGS (kw)" },
	{ .name = "two stores",
	    .command = "y STORE 1 +FLAGS (\\Draft)\r\n"
		       "x STORE 1 +FLAGS (\\Flagged)" },
	{ .name = "seen by reading", .command = "x FETCH 2:4 BODY[]" },
	{ .name = "append", .command = "x APPEND Archive " N_SIZE N1 },
	{ .name = "append flagged",
	    .command = "x APPEND Archive (\\Seen \\Draft) " N_SIZE N1 },
	{ .name = "append with keyword",
	    .command = "x APPEND INBOX (\\Seen kw new) " N_SIZE N1 },
	{ .name = "append two",
	    .command =
		"x APPEND INBOX (\\Seen) " N_SIZE N1 " (kw) " N_SIZE N2 },
	{ .name = "copy", .command = "x COPY 1 Archive" },
	{ .name = "copy some", .command = "x COPY 1:3 Archive" },
	{ .name = "copy within", .command = "x COPY 2 INBOX" },
	{ .name = "move", .command = "x MOVE 1 Archive" },
	{ .name = "move some", .command = "x MOVE 1:3 Archive" },
	{ .name = "move back",
	    .prepare = "MOVE 1:2 Archive\nSELECT Archive\n"
		       "MOVE 3 INBOX\nSELECT INBOX",
	    .command = "x MOVE 1:* Archive" },
	{ .name = "replace",
	    .command = "x REPLACE 2 INBOX (\\Seen kw) " N_SIZE N1,
	    .either = "m2 n1" },
	{ .name = "replace elsewhere",
	    .command = "x REPLACE 2 Archive " N_SIZE N1,
	    .either = "m2 n1" },
	{ .name = "expunge", .command = "x EXPUNGE" },
	{ .name = "expunge some",
	    .prepare = "STORE 1:2 +FLAGS (\\Deleted)",
	    .command = "x EXPUNGE" },
	{ .name = "uid expunge",
	    .prepare = "STORE 1:* +FLAGS (\\Deleted)",
	    .command = "x UID EXPUNGE 2:3" },
	{ .name = "close", .command = "x CLOSE" },
	{ .name = "create", .command = "x CREATE Fresh.Deep" },
	{ .name = "delete", .command = "x DELETE Archive" },
	{ .name = "rename", .command = "x RENAME Other Old" },
	{ .name = "rename with children", .command = "x RENAME Archive Old" },
	{ .name = "rename inbox", .command = "x RENAME INBOX Old" },
	{ .name = "subscribe", .command = "x SUBSCRIBE Other" },
	{ .name = "unsubscribe", .command = "x UNSUBSCRIBE Archive" },
	{ .name = "note",
	    .command = "x SETMETADATA Archive (/private/comment \"new\")" },
	{ .name = "first note",
	    .command = "x SETMETADATA Other (/private/comment \"new\")" },
	{ .name = "no note",
	    .command = "x SETMETADATA Archive (/private/comment NIL)" },
	{ .name = "arrival",
	    .command = "y NOOP\r\nx UID FETCH 5:* (FLAGS)",
	    .delivered = true },
	{ .name = "arrival selected",
	    .command = "y SELECT INBOX\r\nx UID FETCH 5:* (FLAGS)",
	    .delivered = true },
	{ .name = "arrival moved",
	    .command = "y NOOP\r\nx MOVE 1:* Archive",
	    .delivered = true },
	{ .name = "status",
	    .command = "x STATUS INBOX (UIDNEXT HIGHESTMODSEQ)",
	    .delivered = true },
};

/* Before the command; messages are m1 to m4, and a1 and o1 elsewhere. */
static const char *const account[] = {
	"CREATE Archive",
	"CREATE Archive.Sub",
	"CREATE Other",
	"SUBSCRIBE Archive",
	"SETMETADATA Archive (/private/comment \"old\")",
	"APPEND INBOX {27+}\r\nSubject: m1\r\n\r\nbody of m1\r\n",
	"APPEND INBOX (\\Seen kw) {27+}\r\nSubject: m2\r\n\r\nbody of m2\r\n",
	"APPEND INBOX (\\Deleted) {27+}\r\nSubject: m3\r\n\r\nbody of m3\r\n",
	"APPEND INBOX (other) {27+}\r\nSubject: m4\r\n\r\nbody of m4\r\n",
	"APPEND Archive (kw) {27+}\r\nSubject: a1\r\n\r\nbody of a1\r\n",
	"APPEND Archive.Sub {27+}\r\nSubject: s1\r\n\r\nbody of s1\r\n",
	"APPEND Other {27+}\r\nSubject: o1\r\n\r\nbody of o1\r\n",
	"SELECT INBOX",
};

static const char *const ends[DISK_ENDS] = {
	[DISK_KILL] = "kill",
	[DISK_TORN] = "kill within a write",
	[DISK_CUT] = "power",
	[DISK_NAMES] = "power, names stay",
	[DISK_MIXED] = "power, some stay",
};

static struct imap_conf conf;

/* One time that a command is done. */
struct once {
	const struct scenario *of;
	enum disk_end how;
	unsigned at;
	char *base, *mail, *indexes; /* or NULL */
	struct snapshot *before, *after;
	char *told; /* to the client */
	bool done; /* it was told OK */
	unsigned calls;
	char text[256]; /* for failures */
};

static void
setup(void)
{
	conf = talk_conf;
	conf.folders = (struct folder_conf){ "", '.', FOLDER_AUTO, false };
	conf.metadata_bytes = 1024;
	conf.metadata_most = 10;
	disk_plan = mmap(NULL, sizeof(*disk_plan), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(disk_plan, MAP_FAILED);
	ck_assert_int_eq(atexit(disk_at_exit), 0);
}

static bool
is_elsewhere(const struct scenario *of)
{
	const char *how = getenv("FACTEUR_CRASH_INDEXES");

	return how == NULL ? (of - scenarios) % 2 == 1
			   : strcmp(how, "yes") == 0;
}

/* All commands at once; none is refused. */
static void
prepare(struct once *o)
{
	const char *more = o->of->prepare == NULL ? "" : o->of->prepare;
	struct buf all = BUF_EMPTY;
	char line[SNAP_TEXT], *got;
	struct talk t;

	o->base = scratch_new();
	o->mail = mem_printf("%s/Maildir", o->base);
	if (is_elsewhere(o->of)) {
		o->indexes = mem_printf("%s/indexes", o->base);
		scratch_mkdir(o->base, "indexes");
	}
	conf.indexes = o->indexes;
	scratch_mkdir(o->base, "stash");
	(void)snprintf(
	    disk_plan->stash, sizeof(disk_plan->stash), "%s/stash", o->base);
	for (int i = 0; i < UNIT_COUNT(account); i++)
		buf_printf(&all, "p %s\r\n", account[i]);
	while (snap_word(&more, '\n', line, sizeof(line)))
		buf_printf(&all, "p %s\r\n", line);
	buf_add_str(&all, "x NOOP\r\n");
	talk_begin(&t, o->mail, &conf);
	talk_send(&t, buf_span(&all));
	got = talk_until(&t, "x ");
	ck_assert_msg(
	    strstr(got, "\np NO") == NULL && strstr(got, "\np BAD") == NULL,
	    "%s", got);
	talk_end(&t);
	free(got);
	buf_free(&all);
	o->before = snap_take(o->mail, &conf, NULL);
}

/* All up to the answer with the tag x, or to the end. */
static void
hear(struct once *o, struct talk *t)
{
	size_t at = 0;

	for (;;) {
		struct span rest = span_skip(buf_span(&t->got), at);
		size_t n = span_find(rest, '\n');

		if (n < rest.n && span_starts(rest, "x ")) {
			o->done = span_starts(rest, "x OK");
			ck_assert_msg(
			    o->done, "%s: %s", o->text, buf_str(&t->got));
			break;
		}
		if (n < rest.n)
			at += n + 1;
		else if (!talk_more(t))
			break;
	}
	o->told = buf_take(&t->got);
}

static void
act(struct once *o)
{
	struct talk t;
	char *command;
	int status;

	disk_plan->at = 0;
	disk_plan->ended = false;
	disk_plan->parent = getpid();
	talk_begin(&t, o->mail, &conf);
	TALK(&t, "ENABLE QRESYNC", "x OK");
	TALK(&t, "SELECT INBOX", "x OK");
	if (o->of->delivered)
		scratch_write(o->mail, "new/4000000000.M1P1.h,S=24",
		    "Subject: d1\n\nbody of d1\n");
	disk_plan->passed = 0;
	disk_plan->how = o->how;
	disk_plan->seed = o->at * 7919U;
	disk_plan->at = o->at;
	command = mem_printf("%s\r\n", o->of->command);
	talk_send(&t, span_str(command)); /* at once: it may end within */
	free(command);
	hear(o, &t);
	close(t.fd);
	ck_assert_int_eq(waitpid(t.pid, &status, 0), t.pid);
	ck_assert_msg(disk_plan->ended
		? WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL
		: WIFEXITED(status) && WEXITSTATUS(status) == 0,
	    "%s: status %x", o->text, (unsigned)status);
	disk_plan->parent = 0;
	o->calls = disk_plan->passed;
}

static void
done(struct once *o)
{
	free(o->before);
	free(o->after);
	free(o->told);
	free(o->mail);
	free(o->indexes);
	scratch_free(&o->base);
}

static void
begin(struct once *o, const struct scenario *of, enum disk_end how, unsigned at)
{
	memset(o, 0, sizeof(*o));
	o->of = of;
	o->how = how;
	o->at = at;
	(void)snprintf(o->text, sizeof(o->text), "%s, %s at call %u", of->name,
	    ends[how], at);
	prepare(o);
	act(o);
	o->after = snap_take(o->mail, &conf, o->before);
}

/* --- what may be --- */

/* Where a message is: "INBOX( \Seen ) Archive( )", in the order of folders. */
static void
where(char *out, const struct snapshot *s, const char *subject)
{
	size_t n = 0;

	out[0] = '\0';
	for (size_t i = 0; i < s->count; i++)
		if (strcmp(s->list[i].subject, subject) == 0)
			n += (size_t)snprintf(out + n, 1024 - n, "%s(%s) ",
			    s->folders[s->list[i].folder].name,
			    s->list[i].flags);
	ck_assert_uint_lt(n, 1024);
}

static bool
has_flag(const char *flags, const char *flag)
{
	char *padded = mem_printf(" %s ", flag);
	bool has = strstr(flags, padded) != NULL;

	free(padded);
	return has;
}

/* Each flag of one of both is as in the one or the other. */
static bool
flags_between(const char *flags, const char *old, const char *fresh)
{
	const char *const all[] = { flags, old, fresh };
	char w[SNAP_WORD];

	for (int i = 0; i < 3; i++)
		for (const char *at = all[i];
		     snap_word(&at, ' ', w, sizeof(w));)
			if (has_flag(flags, w) != has_flag(old, w) &&
			    has_flag(flags, w) != has_flag(fresh, w))
				return false;
	return true;
}

static const struct snap_message *
find(const struct snapshot *s, const char *folder, const char *subject)
{
	for (size_t i = 0; i < s->count; i++)
		if (strcmp(s->list[i].subject, subject) == 0 &&
		    strcmp(s->folders[s->list[i].folder].name, folder) == 0)
			return &s->list[i];
	return NULL;
}

/* A STORE that was not answered may be half done: never another flag than the
 * old or the new ones. */
static bool
half_stored(const struct once *o, const struct snapshot *full,
    const struct snap_message *m)
{
	const char *folder = o->after->folders[m->folder].name;
	const struct snap_message *old = find(o->before, folder, m->subject);
	const struct snap_message *fresh = find(full, folder, m->subject);

	return old != NULL && fresh != NULL &&
	    flags_between(m->flags, old->flags, fresh->flags);
}

static void
check_message(
    const struct once *o, const struct snapshot *full, const char *subject)
{
	char is[1024], was[1024], should[1024];
	const struct snap_message *m = NULL;
	bool half = !o->done;

	where(is, o->after, subject);
	where(was, o->before, subject);
	where(should, full, subject);
	for (size_t i = 0; i < o->after->count; i++) {
		m = &o->after->list[i];
		if (strcmp(m->subject, subject) != 0)
			continue;
		ck_assert_msg(m->whole, "%s: %s is torn", o->text, subject);
		half = half && half_stored(o, full, m);
	}
	half = half && m != NULL && strcmp(is, "") != 0;
	/* what came just before the command was nowhere then */
	if (o->of->delivered && strcmp(subject, "d1") == 0)
		(void)snprintf(was, sizeof(was), "INBOX( ) ");
	ck_assert_msg(strcmp(is, should) == 0 ||
		(!o->done && strcmp(is, was) == 0) || half,
	    "%s: %s is in %s, not %s%s", o->text, subject, is,
	    o->done ? "" : was, should);
}

static void
check_messages(const struct once *o, const struct snapshot *full)
{
	const struct snapshot *all[] = { o->before, full, o->after };

	for (int k = 0; k < 3; k++)
		for (size_t i = 0; i < all[k]->count; i++)
			check_message(o, full, all[k]->list[i].subject);
}

static void
check_either(const struct once *o)
{
	char one[SNAP_WORD], other[SNAP_WORD], is[1024];

	if (o->of->either == NULL)
		return;
	ck_assert_int_eq(sscanf(o->of->either, "%47s %47s", one, other), 2);
	where(is, o->after, one);
	if (is[0] == '\0')
		where(is, o->after, other);
	ck_assert_msg(is[0] != '\0', "%s: none of %s", o->text, o->of->either);
}

/* What a folder of that name is: nothing, an old one, or a fresh one. */
static void
folder_is(char *out, const struct once *o, struct snapshot *s, const char *name)
{
	const struct snap_folder *f = snap_folder(s, name);

	if (f == NULL)
		(void)snprintf(out, 1024, "none");
	else if (s != o->before && snap_by_guid(o->before, f->guid) == NULL)
		(void)snprintf(out, 1024, "fresh, %s", f->note);
	else
		(void)snprintf(out, 1024, "%s, %s",
		    snap_by_guid(o->before, f->guid)->name, f->note);
}

static void
check_folder(const struct once *o, struct snapshot *full,
    const struct once *whole, const char *name)
{
	const struct snap_folder *f = snap_folder(o->after, name);
	const struct snap_folder *old = snap_folder(o->before, name);
	const struct snap_folder *new = snap_folder(full, name);
	char is[1024], was[1024], should[1024];

	folder_is(is, o, o->after, name);
	folder_is(was, o, o->before, name);
	folder_is(should, whole, full, name);
	ck_assert_msg(
	    strcmp(is, should) == 0 || (!o->done && strcmp(is, was) == 0),
	    "%s: the folder %s is \"%s\"; it was \"%s\", should be \"%s\"",
	    o->text, name, is, was, should);
	if (f != NULL)
		ck_assert_msg(
		    (new != NULL && f->subscribed == new->subscribed) ||
			(!o->done && old != NULL &&
			    f->subscribed == old->subscribed),
		    "%s: subscription of %s", o->text, name);
}

static void
check_folders(const struct once *o, const struct once *whole)
{
	struct snapshot *all[] = { o->before, whole->after, o->after };

	for (int k = 0; k < 3; k++)
		for (size_t i = 0; i < all[k]->folder_count; i++)
			check_folder(
			    o, whole->after, whole, all[k]->folders[i].name);
}

static const struct snap_message *
by_uid(const struct snapshot *s, const struct snap_folder *f, unsigned long uid)
{
	for (size_t i = 0; i < s->count; i++)
		if (&s->folders[s->list[i].folder] == f &&
		    s->list[i].uid == uid)
			return &s->list[i];
	return NULL;
}

/* UIDs of old, seen again, are those of the same messages. */
static void
check_uids(
    const struct once *o, const struct snapshot *old, const struct snapshot *s)
{
	for (size_t i = 0; i < s->folder_count; i++) {
		const struct snap_folder *f = &s->folders[i];
		const struct snap_folder *was = snap_by_guid(old, f->guid);

		if (was == NULL)
			continue;
		ck_assert_msg(f->validity == was->validity &&
			f->next >= was->next && f->highest >= was->highest,
		    "%s: %s: UIDVALIDITY %lu %lu, UIDNEXT %lu %lu, "
		    "HIGHESTMODSEQ %llu %llu",
		    o->text, f->name, was->validity, f->validity, was->next,
		    f->next, was->highest, f->highest);
		for (unsigned long uid = 1; uid < was->next; uid++) {
			const struct snap_message *a = by_uid(old, was, uid);
			const struct snap_message *b = by_uid(s, f, uid);

			ck_assert_msg(b == NULL ||
				(a != NULL &&
				    strcmp(a->subject, b->subject) == 0),
			    "%s: UID %lu of %s is %s", o->text, uid, f->name,
			    b == NULL ? "" : b->subject);
		}
	}
}

static bool
set_has(const char *set, unsigned long uid)
{
	char word[SNAP_WORD], *end;

	while (snap_word(&set, ',', word, sizeof(word))) {
		unsigned long low = strtoul(word, &end, 10);
		unsigned long high =
		    *end == ':' ? strtoul(end + 1, NULL, 10) : low;

		if (uid >= low && uid <= high)
			return true;
	}
	return false;
}

/* A client that knew the folder before is told of all that is not so now. */
static void
check_news(const struct once *o)
{
	for (size_t i = 0; i < o->before->count; i++) {
		const struct snap_message *m = &o->before->list[i], *now;
		const struct snap_folder *was = &o->before->folders[m->folder];
		const struct snap_folder *f = snap_folder(o->after, was->name);

		if (f == NULL || !f->asked || strcmp(f->guid, was->guid) != 0)
			continue;
		now = by_uid(o->after, f, m->uid);
		if (now == NULL)
			ck_assert_msg(set_has(f->vanished, m->uid),
			    "%s: UID %lu of %s has vanished, told were \"%s\"",
			    o->text, m->uid, f->name, f->vanished);
		else
			ck_assert_msg(
			    strcmp(m->flags, now->flags) == 0 || now->news,
			    "%s: UID %lu of %s: flags not told", o->text,
			    m->uid, f->name);
	}
}

/* UIDs that a client was told are of that message, or of none. */
static void
check_told(const struct once *o)
{
	struct snapshot *s = snap_take(o->mail, &conf, NULL);
	unsigned long validity = 0, uid = 0, got;
	struct talk t;
	char *answer, *at;

	at = strstr(o->told, "APPENDUID ");
	if (at != NULL)
		validity = strtoul(at + 10, &at, 10);
	else if ((at = strstr(o->told, "COPYUID ")) != NULL)
		validity = strtoul(at + 8, &at, 10);
	if (at != NULL && (at = strchr(at, ']')) != NULL) {
		while (at[-1] >= '0' && at[-1] <= '9')
			at--;
		uid = strtoul(at, NULL, 10);
	}
	talk_begin(&t, o->mail, &conf);
	for (size_t i = 0; i < s->folder_count; i++) {
		struct snap_folder *f = &s->folders[i];
		char *line = mem_printf(
		    "APPEND %s {27+}\r\nSubject: zz\r\n\r\nbody of zz\r\n",
		    f->name);

		answer = talk_say(&t, line);
		got = strtoul(strstr(answer, "APPENDUID ") + 10, &at, 10);
		ck_assert_uint_eq(got, f->validity);
		got = strtoul(at, NULL, 10);
		ck_assert_msg(
		    got >= f->next && (f->validity != validity || got > uid),
		    "%s: UID %lu of %s is given again", o->text, got, f->name);
		free(answer);
		free(line);
	}
	talk_end(&t);
	check_uids(o, o->after, s);
	ck_assert_uint_eq(s->count, o->after->count);
	free(s);
}

static void
check_once(const struct once *o, const struct once *whole)
{
	check_folders(o, whole);
	check_messages(o, whole->after);
	check_either(o);
	check_uids(o, o->before, o->after);
	check_news(o);
	check_told(o);
}

/* Every how many calls; 0: not at all. */
static unsigned
step(const struct scenario *of)
{
	const char *how = getenv("FACTEUR_CRASH");

	if (how == NULL)
		return 29;
	return strcmp(how, "whole") == 0 || strcmp(how, of->name) == 0;
}

START_TEST(test_ends)
{
	const struct scenario *of = &scenarios[_i];
	struct once whole;
	unsigned by = step(of);

	if (by == 0)
		return;
	begin(&whole, of, DISK_KILL, UINT_MAX); /* counts */
	ck_assert_msg(whole.done, "%s: %s", of->name, whole.told);
	check_once(&whole, &whole);
	for (int how = 0; how < DISK_ENDS; how++) {
		unsigned first = 1 + (unsigned)(how + _i) % by;

		for (unsigned at = first; at <= whole.calls + 1; at += by) {
			struct once one;

			begin(&one, of, (enum disk_end)how, at);
			check_once(&one, &whole);
			done(&one);
		}
	}
	done(&whole);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_checked_fixture(t, setup, NULL);
	tcase_set_timeout(t, 300);
	tcase_add_loop_test(t, test_ends, 0, UNIT_COUNT(scenarios));
}

int
main(void)
{
	return unit_main("imapd/crash", fill);
}
