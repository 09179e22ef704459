/*
 * postsuper.c - the administrator's hand on the queue
 *
 * postsuper [-d ID] [-h ID] [-H ID] [-r ID] [-e ID] [-p] [-s] [queue...]: ID
 * is a queue id, ALL, or - for ids on standard input. qmgr does the work, so
 * that nothing changes behind its back; while the system is stopped
 * tools/postsuper/stopped.c does it. -s and -p, Postfix's repair of the spool,
 * happen by themselves at each start of qmgr.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/why.h"
#include "calls/showq_call.h"
#include "ipc/packet.h"
#include "queue/qread.h"
#include "service/tool.h"
#include "tools/postsuper/stopped.h"

static struct tool tool;
static struct stopped *stopped; /* or NULL: qmgr works */

static const struct operation {
	int option;
	enum showq_op op;
	const char *done; /* "Deleted: 3 messages" */
} operations[] = {
	{ 'd', SHOWQ_DELETE, "Deleted" },
	{ 'h', SHOWQ_HOLD, "Placed on hold" },
	{ 'H', SHOWQ_RELEASE, "Released from hold" },
	{ 'r', SHOWQ_REQUEUE, "Requeued" },
	{ 'e', SHOWQ_EXPIRE, "Expired" },
	{ 'f', SHOWQ_EXPIRE_RELEASE, "Expired" },
};

static const struct operation *
operation_find(int option)
{
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
		if (operations[i].option == option)
			return &operations[i];
	return NULL;
}

static uint64_t
ask_one(int *fd, enum showq_op op, const char *qid, const char *queue)
{
	struct packet_out o = { .fd_count = 0 };
	struct packet_in in = { .bad = false };
	uint64_t count = 0;
	struct why why;

	if (stopped != NULL)
		return stopped_do(stopped, op, qid, queue);
	why_init(&why);
	showq_do_put(&o, op, span_str(qid), span_str(queue));
	if (tool_ask(&tool, "showq", fd, &o, &in) == -1)
		tool_fatal(&tool, EX_TEMPFAIL, "no answer from qmgr: %s",
		    strerror(errno));
	if (!showq_done_get(&in, &count, &why))
		tool_fatal(&tool, EX_PROTOCOL, "malformed answer");
	if (why.outcome != DONE)
		tool_fatal(&tool, EX_NOPERM, "%s", why_text(&why));
	why_free(&why);
	packet_in_done(&in);
	packet_done(&o);
	return count;
}

static bool
id_ok(const char *id)
{
	return qread_id_ok(span_str(id));
}

/* One id on each line; "*" and "!" behind it, as mailq shows it, are dropped.
 */
static uint64_t
from_input(int *fd, enum showq_op op)
{
	char *line = NULL;
	size_t room = 0;
	uint64_t count = 0;

	while (getline(&line, &room, stdin) != -1) {
		line[strcspn(line, "*!# \t\r\n")] = '\0';
		if (id_ok(line))
			count += ask_one(fd, op, line, "");
		else if (line[0] != '\0')
			tool_warn(&tool, "bad mail queue id, skipped");
	}
	free(line);
	return count;
}

struct job {
	const struct operation *operation;
	const char *id;
};

static void
job_run(int *fd, const struct job *j, char **queues)
{
	uint64_t count = 0;

	if (strcmp(j->id, "-") == 0) {
		count = from_input(fd, j->operation->op);
	} else if (strcmp(j->id, "ALL") == 0) {
		if (*queues == NULL)
			count = ask_one(fd, j->operation->op, "", "");
		for (; *queues != NULL; queues++)
			count += ask_one(fd, j->operation->op, "", *queues);
	} else if (!id_ok(j->id)) {
		tool_fatal(&tool, EXIT_FAILURE, "bad mail queue id");
	} else {
		count = ask_one(fd, j->operation->op, j->id, "");
		if (count == 0)
			tool_warn(&tool, "%s: no such message", j->id);
	}
	if (count > 0)
		fprintf(stderr, "postsuper: %s: %llu message%s\n",
		    j->operation->done, (unsigned long long)count,
		    count == 1 ? "" : "s");
}

static void
usage(void)
{
	fprintf(stderr,
	    "postsuper: fatal: usage: postsuper [-c config_dir] [-d id] [-e "
	    "id] [-f id] [-h id] "
	    "[-H id] "
	    "[-r id] [-ps] [queue_name...]\n");
	exit(EXIT_FAILURE);
}

int
main(int argc, char **argv)
{
	struct job jobs[64];
	size_t count = 0;
	const char *dir = NULL;
	int option, fd;

	while ((option = getopt(argc, argv, "c:d:e:f:h:H:r:psSv")) != -1) {
		const struct operation *o = operation_find(option);

		if (option == 'c')
			dir = optarg;
		else if (option == '?' || count == 64)
			usage();
		else if (o != NULL)
			jobs[count++] = (struct job){ o, optarg };
	}
	tool_open(&tool, argv[0], dir);
	if (getuid() != 0)
		tool_fatal(&tool, EXIT_FAILURE,
		    "use of this command is reserved for the superuser");
	if (count == 0)
		return EX_OK; /* -p, -s: qmgr repairs at its start */
	fd = tool_connect(&tool, "showq");
	if (fd == -1)
		stopped = stopped_open(&tool);
	for (size_t i = 0; i < count; i++)
		job_run(&fd, &jobs[i], argv + optind);
	if (stopped == NULL)
		close(fd);
	else if (stopped_close(&stopped) == -1)
		tool_fatal(
		    &tool, EX_IOERR, "flush the queue: %s", strerror(errno));
	return EX_OK;
}
