/*
 * tlsrpt.c - facteur tlsrpt: the reports of a day
 *
 * The counts are read from the files that sts writes; a report is JSON (RFC
 * 8460, 4.4), printed, or packed and handed to sendmail for each mailto: of the
 * domain's record (5.3). sts itself sends them each day, by HTTPS too.
 */

#include "tools/facteur/tlsrpt.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "os/clock.h"
#include "os/slots.h"
#include "service/tool.h"
#include "wire/tlsrpt.h"
#include "wire/tlsrpt_mail.h"

enum {
	ROWS_MAX = 100000,
	FILE_MAX = 16 << 20, /* as sts has it */
	DAY_SECONDS = 86400
};

struct reports {
	const struct tool *tool;
	struct tlsrpt *counts;
	struct span day;
	const char *submitter, *sender;
	int failed; /* mails that sendmail did not take */
};

static void
counts_load(struct reports *r)
{
	const char *folder = tool_value(r->tool, "data_directory");
	struct slots *s = slots_open_read(folder, "tlsrpt");
	struct buf text = BUF_EMPTY;

	r->counts = tlsrpt_new(ROWS_MAX);
	if (s == NULL)
		tool_fatal(r->tool, EX_NOINPUT, "%s/tlsrpt: %s", folder,
		    strerror(errno));
	if (slots_read(s, FILE_MAX, &text) == 0)
		tlsrpt_load(r->counts, buf_span(&text));
	slots_close(&s);
	buf_free(&text);
}

static void
sendmail_run(const struct reports *r, int in, char *to)
{
	char *path =
	    mem_printf("%s/sendmail", tool_value(r->tool, "command_directory"));
	char f[] = "-f", c[] = "-C", i[] = "-i", end[] = "--";
	char *argv[] = { path, c, mem_str(r->tool->folder), i, f,
		mem_str(r->sender), end, to, NULL };

	if (dup2(in, STDIN_FILENO) == -1)
		_exit(EX_OSERR);
	execv(path, argv);
	_exit(EX_OSFILE);
}

/* True when sendmail has it. */
static bool
mail_send(const struct reports *r, struct span to, struct span text)
{
	char *rcpt = mem_span(to);
	FILE *f = tmpfile();
	int status = -1;
	pid_t pid = -1;

	if (f != NULL && fwrite(text.p, 1, text.n, f) == text.n &&
	    fflush(f) == 0 && lseek(fileno(f), 0, SEEK_SET) == 0)
		pid = fork();
	if (pid == 0)
		sendmail_run(r, fileno(f), rcpt);
	if (pid > 0)
		while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
			;
	if (f != NULL)
		(void)fclose(f);
	free(rcpt);
	return status == 0;
}

static struct tlsrpt_by
by(const struct reports *r, struct span domain)
{
	return (struct tlsrpt_by){ r->counts, r->day, domain,
		span_str(r->submitter), span_str(r->sender) };
}

static void
send_one(struct reports *r, struct span domain, struct span rua)
{
	struct tlsrpt_by from = by(r, domain);
	struct tlsrpt_uri uri;
	unsigned count = 0;

	while (tlsrpt_uri_next(&rua, &uri)) {
		struct buf text = BUF_EMPTY;

		if (uri.https)
			continue;
		tlsrpt_message(&from, uri.address, &text);
		count++;
		if (!mail_send(r, uri.address, buf_span(&text))) {
			tool_warn(r->tool, "%.*s: sendmail did not take it",
			    (int)domain.n, domain.p);
			r->failed++;
		}
		buf_free(&text);
	}
	if (count == 0)
		tool_warn(r->tool, "%.*s: wants no report by mail",
		    (int)domain.n, domain.p);
}

static void
print_one(const struct reports *r, struct span domain)
{
	struct tlsrpt_by from = by(r, domain);
	struct buf json = BUF_EMPTY;

	tlsrpt_report(&from, &json);
	fwrite(json.p, 1, json.n, stdout);
	buf_free(&json);
}

static void
yesterday(char *out, size_t size)
{
	time_t t = (time_t)(clock_wall() - DAY_SECONDS);
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL || strftime(out, size, "%F", &tm) == 0)
		out[0] = '\0';
}

int
tlsrpt_main(const struct tool *t, int count, char **words)
{
	bool send = count > 0 && strcmp(words[0], "--send") == 0;
	char day[32];
	struct reports r = { .tool = t };
	struct span domain, rua;
	size_t at = 0;

	count -= send;
	words += send;
	yesterday(day, sizeof(day));
	r.day = span_str(count > 0 ? words[0] : day);
	if (count > 2 || !tlsrpt_is_day(r.day))
		return EX_USAGE;
	r.submitter = tool_value(t, "mydomain");
	r.sender = tool_value(t, "tlsrpt_sender");
	counts_load(&r);
	while (tlsrpt_next(r.counts, r.day, &at, &domain, &rua)) {
		if (count == 2 && !span_iis(domain, words[1]))
			continue;
		if (send)
			send_one(&r, domain, rua);
		else
			print_one(&r, domain);
	}
	tlsrpt_free(&r.counts);
	return r.failed == 0 ? EX_OK : EX_TEMPFAIL;
}
