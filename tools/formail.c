/*
 * formail.c - look at, change, answer and split messages
 *
 * The options, output and exit codes of procmail's formail. Reads all of its
 * input, then serves one message after the other.
 */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "os/file.h"
#include "tools/formail/formail.h"

enum { INPUT_MAX = 1 << 30, KEY_MAX = 4096 };

static void
say_key(const struct formail *f, struct span key)
{
	struct buf plain = BUF_EMPTY;

	log_quote(&plain, key, KEY_MAX);
	if (f->loud)
		(void)fprintf(stderr, "formail: Duplicate key found:%s\n",
		    buf_str(&plain));
	buf_free(&plain);
}

/* ---- one message */

/* What -D knows a message by; n is 0 when there is nothing, or more than a
 * cache should hold: such a message is never taken for another. */
static struct span
key_of(const struct formail *f, const struct mail *m)
{
	const struct field *id = mail_find(m, "Message-ID:");
	struct span key = span_of(NULL, 0);

	if (f->reply)
		key = reply_sender(f, m);
	else if (id != NULL)
		key = field_value(id);
	key = span_head(key, span_find(key, '\0'));
	return key.n > KEY_MAX ? span_of(NULL, 0) : key;
}

static bool
is_seen(const struct formail *f, const struct mail *m)
{
	struct span key = key_of(f, m);
	int got;

	if (key.n == 0)
		return false;
	got = seen_before(f, key);
	if (got == -1)
		(void)fprintf(stderr, "formail: Couldn't read \"%s\": %s\n",
		    f->cache, strerror(errno));
	else if (got == 1)
		say_key(f, key);
	return got == 1;
}

/* Fields as they are to be looked at before they are changed. */
static void
prepare(const struct formail *f, struct mail *m)
{
	if (f->loud && f->lengths && m->length > m->body.n)
		(void)fprintf(stderr,
		    "formail: Content-Length: field exceeds actual length "
		    "by %llu bytes\n",
		    (unsigned long long)(m->length - m->body.n));
	edit_prepare(f, m);
	if (!f->reply && !f->any_format && mail_find(m, "From ") == NULL &&
	    edit_wants_envelope(f))
		reply_from_line(f, m);
}

/* 0, or an exit code. */
static int
render(const struct formail *f, struct mail *m)
{
	int code = 0;

	prepare(f, m);
	if (f->reply && !reply_make(f, m))
		code = FORMAIL_NO_SENDER;
	edit_run(f, m);
	write_mail(f, m);
	if (f->folder != NULL)
		write_abstract(f, m);
	return code;
}

static int
serve(const struct formail *f, struct feed *feed, struct span message)
{
	struct mail m = { .memory = arena_new() };
	bool seen;
	int code = 0;

	mail_parse(&m, message);
	seen = f->cache != NULL && is_seen(f, &m);
	if (f->cache != NULL && !f->split) {
		code = seen ? 0 : FORMAIL_NEW;
	} else if (!seen) {
		code = render(f, &m);
		if (!feed_give(f, feed, buf_span(&m.out)))
			code = FORMAIL_BROKEN;
	}
	buf_free(&m.out);
	arena_free(&m.memory);
	return code;
}

/* ---- all of them */

static int
split(const struct formail *f, struct span rest)
{
	struct span message;
	struct feed feed = { .width = 3 };
	size_t at = 0, given = 0;
	int code = 0, got = 0;

	if (f->total == 0)
		return FORMAIL_BROKEN;
	while (got != FORMAIL_BROKEN && given < f->total &&
	    bounds_next(f, &rest, &message)) {
		if (at++ < f->skip)
			continue;
		given++;
		feed_count(&feed);
		got = serve(f, &feed, message);
		code = code == 0 ? got : code;
	}
	got = feed_end(&feed);
	return code != 0 ? code : got;
}

static int
run(const struct formail *f)
{
	struct buf input = BUF_EMPTY;
	int code;

	(void)signal(SIGPIPE, SIG_IGN);
	if (file_read_all(STDIN_FILENO, INPUT_MAX, &input) == -1) {
		(void)fprintf(
		    stderr, "formail: Couldn't read: %s\n", strerror(errno));
		code = FORMAIL_BROKEN;
	} else if (f->split) {
		code = split(f, buf_span(&input));
	} else {
		code = serve(f, NULL, buf_span(&input));
	}
	buf_free(&input);
	return code;
}

int
main(int argc, char **argv)
{
	struct arena *a = arena_new();
	struct formail f;
	const char *bad = NULL;
	int code = FORMAIL_USAGE;

	(void)argc;
	if (!options_read(a, argv, &f, &bad)) {
		if (bad != NULL)
			(void)fprintf(stderr,
			    "formail: Invalid field-name: \"%s\"\n", bad);
		(void)fputs(formail_usage, stderr);
	} else if (f.version) {
		(void)fputs("formail v3.22 (of Facteur)\n", stderr);
	} else {
		code = run(&f);
	}
	arena_free(&a);
	return code;
}
