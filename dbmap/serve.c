/*
 * serve.c - the questions of one connection of lookup's
 *
 * One at a time, as the libraries block. A question that takes longer than
 * they were told to wait ends the process: lookup has given up by then, and
 * starts another.
 */

#include "dbmap/serve.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/why.h"
#include "calls/dbmap_call.h"
#include "dbmap/known.h"
#include "ipc/packet.h"
#include "maps/plugin_link.h"

/* Longer than lookup waits. */
enum { QUESTION_S = 13 };

static void
alarm_set(int seconds)
{
	struct itimerval t = { .it_value = { .tv_sec = seconds } };

	if (setitimer(ITIMER_REAL, &t, NULL) == -1)
		log_fatal("setitimer fails");
}

/* 0: it was sent. */
static int
value_send(int fd, uint32_t id, const struct dbmap_value *v)
{
	struct packet_out o = { .fd_count = 0 };
	int got;

	dbmap_value_put(&o, id, v);
	got = packet_send(fd, &o);
	packet_done(&o);
	return got;
}

static int
answer_send(int fd, uint32_t id, enum map_result result, struct span value,
    const struct why *why)
{
	struct dbmap_value v = { .found = result == MAP_FOUND, .why = *why };
	int got = 0;

	if (result != MAP_FOUND)
		return value_send(fd, id, &v);
	do {
		v.value = span_head(value, DBMAP_PART_MAX);
		value = span_skip(value, v.value.n);
		v.more = value.n > 0;
		got = value_send(fd, id, &v);
	} while (got == 0 && v.more);
	return got;
}

static int
question(int fd, struct plugin_set *set, const struct known *known,
    struct packet_in *in)
{
	struct buf out = BUF_EMPTY;
	enum map_result result;
	struct dbmap_ask ask;
	char *type, *name;
	struct why why;
	int got;

	if (!dbmap_ask_get(in, &ask)) {
		log_error("ill-formed question");
		return -1;
	}
	/* or its file was changed since we read it: another process reads it
	 * anew */
	if (!known_has(known, ask.name, ask.conf))
		return -1;
	type = mem_span(ask.type);
	name = mem_span(ask.name);
	why_init(&why);
	alarm_set(QUESTION_S);
	result = plugin_ask(set, &(struct plugin_table){ type, name, ask.conf },
	    ask.key, &out, &why);
	alarm_set(0);
	if (result != MAP_ERROR) {
		why_free(&why);
		why_init(&why);
	}
	got = answer_send(fd, in->id, result, buf_span(&out), &why);
	why_free(&why);
	buf_free(&out);
	free(type);
	free(name);
	return got;
}

/* Wait for a question. False: there will be none. */
static bool
wait_for(int fd, int control)
{
	struct pollfd p[2] = { { .fd = fd, .events = POLLIN },
		{ .fd = control, .events = POLLIN } };

	for (;;) {
		int got = poll(p, 2, -1);

		if (got == -1 && errno != EINTR)
			return false;
		if (got > 0 && p[1].revents != 0)
			return false;
		if (got > 0)
			return true;
	}
}

int
dbmap_serve(int fd, int control, const char *folder, const struct known *known)
{
	struct plugin_set *set = plugin_set_new(folder);
	struct packet_in in = { .bad = false };

	signal(SIGALRM, SIG_DFL);
	while (wait_for(fd, control) && packet_recv(fd, &in) == PACKET_OK &&
	    question(fd, set, known, &in) == 0) {
	}
	packet_in_done(&in);
	plugin_set_free(&set);
	return 0;
}
