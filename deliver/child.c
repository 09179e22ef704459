/*
 * child.c - the process that delivers for one user, as that user
 *
 * It gives up root before it reads anything but the account it was made for,
 * and stays for the user's next messages: what it knows of his rc files is
 * kept. It ends when the parent closes the socket.
 */

#include "deliver/child.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/why.h"
#include "calls/delivery_call.h"
#include "calls/delivery_log.h"
#include "deliver/conf.h"
#include "deliver/mail.h"
#include "deliver/recipient.h"
#include "ipc/packet.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/users.h"
#include "rules/agent.h"
#include "rules/program.h"

enum { FAILED = 1 };

static void
enter_home(const struct account *user)
{
	if (chdir(user->home) == -1 && chdir("/") == -1)
		_exit(FAILED);
	(void)umask(077);
}

static void
say_result(const struct place *p, const struct delivery_request *r,
    const struct delivery_result *result)
{
	struct delivery_log l = { .qid = r->qid,
		.address = r->rcpts[0].address,
		.orig = r->rcpts[0].orig,
		.relay = span_is(r->transport, "virtual") ? SPAN("virtual")
							  : SPAN("local"),
		.arrival_us = r->arrival_us,
		.ready_us = r->ready_us,
		.setup_us = r->ready_us,
		.transfer_us = r->ready_us,
		.now_us = clock_wall_us(),
		.resolution = p->conf->delay_logging_resolution_limit,
		.status = span_str(result->why.status),
		.outcome = result->why.outcome,
		.text = buf_span(&result->why.text) };
	struct buf line = BUF_EMPTY;

	delivery_log_print(&line, &l);
	log_info("%s", buf_str(&line));
	buf_free(&line);
}

static void
deliver(const struct place *p, struct arena *a,
    const struct delivery_request *r, struct delivery_result *result)
{
	struct mail *m;

	enter_home(p->user);
	m = mail_open(p, a, r, &result->why);
	if (m != NULL) {
		recipient_deliver(m, result);
		mail_close(m);
	}
	program_reap();
	if (result->why.outcome == DONE && result->why.status[0] != '2')
		why_set(&result->why, "4.3.0", "delivery gave no result");
	say_result(p, r, result);
}

static void
say(void *arg, const struct packet_out *o)
{
	const struct place *p = arg;

	if (packet_send(p->parent, o) == -1)
		_exit(FAILED); /* the parent is gone */
}

static void
serve_one(struct place *p, struct packet_in *in)
{
	struct arena *a = arena_new();
	struct delivery_result result = { .fresh_count = 0 };
	struct delivery_request r;

	if (!delivery_get(in, a, &r) || r.rcpt_count != 1)
		log_fatal("malformed request from the parent");
	why_init(&result.why);
	deliver(p, a, &r, &result);
	delivery_answer_send(
	    &(struct delivery_answer){ in->id, 1, &result }, say, p);
	why_free(&result.why);
	file_close(&r.fd);
	arena_free(&a);
}

void
child_main(
    int socket, const struct account *user, const struct deliver_conf *conf)
{
	struct place p = { .conf = conf, .user = user, .parent = socket };
	struct packet_in in = { .bad = false };

	if (users_become(user->name, user->uid, user->gid) == -1)
		log_fatal("cannot become %s: %s", user->name, strerror(errno));
	(void)prctl(PR_SET_DUMPABLE, 0);
	p.cache = agent_cache_new();
	while (packet_recv(socket, &in) == PACKET_OK)
		serve_one(&p, &in);
	_exit(0);
}
