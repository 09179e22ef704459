/*
 * log.c - one event, one line
 *
 * The only file-scope state of lib/base: a process has one log. Each line is
 * one write or one datagram, so that lines of several processes never mix.
 */

#include "base/log.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/must.h"
#include "base/utf8.h"

enum { LINE_MAX_BYTES = 8192, FACILITY_MAIL = 2 };
enum { SEV_CRIT = 2, SEV_ERROR = 3, SEV_WARNING = 4, SEV_INFO = 6, SEV_DEBUG };

static struct {
	int fd;
	bool is_file, forks_watched;
	pid_t pid; /* 0: not asked for yet */
	int verbose, facility;
	char ident[64];
	char host[256];
} out = { .fd = -1, .facility = FACILITY_MAIL, .ident = "facteur" };

static void
forked(void)
{
	out.pid = 0;
}

/* A line would else cost a second system call. */
static int
own_pid(void)
{
	if (!out.forks_watched)
		return (int)getpid();
	if (out.pid == 0)
		out.pid = getpid();
	return (int)out.pid;
}

void
log_to(int fd, bool is_file, const char *ident)
{
	out.forks_watched =
	    out.forks_watched || pthread_atfork(NULL, NULL, forked) == 0;
	out.fd = fd;
	out.is_file = is_file;
	log_ident_set(ident);
	if (gethostname(out.host, sizeof(out.host) - 1) == -1)
		snprintf(out.host, sizeof(out.host), "localhost");
	out.host[sizeof(out.host) - 1] = '\0';
	tzset(); /* before any jail: /etc/localtime is read once */
}

int
log_syslog_open(void)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX,
		.sun_path = "/dev/log" };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd == -1)
		return -1;
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == -1) {
		close(fd);
		return -1;
	}
	return fd;
}

bool
log_facility_set(struct span name)
{
	static const struct {
		const char *name;
		int facility;
	} rows[] = { { "kern", 0 }, { "user", 1 }, { "mail", 2 },
		{ "daemon", 3 }, { "auth", 4 }, { "security", 4 },
		{ "syslog", 5 }, { "lpr", 6 }, { "news", 7 }, { "uucp", 8 },
		{ "cron", 9 }, { "authpriv", 10 }, { "ftp", 11 },
		{ "local0", 16 }, { "local1", 17 }, { "local2", 18 },
		{ "local3", 19 }, { "local4", 20 }, { "local5", 21 },
		{ "local6", 22 }, { "local7", 23 } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (span_iis(name, rows[i].name)) {
			out.facility = rows[i].facility;
			return true;
		}
	return false;
}

void
log_ident_set(const char *ident)
{
	snprintf(out.ident, sizeof(out.ident), "%s", ident);
}

const char *
log_ident(void)
{
	return out.ident;
}

void
log_verbose_set(int level)
{
	out.verbose = level;
}

int
log_verbose(void)
{
	return out.verbose;
}

/* "Nov 24 06:50:03". Not by strftime(), which looks at /etc/localtime each
 * time. */
static void
stamp_put(char *stamp, size_t size)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	time_t now = time(NULL);
	struct tm tm;

	localtime_r(&now, &tm);
	snprintf(stamp, size, "%.3s %2d %02d:%02d:%02d", months + 3 * tm.tm_mon,
	    tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static int
line_begin(char *line, size_t size, int severity)
{
	char stamp[64];

	if (out.fd == -1)
		return snprintf(line, size, "%s: ", out.ident);
	stamp_put(stamp, sizeof(stamp));
	if (out.is_file)
		return snprintf(line, size, "%s %s %s[%d]: ", stamp, out.host,
		    out.ident, own_pid());
	return snprintf(line, size,
	    "<%d>%s %s[%d]: ", out.facility << 3 | severity, stamp, out.ident,
	    own_pid());
}

/* Nothing can be done when the log itself fails. */
static void
line_write(char *line, size_t n)
{
	ssize_t done;

	if (out.fd == -1 || out.is_file) {
		line[n++] = '\n';
		done = write(out.fd == -1 ? STDERR_FILENO : out.fd, line, n);
	} else {
		done = send(out.fd, line, n, MSG_NOSIGNAL);
	}
	(void)done;
}

__attribute__((format(printf, 3, 0))) static void
line_put(int severity, const char *mark, const char *format, va_list args)
{
	char line[LINE_MAX_BYTES + 2];
	int n = line_begin(line, LINE_MAX_BYTES, severity);
	size_t begun, all;
	int more;

	must(n > 0);
	begun = all = (size_t)n;
	n = snprintf(line + all, LINE_MAX_BYTES - all, "%s", mark);
	must(n >= 0);
	all += (size_t)n;
	more = vsnprintf(line + all, LINE_MAX_BYTES - all, format, args);
	must(more >= 0);
	all += (size_t)more;
	if (all > LINE_MAX_BYTES - 1)
		all = LINE_MAX_BYTES - 1;
	for (size_t i = begun; i < all; i++)
		if (ascii_control((unsigned char)line[i]))
			line[i] = '?';
	line_write(line, all);
}

#define PUT(severity, mark) \
	do { \
		va_list args; \
		va_start(args, format); \
		line_put(severity, mark, format, args); \
		va_end(args); \
	} while (0)

void
log_info(const char *format, ...)
{
	PUT(SEV_INFO, "");
}

void
log_info_as(const char *agent, const char *format, ...)
{
	char before[sizeof(out.ident)];
	size_t first = strcspn(out.ident, "/");

	memcpy(before, out.ident, sizeof(before));
	if (before[first] == '/')
		snprintf(out.ident + first + 1, sizeof(out.ident) - first - 1,
		    "%s", agent);
	PUT(SEV_INFO, "");
	memcpy(out.ident, before, sizeof(before));
}

void
log_warning(const char *format, ...)
{
	PUT(SEV_WARNING, "warning: ");
}

void
log_error(const char *format, ...)
{
	PUT(SEV_ERROR, "error: ");
}

void
log_debug(const char *format, ...)
{
	if (out.verbose > 0)
		PUT(SEV_DEBUG, "");
}

void
log_fatal(const char *format, ...)
{
	PUT(SEV_CRIT, "fatal: ");
	exit(1);
}

void
log_fatal_exit(int code, const char *format, ...)
{
	PUT(SEV_CRIT, "fatal: ");
	exit(code);
}

void
must_failed(const char *file, int line, const char *what)
{
	log_error("panic: %s:%d: must hold: %s", file, line, what);
	abort();
}

/* What turns a line around, or ends it for some readers. */
static bool
line_control(uint32_t c)
{
	return c == 0x2028 || c == 0x2029 || c == 0x061c || c == 0x200e ||
	    c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
	    (c >= 0x2066 && c <= 0x2069);
}

void
log_quote(struct buf *to, struct span bytes, size_t max)
{
	struct span rest = span_head(bytes, max);

	while (rest.n > 0) {
		uint32_t c;
		size_t n = utf8_next(rest, &c);

		if (n == 0 || c < 32 || (c >= 127 && c < 160) ||
		    line_control(c)) {
			buf_add_byte(to, '?');
			rest = span_skip(rest, n == 0 ? 1 : n);
			continue;
		}
		buf_add(to, rest.p, n);
		rest = span_skip(rest, n);
	}
	if (bytes.n > max)
		buf_add_str(to, "...");
}
