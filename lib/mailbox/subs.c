/*
 * subs.c - subscriptions of a user, in Courier's or Dovecot's file
 *
 * courierimapsubscribed: full names, one per line, UTF-8 (Courier 5) or
 * modified UTF-7. subscriptions: names without the prefix; version 2 begins
 * with "V<TAB>2" and an empty line and joins escaped parts with TABs. The file
 * that is there is kept in its form, so that both programs go on reading it.
 */

#include "mailbox/subs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/table.h"
#include "base/why.h"
#include "mailbox/maildir.h"
#include "mailbox/tree.h"
#include "message/utf7.h"
#include "os/file.h"

#define COURIER_FILE "courierimapsubscribed"
#define DOVECOT_FILE "subscriptions"
#define LOCK_FILE    "facteur.subscriptions.lock"

enum form { COURIER, DOVECOT_1, DOVECOT_2 };

struct subs {
	const struct folder_conf *conf;
	struct arena *a;
	struct table *names; /* name: itself, as a span in the arena */
	enum form form;
	bool utf7; /* some line was in modified UTF-7, none beyond ASCII */
	bool utf8;
};

static int
trouble(const char *what, const char *file, struct why *why)
{
	int error = errno;

	why_set(why, error == ENOSPC || error == EDQUOT ? "4.3.1" : "4.3.0",
	    "cannot %s %s: %s", what, file, strerror(error));
	errno = error;
	return -1;
}

static void
add_name(struct subs *s, struct span name)
{
	struct span *copy;

	if (name.n == 0 || table_get(s->names, name) != NULL)
		return;
	copy = arena_alloc(s->a, sizeof(*copy));
	*copy = arena_span(s->a, name);
	(void)table_put(s->names, name, copy);
}

/* Append a line's name as UTF-8. "a&-b" tells nothing: Courier means it as it
 * stands, Dovecot in modified UTF-7. */
static void
decode(struct subs *s, struct span line, struct buf *out)
{
	enum folder_encoding e = folder_encoding_of(line);

	s->utf8 = s->utf8 || e == FOLDER_UTF8;
	s->utf7 = s->utf7 || e == FOLDER_UTF7;
	if (e == FOLDER_AUTO)
		e = s->conf->encoding;
	if (e == FOLDER_AUTO)
		e = s->form == COURIER ? FOLDER_UTF8 : FOLDER_UTF7;
	if (e == FOLDER_UTF8 || !utf7_to_utf8(out, line))
		buf_add_span(out, line);
}

/* "\t" for a TAB and so on, of Dovecot's str_tabescape. */
static void
tab_unescape(struct buf *out, struct span part)
{
	for (size_t i = 0; i < part.n; i++) {
		char c = part.p[i];

		if (c != '\001' || i + 1 == part.n) {
			buf_add_byte(out, c);
			continue;
		}
		c = part.p[++i];
		buf_add_byte(out,
		    c == '1'       ? '\001'
			: c == 't' ? '\t'
			: c == 'r' ? '\r'
			: c == 'n' ? '\n'
			: c == '0' ? '\0'
				   : c);
	}
}

/* The parts of a version 2 line, joined as we join them. */
static void
join(struct subs *s, struct span line, struct buf *out)
{
	struct span part;
	bool first = true;

	while (span_cut(&line, '\t', &part)) {
		if (!first)
			buf_add_byte(out, s->conf->separator);
		first = false;
		tab_unescape(out, part);
	}
}

static void
take_line(struct subs *s, struct span line)
{
	struct buf raw = BUF_EMPTY, name = BUF_EMPTY;

	if (line.n > 0) {
		if (s->form == DOVECOT_2)
			join(s, line, &raw);
		else
			buf_add_span(&raw, line);
		if (s->form != COURIER && !span_iis(buf_span(&raw), "INBOX"))
			buf_add_str(&name, s->conf->prefix);
		decode(s, buf_span(&raw), &name);
		add_name(s, buf_span(&name));
	}
	buf_free(&raw);
	buf_free(&name);
}

static void
take_text(struct subs *s, struct span text, bool courier)
{
	struct span line;

	s->form = courier ? COURIER : DOVECOT_1;
	if (!courier && span_starts(text, "V\t2\n")) {
		s->form = DOVECOT_2;
		text = span_skip(text, 4);
	}
	while (span_line(&text, &line))
		take_line(s, line);
}

/* Which file speaks: the newer one, ours being Courier's when both are new. */
static bool
courier_speaks(int dir)
{
	struct stat ours, theirs;

	if (fstatat(dir, DOVECOT_FILE, &theirs, 0) == -1)
		return true;
	return fstatat(dir, COURIER_FILE, &ours, 0) == 0 &&
	    ours.st_mtime >= theirs.st_mtime;
}

static int
load(struct tree *t, struct subs *s, struct why *why)
{
	int dir = maildir_dir(tree_inbox(t));
	bool courier = courier_speaks(dir);
	const char *file = courier ? COURIER_FILE : DOVECOT_FILE;
	struct buf text = BUF_EMPTY;
	int fd = file_open(dir, file, O_RDONLY, 0);
	int got = 0;

	s->conf = tree_conf(t);
	if (fd != -1)
		got = file_read_all(fd, SUBS_BYTES_MAX, &text);
	else if (errno != ENOENT)
		got = -1;
	file_close(&fd);
	if (got == 0)
		take_text(s, buf_span(&text), courier);
	else
		(void)trouble("read", file, why);
	buf_free(&text);
	return got;
}

static int
span_order(const void *a, const void *b)
{
	return span_cmp(*(const struct span *)a, *(const struct span *)b);
}

static struct span *
sorted(const struct subs *s, size_t *count)
{
	struct span *list, key;
	size_t at = 0, n = 0;
	void *value;

	*count = table_count(s->names);
	list = arena_array(s->a, *count + 1, sizeof(*list));
	while (table_next(s->names, &at, &key, &value))
		list[n++] = *(struct span *)value;
	qsort(list, n, sizeof(*list), span_order);
	return list;
}

struct span *
subs_list(struct tree *t, struct arena *a, size_t *count, struct why *why)
{
	struct subs s = { .a = a, .names = table_new() };
	struct span *list = NULL;

	if (load(t, &s, why) == 0)
		list = sorted(&s, count);
	table_free(&s.names, NULL);
	return list;
}

static void
tab_escape(struct buf *out, struct span part)
{
	static const char from[] = "\001\t\r\n", to[] = "1trn";

	for (size_t i = 0; i < part.n; i++) {
		size_t k = span_find(span_str(from), part.p[i]);

		if (k < sizeof(from) - 1) {
			buf_add_byte(out, '\001');
			buf_add_byte(out, to[k]);
		} else {
			buf_add_byte(out, part.p[i]);
		}
	}
}

/* Dovecot writes modified UTF-7 unless told otherwise. */
static bool
writes_utf7(const struct subs *s)
{
	if (s->conf->encoding != FOLDER_AUTO)
		return s->conf->encoding == FOLDER_UTF7;
	return !s->utf8 && (s->utf7 || s->form != COURIER);
}

static void
put_line(const struct subs *s, struct span name, struct buf *out)
{
	struct buf coded = BUF_EMPTY;
	struct span rest, part;
	bool first = true;

	if (s->form != COURIER && span_starts(name, s->conf->prefix))
		name = span_skip(name, strlen(s->conf->prefix));
	if (!writes_utf7(s) || !utf7_from_utf8(&coded, name))
		buf_add_span(&coded, name);
	rest = buf_span(&coded);
	if (s->form != DOVECOT_2)
		buf_add_span(out, rest);
	while (s->form == DOVECOT_2 &&
	    span_cut(&rest, s->conf->separator, &part)) {
		if (!first)
			buf_add_byte(out, '\t');
		first = false;
		tab_escape(out, part);
	}
	buf_add_byte(out, '\n');
	buf_free(&coded);
}

static int
save(struct tree *t, const struct subs *s, struct why *why)
{
	const char *file = s->form == COURIER ? COURIER_FILE : DOVECOT_FILE;
	struct buf out = BUF_EMPTY;
	size_t n;
	struct span *list = sorted(s, &n);
	int got;

	if (s->form == DOVECOT_2)
		buf_add_str(&out, "V\t2\n\n");
	for (size_t i = 0; i < n; i++)
		put_line(s, list[i], &out);
	got = file_replace(maildir_dir(tree_inbox(t)), file, buf_span(&out),
	    maildir_file_mode(tree_inbox(t)));
	if (got == -1)
		(void)trouble("write", file, why);
	buf_free(&out);
	return got;
}

bool
subs_known(struct tree *t)
{
	int dir = maildir_dir(tree_inbox(t));
	struct stat st;

	return fstatat(dir, COURIER_FILE, &st, 0) == 0 ||
	    fstatat(dir, DOVECOT_FILE, &st, 0) == 0;
}

static int
change(struct tree *t, struct span name, bool on, struct why *why)
{
	struct subs s = { .a = arena_new(), .names = table_new() };
	int got = load(t, &s, why);
	bool was = got == 0 && table_get(s.names, name) != NULL;

	if (got == 0 && was != on) {
		if (on)
			add_name(&s, name);
		else
			(void)table_remove(s.names, name);
		got = save(t, &s, why);
	}
	table_free(&s.names, NULL);
	arena_free(&s.a);
	return got;
}

/* Two sessions of a user must not undo each other. The lock ends when the
 * descriptor is closed. */
static int
lock(struct tree *t, struct why *why)
{
	struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = file_open(maildir_dir(tree_inbox(t)), LOCK_FILE,
	    O_RDWR | O_CREAT, maildir_file_mode(tree_inbox(t)));

	if (fd == -1 || fcntl(fd, F_OFD_SETLKW, &l) == -1) {
		(void)trouble("lock", LOCK_FILE, why);
		file_close(&fd);
	}
	return fd;
}

int
subs_set(struct tree *t, struct span name, bool on, struct why *why)
{
	int fd = lock(t, why);
	int got = fd == -1 ? -1 : change(t, name, on, why);

	file_close(&fd);
	return got;
}

static int
begin(struct tree *t, const struct span *names, size_t n, struct why *why)
{
	struct subs s = { .conf = tree_conf(t),
		.a = arena_new(),
		.names = table_new(),
		.form = COURIER };
	int got;

	for (size_t i = 0; i < n; i++)
		add_name(&s, names[i]);
	got = save(t, &s, why);
	table_free(&s.names, NULL);
	arena_free(&s.a);
	return got;
}

int
subs_begin(struct tree *t, const struct span *names, size_t n, struct why *why)
{
	int fd = lock(t, why);
	int got = fd == -1 ? -1 : 0;

	if (fd != -1 && !subs_known(t))
		got = begin(t, names, n, why);
	file_close(&fd);
	return got;
}
