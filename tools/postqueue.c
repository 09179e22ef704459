/*
 * postqueue.c - the queue for people: listings and flush
 *
 * postqueue -p | -j | -f | -i ID | -s SITE. Everybody may ask. The shapes are
 * Postfix's: scripts read them.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/json.h"
#include "base/log.h"
#include "base/why.h"
#include "calls/queue_call.h"
#include "calls/showq_call.h"
#include "ipc/packet.h"
#include "service/tool.h"
#include "tools/postqueue/listing.h"

static struct tool tool;

/* What has been printed of a listing. */
struct listing {
	bool json;
	unsigned long messages;
	unsigned long long octets;
	bool in_message; /* JSON: the recipients' list is open */
	bool first_rcpt;
	struct buf reason; /* plain: of the recipient before */
};

static void
print_quoted(struct span s)
{
	struct buf out = BUF_EMPTY;

	log_quote(&out, s, 1000);
	(void)fwrite(out.p, 1, out.n, stdout);
	buf_free(&out);
}

static void
print_json(struct span s)
{
	struct buf out = BUF_EMPTY;

	json_string(&out, s);
	(void)fwrite(out.p, 1, out.n, stdout);
	buf_free(&out);
}

static void
message_close(struct listing *l)
{
	if (!l->in_message)
		return;
	l->in_message = false;
	puts(l->json ? "]}" : "");
}

static void
json_message(struct listing *l, const struct showq_line *m)
{
	printf("{\"queue_name\": ");
	print_json(m->queue_name);
	printf(", \"queue_id\": ");
	print_json(m->qid);
	printf(", \"arrival_time\": %lld, \"message_size\": %llu, "
	       "\"forced_expire\": %s, \"next_try\": %lld, "
	       "\"attempts\": %u, ",
	    (long long)m->arrival, (unsigned long long)m->size,
	    m->expire ? "true" : "false", (long long)m->next_try, m->attempts);
	if ((m->flags & QUEUE_SMTPUTF8) != 0)
		printf("\"smtputf8\": true, ");
	if ((m->flags & QUEUE_REQUIRETLS) != 0)
		printf("\"requiretls\": true, ");
	if (m->release > 0)
		printf("\"release_time\": %lld, ", (long long)m->release);
	printf("\"sender\": ");
	print_json(m->sender.n > 0 ? m->sender : SPAN("MAILER-DAEMON"));
	printf(", \"recipients\": [");
	l->first_rcpt = true;
}

/* Where the reason of a delay would stand. */
static void
plain_release(int64_t release)
{
	time_t when = (time_t)release;
	struct tm tm;
	char text[64] = "";

	if (release == 0 || localtime_r(&when, &tm) == NULL)
		return;
	strftime(text, sizeof(text),
	    "(held until its release at %a %b %e %H:%M:%S %Y)", &tm);
	printf("%76s\n", text);
}

static void
plain_message(const struct showq_line *m)
{
	time_t arrival = (time_t)m->arrival;
	struct tm tm;
	char when[32] = "", id[32];
	const char *mark = span_is(m->queue_name, "active") ? "*"
	    : span_is(m->queue_name, "hold")                ? "!"
	    : m->expire                                     ? "#"
							    : "";

	if (localtime_r(&arrival, &tm) != NULL)
		strftime(when, sizeof(when), "%a %b %e %H:%M:%S ", &tm);
	snprintf(id, sizeof(id), "%.*s%s", (int)m->qid.n, m->qid.p, mark);
	printf("%-11s %7llu %20.20s ", id, (unsigned long long)m->size, when);
	print_quoted(m->sender.n > 0 ? m->sender : SPAN("MAILER-DAEMON"));
	putchar('\n');
	if (m->attempts == 0)
		plain_release(m->release);
}

static void
message_open(struct listing *l, const struct showq_line *m)
{
	message_close(l);
	if (!l->json && l->messages == 0)
		puts("-Queue ID-  --Size-- ----Arrival Time---- "
		     "-Sender/Recipient-------");
	l->messages++;
	l->octets += m->size;
	l->in_message = true;
	buf_clear(&l->reason);
	if (l->json)
		json_message(l, m);
	else
		plain_message(m);
}

static void
json_rcpt(struct listing *l, const struct showq_line *r)
{
	printf("%s{\"address\": ", l->first_rcpt ? "" : ", ");
	l->first_rcpt = false;
	print_json(r->address);
	if (r->reason.n > 0) {
		printf(", \"delay_reason\": ");
		print_json(r->reason);
	}
	putchar('}');
}

/* A reason stands once above the recipients that share it. */
static void
plain_rcpt(struct listing *l, const struct showq_line *r)
{
	if (r->reason.n > 0 && !span_eq(r->reason, buf_span(&l->reason))) {
		int pad = r->reason.n < 74 ? 74 - (int)r->reason.n : 0;

		printf("%*s(", pad, "");
		print_quoted(r->reason);
		puts(")");
		buf_clear(&l->reason);
		buf_add_span(&l->reason, r->reason);
	}
	printf("%41s", "");
	print_quoted(r->address);
	putchar('\n');
}

static void
print_line(void *arg, const struct showq_line *line)
{
	struct listing *l = arg;

	if (!line->rcpt)
		message_open(l, line);
	else if (l->json)
		json_rcpt(l, line);
	else
		plain_rcpt(l, line);
}

static int
connect_or_die(const char *name)
{
	int fd = tool_connect(&tool, name);

	if (fd == -1)
		tool_fatal(&tool, EX_UNAVAILABLE,
		    "Cannot flush mail queue - mail system is down (%s)",
		    strerror(errno));
	return fd;
}

static int
list(bool json)
{
	struct listing l = { .json = json };

	listing_walk(&tool, print_line, &l);
	message_close(&l);
	if (!json && l.messages == 0)
		puts("Mail queue is empty");
	else if (!json)
		printf("-- %llu Kbytes in %lu Request%s.\n",
		    (l.octets + 1023) / 1024, l.messages,
		    l.messages == 1 ? "" : "s");
	buf_free(&l.reason);
	return fflush(stdout) == EOF ? EX_IOERR : EX_OK;
}

static int
flush(const char *qid, const char *site)
{
	struct packet_out o = { .fd_count = 0 };
	struct packet_in in = { .bad = false };
	int fd = connect_or_die("flush"), code = EX_OK;
	uint64_t count = 0;
	struct why why;

	why_init(&why);
	showq_flush_put(&o, span_str(qid), span_str(site));
	if (tool_ask(&tool, "flush", &fd, &o, &in) == -1)
		tool_fatal(&tool, EX_TEMPFAIL, "no answer from qmgr: %s",
		    strerror(errno));
	if (!showq_done_get(&in, &count, &why))
		tool_fatal(&tool, EX_PROTOCOL, "malformed answer");
	if (why.outcome != DONE) {
		tool_warn(&tool, "%s", why_text(&why));
		code = span_is(span_str(why.status), "5.7.1") ? EX_NOPERM
							      : EX_UNAVAILABLE;
	}
	why_free(&why);
	packet_in_done(&in);
	packet_done(&o);
	close(fd);
	return code;
}

static void
usage(void)
{
	fprintf(stderr,
	    "postqueue: fatal: usage: postqueue [-c config_dir] -p | -j | -f | "
	    "-i queueid | "
	    "-s site\n");
	exit(EX_UNAVAILABLE);
}

int
main(int argc, char **argv)
{
	const char *dir = NULL, *argument = "";
	int option, mode = 0;

	while ((option = getopt(argc, argv, "c:fi:jps:v")) != -1) {
		if (option == 'c') {
			dir = optarg;
		} else if (option == '?' || (mode != 0 && option != 'v')) {
			usage();
		} else if (option != 'v') {
			mode = option;
			argument = optarg == NULL ? "" : optarg;
		}
	}
	if (mode == 0 || optind != argc)
		usage();
	tool_open(&tool, argv[0], dir);
	if (mode == 'p' || mode == 'j')
		return list(mode == 'j');
	return flush(mode == 'i' ? argument : "", mode == 's' ? argument : "");
}
