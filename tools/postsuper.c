/*
 * postsuper.c - the administrator's hand on the queue
 *
 * postsuper [-d ID] [-h ID] [-H ID] [-r ID] [-e ID] [-f ID] [-p] [-s]
 * [queue...]: ID is a queue id, ALL, or - for ids on standard input. qmgr does
 * the work, so that nothing changes behind its back; while the system is
 * stopped tools/postsuper/stopped.c does it. Words, totals and exit codes are
 * Postfix's: scripts read them.
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

enum { JOBS_MAX = 1024, PATIENCE = 3600 };

static struct tool tool;
static struct stopped *stopped; /* or NULL: qmgr works */
static int showq = -1;
static bool purge, structure;
/* Names of folders, or NULL: those that an operation is for. */
static char **queues;

/* In the order in which they are done. Those that mean the same to whoever
 * counts have the same total. */
static struct operation {
	int option;
	enum showq_op op;
	bool all; /* its id was ALL: others are passed over */
} operations[] = {
	{ 'd', SHOWQ_DELETE, false },
	{ 'r', SHOWQ_REQUEUE, false },
	{ 'h', SHOWQ_HOLD, false },
	{ 'H', SHOWQ_RELEASE, false },
	{ 'e', SHOWQ_EXPIRE, false },
	{ 'f', SHOWQ_EXPIRE_RELEASE, false },
};

enum { OPERATIONS = sizeof(operations) / sizeof(operations[0]) };

static struct total {
	enum showq_op op, also;
	const char *done; /* "Deleted: 3 messages" */
	unsigned long long count;
} totals[] = {
	{ SHOWQ_REQUEUE, SHOWQ_REQUEUE, "Requeued", 0 },
	{ SHOWQ_DELETE, SHOWQ_DELETE, "Deleted", 0 },
	{ SHOWQ_HOLD, SHOWQ_HOLD, "Placed on hold", 0 },
	{ SHOWQ_RELEASE, SHOWQ_RELEASE, "Released from hold", 0 },
	{ SHOWQ_EXPIRE, SHOWQ_EXPIRE_RELEASE, "Expired", 0 },
};

static struct job {
	struct operation *operation;
	const char *id;
} jobs[JOBS_MAX];
static size_t job_count;

static struct operation *
operation_find(int option)
{
	for (size_t i = 0; i < OPERATIONS; i++)
		if (operations[i].option == option)
			return &operations[i];
	return NULL;
}

static uint64_t
ask_qmgr(enum showq_op op, const char *qid, const char *queue)
{
	struct packet_out o = { .fd_count = 0 };
	struct packet_in in = { .bad = false };
	uint64_t count = 0;
	struct why why;

	why_init(&why);
	showq_do_put(&o, op, span_str(qid), span_str(queue));
	if (tool_ask(&tool, "showq", &showq, &o, &in) == -1)
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

/* maildrop/ and corrupt/ are not qmgr's, also when it runs. */
static uint64_t
ask_one(enum showq_op op, const char *qid, const char *queue)
{
	if (*qid != '\0' && strcmp(queue, "maildrop") != 0 &&
	    !qread_id_ok(span_str(qid)))
		return 0; /* such ids are of maildrop/ alone */
	if (stopped != NULL)
		return stopped_do(stopped, op, qid, queue);
	if (strcmp(queue, "maildrop") != 0 &&
	    (strcmp(queue, "corrupt") != 0 || op == SHOWQ_REQUEUE))
		return ask_qmgr(op, qid, queue);
	return op == SHOWQ_DELETE ? stopped_remove(&tool, qid, queue) : 0;
}

static uint64_t
ask_queues(enum showq_op op, const char *qid)
{
	uint64_t count = 0;

	if (*queues == NULL)
		return ask_one(op, qid, "");
	for (char **at = queues; *at != NULL; at++) {
		count += ask_one(op, qid, *at);
		if (*qid != '\0' && count > 0)
			break;
	}
	return count;
}

/* Ids of maildrop/ have more digits than others. */
static bool
id_ok(const char *id)
{
	size_t n = strlen(id);

	return qread_id_ok(span_str(id)) ||
	    (n > 20 && n <= 32 && strspn(id, "0123456789ABCDEF") == n);
}

static uint64_t
one_id(enum showq_op op, const char *id)
{
	uint64_t count;

	if (!id_ok(id)) {
		struct buf quoted = BUF_EMPTY;

		log_quote(&quoted, span_str(id), 100);
		tool_warn(&tool, "invalid mail queue id: %s", buf_str(&quoted));
		buf_free(&quoted);
		return 0;
	}
	count = ask_queues(op, id);
	if (count == 0)
		tool_warn(&tool, "%s: no such message", id);
	return count;
}

/* One id on each line; what mailq shows behind it is dropped. */
static uint64_t
from_input(enum showq_op op)
{
	char *line = NULL;
	size_t room = 0;
	uint64_t count = 0;

	while (getline(&line, &room, stdin) != -1) {
		char *id = line + strspn(line, " \t\r\n");

		id[strcspn(id, "*!# \t\r\n")] = '\0';
		if (id[0] != '\0')
			count += one_id(op, id);
	}
	if (ferror(stdin))
		tool_fatal(&tool, EX_IOERR, "read standard input: %s",
		    strerror(errno));
	free(line);
	return count;
}

static void
add(enum showq_op op, uint64_t count)
{
	for (size_t i = 0; i < sizeof(totals) / sizeof(totals[0]); i++)
		if (totals[i].op == op || totals[i].also == op)
			totals[i].count += count;
}

static void
jobs_run(void)
{
	for (size_t i = 0; i < OPERATIONS; i++)
		if (operations[i].all)
			add(operations[i].op, ask_queues(operations[i].op, ""));
	for (size_t i = 0; i < OPERATIONS; i++)
		for (size_t k = 0; k < job_count; k++) {
			const struct job *j = &jobs[k];

			if (j->operation != &operations[i] || operations[i].all)
				continue;
			add(operations[i].op,
			    strcmp(j->id, "-") == 0
				? from_input(operations[i].op)
				: one_id(operations[i].op, j->id));
		}
}

static void
totals_tell(void)
{
	for (size_t i = 0; i < sizeof(totals) / sizeof(totals[0]); i++)
		if (totals[i].count > 0)
			tool_say(&tool, "%s: %llu message%s", totals[i].done,
			    totals[i].count, totals[i].count == 1 ? "" : "s");
}

static void
usage(void)
{
	fprintf(stderr,
	    "postsuper: fatal: usage: postsuper [-c config_dir] "
	    "[-d queue_id (delete)] [-e queue_id (expire)] "
	    "[-f queue_id (expire and un-hold)] [-h queue_id (hold)] "
	    "[-H queue_id (un-hold)] [-p (purge temporary files)] "
	    "[-r queue_id (requeue)] [-s (structure fix)] "
	    "[-S (redundant structure fix)] [-v (verbose)] [queue...]\n");
	exit(EXIT_FAILURE);
}

static void
job_add(struct operation *o, const char *id)
{
	if (job_count == JOBS_MAX)
		tool_fatal(&tool, EXIT_FAILURE,
		    "more than %d ids: give them on standard input", JOBS_MAX);
	jobs[job_count++] = (struct job){ o, id };
	o->all = o->all || strcmp(id, "ALL") == 0;
}

static const char *
options_read(int argc, char **argv)
{
	const char *dir = NULL;
	int option;

	while ((option = getopt(argc, argv, "c:d:e:f:h:H:r:psSv")) != -1) {
		struct operation *o = operation_find(option);

		if (option == 'c')
			dir = optarg;
		else if (option == '?')
			usage();
		else if (option == 'p')
			purge = true;
		else if (option == 's' || option == 'S')
			structure = true;
		else if (o != NULL)
			job_add(o, optarg);
	}
	queues = argv + optind;
	if (job_count == 0 && !purge && !structure)
		purge = structure = true;
	return dir;
}

/* Those of Postfix that hold no messages have no part in ours. */
static void
queues_check(void)
{
	static const char *const names[] = { "maildrop", "incoming", "active",
		"deferred", "hold", "corrupt", "bounce", "defer", "trace",
		"flush" };
	size_t i;

	for (char **at = queues; *at != NULL; at++) {
		for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			if (strcmp(*at, names[i]) == 0)
				break;
		if (i == sizeof(names) / sizeof(names[0]))
			tool_fatal(&tool, EXIT_FAILURE,
			    "invalid directory name: %s", *at);
	}
}

static void
all_warn(void)
{
	for (size_t i = 0; i < OPERATIONS; i++) {
		size_t others = 0;

		for (size_t k = 0; k < job_count; k++)
			others += jobs[k].operation == &operations[i] &&
			    strcmp(jobs[k].id, "ALL") != 0;
		if (operations[i].all && others > 0)
			tool_warn(&tool,
			    "option \"-%c ALL\" will ignore other command line "
			    "queue IDs",
			    operations[i].option);
	}
}

/* qmgr repairs the spool whenever it starts. */
static void
repair(void)
{
	static char none[] = "";
	char *all[] = { none, NULL };

	if (stopped == NULL) {
		tool_say(&tool,
		    "the mail system is running: qmgr did that when it "
		    "started, and does so at each reload");
		return;
	}
	for (char **at = *queues == NULL ? all : queues; *at != NULL; at++) {
		if (structure)
			stopped_structure(stopped, *at);
		if (purge)
			stopped_purge(stopped, *at);
	}
}

/* A million messages take their time. */
static void
become_patient(void)
{
	tool_patience(showq, PATIENCE);
	stopped_become_owner(&tool);
}

int
main(int argc, char **argv)
{
	const char *dir = options_read(argc, argv);

	tool_open(&tool, argv[0], dir);
	if (getuid() != 0)
		tool_fatal(&tool, EXIT_FAILURE,
		    "use of this command is reserved for the superuser");
	tool_log(&tool);
	queues_check();
	all_warn();
	showq = tool_connect(&tool, "showq");
	if (showq == -1)
		stopped = stopped_open(&tool);
	else
		become_patient();
	if (purge || structure)
		repair();
	jobs_run();
	if (stopped == NULL)
		close(showq);
	else if (!stopped_close(&stopped))
		return EX_TEMPFAIL;
	totals_tell();
	return EX_OK;
}
