/* tool.c - what the commands of administrators and users have in common */

#include "service/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/why.h"
#include "config/param.h"
#include "config/places.h"
#include "ipc/ask.h"
#include "os/file.h"

enum { LIMIT_MS = 60000, ASK_TIMES = 100 };

__attribute__((format(printf, 3, 0))) static void
tell(const struct tool *t, const char *mark, const char *format, va_list args)
{
	struct buf line = BUF_EMPTY;

	buf_vprintf(&line, format, args);
	fprintf(stderr, "%s: %s%s\n", t->name, mark, buf_str(&line));
	if (t->logs)
		log_info("%s%s", mark, buf_str(&line));
	buf_free(&line);
}

void
tool_fatal(const struct tool *t, int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tell(t, "fatal: ", format, args);
	va_end(args);
	exit(code);
}

void
tool_warn(const struct tool *t, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tell(t, "warning: ", format, args);
	va_end(args);
}

void
tool_say(const struct tool *t, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tell(t, "", format, args);
	va_end(args);
}

/* Where master logs to; what it refuses is no reason to end here. */
void
tool_log(struct tool *t)
{
	const char *file = tool_value(t, "maillog_file");
	const char *name = tool_value(t, "syslog_name");
	char *ident = mem_printf("%s/%s", name, t->name);
	int fd;

	(void)log_facility_set(span_str(tool_value(t, "syslog_facility")));
	fd = *file == '\0' ? log_syslog_open()
			   : file_open(AT_FDCWD, file, O_WRONLY | O_APPEND, 0);
	t->logs = fd != -1;
	if (t->logs)
		log_to(fd, *file != '\0', ident);
	else
		log_to(open("/dev/null", O_WRONLY | O_CLOEXEC), true, ident);
	free(ident);
}

void
tool_open(struct tool *t, const char *argv0, const char *given)
{
	struct why why;

	t->name = mem_span(span_skip(span_str(argv0),
	    span_rfind(span_str(argv0), '/') == strlen(argv0)
		? 0
		: span_rfind(span_str(argv0), '/') + 1));
	log_to(-1, false, t->name);
	t->values = arena_new();
	why_init(&why);
	t->folder = places_folder(given, &why);
	if (t->folder == NULL)
		tool_fatal(t, EX_CONFIG, "%s", why_text(&why));
	t->cf = main_cf_load(t->folder, false, &why);
	if (t->cf == NULL)
		tool_fatal(t, EX_CONFIG, "%s", why_text(&why));
	why_free(&why);
}

const char *
tool_value(const struct tool *t, const char *parameter)
{
	struct buf value = BUF_EMPTY;
	const char *kept;
	struct why why;

	why_init(&why);
	if (!main_cf_value(t->cf, parameter, &value, &why))
		tool_fatal(t, EX_CONFIG, "%s", why_text(&why));
	why_free(&why);
	kept = arena_span_str(t->values, buf_span(&value));
	buf_free(&value);
	return kept;
}

int
tool_connect(const struct tool *t, const char *name)
{
	char *path =
	    mem_printf("%s/public/%s", tool_value(t, "queue_directory"), name);
	int fd = ask_connect(path, LIMIT_MS);
	int error = errno;

	free(path);
	errno = error;
	return fd;
}

void
tool_patience(int fd, int64_t seconds)
{
	const struct timeval limit = { .tv_sec = (time_t)seconds };

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
}

int
tool_ask(const struct tool *t, const char *name, int *fd, struct packet_out *o,
    struct packet_in *in)
{
	const struct timespec nap = { 0, 100000000 };
	int got = ask(*fd, o, in);

	/* gone before the answer, or before what is asked */
	for (int i = 0; i < ASK_TIMES && got == -1 &&
	     (errno == EPIPE || errno == ECONNRESET);
	     i++) {
		(void)nanosleep(&nap, NULL);
		close(*fd);
		*fd = tool_connect(t, name);
		if (*fd != -1)
			got = ask(*fd, o, in);
	}
	return got;
}

void
tool_exec(const struct tool *t, const char *program, char **argv)
{
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	struct span path;
	char *sibling;

	if (n == -1)
		tool_fatal(t, EX_OSERR, "/proc/self/exe: %s", strerror(errno));
	path = span_of(self, (size_t)n);
	path = span_head(path, span_rfind(path, '/') + 1);
	sibling = mem_printf("%.*s%s", (int)path.n, path.p, program);
	execv(sibling, argv);
	if (errno == ENOENT) {
		free(sibling);
		sibling = mem_printf(
		    "%s/%s", tool_value(t, "daemon_directory"), program);
		execv(sibling, argv);
	}
	tool_fatal(t, EX_OSERR, "%s: %s", sibling, strerror(errno));
}
