/*
 * input.c - standard input, line ends made LF, up to its end or a lone dot
 *
 * What went to pickup is kept in a file without a name, so that the message can
 * go to postdrop after all when the queue cannot take it now: the program that
 * wrote it is often gone by then.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "os/file.h"
#include "service/tool.h"
#include "tools/sendmail/sendmail.h"

enum { CHUNK = 22500, FRONT_MOST = 1000 };

struct input {
	const struct tool *tool;
	bool dots, at_start, ended, had_dot, had_cr;
	struct buf front; /* until it is known to be no "From " line */
	bool behind_front;
	bool keeping;
	int kept;
	char raw[CHUNK];
};

struct input *
input_new(const struct tool *t, bool whole)
{
	struct input *in = mem_new(sizeof(*in));

	in->tool = t;
	in->dots = !whole;
	in->at_start = true;
	in->kept = open(P_tmpdir, O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
	in->keeping = in->kept != -1;
	return in;
}

void
input_free(struct input **in)
{
	file_close(&(*in)->kept);
	buf_free(&(*in)->front);
	mem_free(in);
}

/* One byte of input, to out as it is meant. */
static void
take(struct input *in, char c, struct buf *out)
{
	if (in->had_dot && c == '\n') {
		in->ended = true; /* a dot alone on its line */
		return;
	}
	if (in->had_dot && (c != '\r' || in->had_cr)) {
		buf_add_byte(out, '.');
		in->had_dot = false;
	}
	if (in->had_cr && c != '\n')
		buf_add_byte(out, '\r');
	in->had_cr = c == '\r';
	if (in->at_start && c == '.' && in->dots) {
		in->had_dot = true;
		in->at_start = false;
		return;
	}
	if (c != '\r')
		buf_add_byte(out, c);
	in->at_start = c == '\n';
}

/* Is it, or may it become, the line before a message in an mbox? */
static bool
from_line(struct span s)
{
	static const char word[] = "From ";
	size_t n = 0;

	while (span_at(s, 0) == '>')
		s = span_skip(s, 1);
	while (n < s.n && n < sizeof(word) - 1 && s.p[n] == word[n])
		n++;
	return n == s.n || n == sizeof(word) - 1;
}

/* Programs that read an mbox leave its "From " line in front. */
static void
front_take(struct input *in, struct buf *out)
{
	struct span rest = buf_span(&in->front);

	while (from_line(rest) && rest.n < FRONT_MOST) {
		size_t end = span_find(rest, '\n');

		if (end == rest.n) {
			buf_drop(&in->front, in->front.n - rest.n);
			if (!in->ended)
				return; /* there is more to come */
			break;
		}
		rest = span_skip(rest, end + 1);
	}
	in->behind_front = true;
	buf_add_span(out, rest);
	buf_free(&in->front);
}

bool
input_more(struct input *in, struct buf *out)
{
	struct buf *to = in->behind_front ? out : &in->front;
	ssize_t n;

	if (in->ended)
		return false;
	n = read(STDIN_FILENO, in->raw, sizeof(in->raw));
	if (n == -1 && errno == EINTR)
		return true;
	if (n == -1)
		tool_fatal(in->tool, EX_IOERR, "read: %s", strerror(errno));
	for (ssize_t i = 0; i < n && !in->ended; i++)
		take(in, in->raw[i], to);
	if (n == 0 && !in->at_start && !in->had_dot)
		buf_add_byte(to, '\n'); /* the last line has an end, too */
	in->ended = in->ended || n == 0;
	if (!in->behind_front)
		front_take(in, out);
	return !in->ended;
}

void
input_keep(struct input *in, struct span bytes)
{
	if (in->keeping && file_write(in->kept, bytes) == -1)
		in->keeping = false;
}

bool
input_again(struct input *in, void (*take_kept)(void *arg, struct span bytes),
    void *arg)
{
	ssize_t n;

	if (!in->keeping || lseek(in->kept, 0, SEEK_SET) == -1)
		return false;
	while ((n = read(in->kept, in->raw, sizeof(in->raw))) > 0)
		take_kept(arg, span_of(in->raw, (size_t)n));
	return n == 0;
}
