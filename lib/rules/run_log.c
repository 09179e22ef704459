/*
 * run_log.c - what a run says: messages, VERBOSE, the abstract of a delivery
 *
 * The shapes are procmail's, since people and mailstat read them. Bytes of the
 * message never bring a control character into the log.
 */

#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "os/clock.h"
#include "os/file.h"
#include "rules/abstract.h"
#include "rules/letter.h"
#include "rules/run.h"
#include "rules/vars.h"

bool
run_is_verbose(const struct agent *a)
{
	return a->numbers[NUMBER_VERBOSE] != 0;
}

int
run_log_fd(struct agent *a)
{
	if (a->log_fd == -1 && a->ops.open_log != NULL)
		a->log_fd = a->ops.open_log(a->s.ctx);
	return a->log_fd;
}

void
run_log(struct agent *a, struct span bytes)
{
	if (bytes.n > 0 && file_write(run_log_fd(a), bytes) == -1)
		return; /* a log that cannot be written is no reason to fail */
}

/* Once a second, who speaks and when. */
static void
stamp(struct agent *a, struct buf *out)
{
	int64_t now = clock_wall();
	time_t t = (time_t)now;
	struct tm tm;
	char date[64];

	if (!run_is_verbose(a) || now == a->stamped)
		return;
	a->stamped = now;
	if (localtime_r(&t, &tm) == NULL ||
	    strftime(date, sizeof(date), "%a %b %e %H:%M:%S %Y", &tm) == 0)
		return;
	buf_printf(out, "%s: [%d] %s\n", a->s.name, (int)getpid(), date);
}

static void
say(struct agent *a, struct span text)
{
	struct buf line = BUF_EMPTY;

	stamp(a, &line);
	buf_printf(&line, "%s: ", a->s.name);
	for (size_t i = 0; i < text.n; i++) {
		int c = (unsigned char)text.p[i];
		bool plain =
		    !ascii_control(c) || c == '\t' || c == '\r' || c == '\n';

		buf_add_byte(&line, plain ? (char)c : '?');
	}
	buf_add_byte(&line, '\n');
	run_log(a, buf_span(&line));
	buf_free(&line);
}

void
agent_say(struct agent *a, const char *format, ...)
{
	struct buf text = BUF_EMPTY;
	va_list args;

	va_start(args, format);
	buf_vprintf(&text, format, args);
	va_end(args);
	say(a, buf_span(&text));
	buf_free(&text);
}

void
run_say_name(struct agent *a, const char *what, struct span name)
{
	struct buf text = BUF_EMPTY;

	buf_add_str(&text, what);
	if (name.p != NULL) {
		buf_add_str(&text, " \"");
		buf_add_span(&text, name);
		buf_add_byte(&text, '"');
	}
	say(a, buf_span(&text));
	buf_free(&text);
}

void
run_verbose(struct agent *a, const char *format, ...)
{
	struct buf text = BUF_EMPTY;
	va_list args;

	if (!run_is_verbose(a))
		return;
	va_start(args, format);
	buf_vprintf(&text, format, args);
	va_end(args);
	say(a, buf_span(&text));
	buf_free(&text);
}

void
run_verbose_name(struct agent *a, const char *what, struct span name)
{
	if (run_is_verbose(a))
		run_say_name(a, what, name);
}

void
run_log_open(struct agent *a, const char *path)
{
	int fd;

	if (a->s.dry)
		return;
	if (*path == '\0')
		path = "/dev/null";
	run_verbose_name(a, "Opening", span_str(path));
	fd = open(path,
	    O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
	    0666);
	if (fd == -1) {
		run_say_name(a, "Error while writing to", span_str(path));
		return;
	}
	if (a->has_logfile)
		file_close(&a->log_fd);
	a->log_fd = fd;
	a->has_logfile = true;
}

/* ---- the abstract */

/* Of a folded one the first line, unless it was joined to be searched: as
 * procmail has it. */
static struct span
find_subject(struct letter *l)
{
	struct span head = letter_head_seen(l), line;

	while (head.n > 0) {
		line = span_head(head, span_find(head, '\n'));
		if (span_istarts(line, "Subject:"))
			return line;
		head = span_skip(head, line.n + 1);
	}
	return span_of(NULL, 0);
}

void
run_abstract(struct agent *a, const char *folder)
{
	struct buf out = BUF_EMPTY;

	abstract_add(&out, letter_from(a->letter), find_subject(a->letter),
	    folder == NULL ? buf_span(&a->folder) : span_str(folder), a->bytes);
	run_log(a, buf_span(&out));
	buf_free(&out);
}
