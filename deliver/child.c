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
#include "base/mem.h"
#include "base/why.h"
#include "calls/delivery_call.h"
#include "calls/delivery_log.h"
#include "deliver/absent.h"
#include "deliver/conf.h"
#include "deliver/last_word.h"
#include "deliver/mail.h"
#include "deliver/recipient.h"
#include "deliver/sieve_script.h"
#include "deliver/task_call.h"
#include "ipc/packet.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/own_dir.h"
#include "os/users.h"
#include "rules/agent.h"
#include "rules/program.h"

enum { FAILED = 1 };

/* The home is looked at for the files in it anyway: where it is what we are in,
 * nothing has to be entered. */
static bool
is_there(const struct place *p, const char *inside)
{
	const struct stat *home =
	    *p->at_home ? absent_folder(p->absent, inside) : NULL;

	return home != NULL && home->st_dev == p->cwd->st_dev &&
	    home->st_ino == p->cwd->st_ino;
}

static bool
enter(const struct place *p)
{
	char *inside = mem_printf("%s/.", p->user->home);

	absent_next(p->absent);
	*p->at_home = is_there(p, inside) ||
	    (chdir(p->user->home) == 0 && stat(".", p->cwd) == 0);
	free(inside);
	return *p->at_home;
}

/* False: it has to be there, and is not. Commands and files of aliases are run
 * as an account whose home is of no matter. */
static bool
enter_home(
    const struct place *p, const struct delivery_request *r, struct why *why)
{
	if (enter(p))
		return true;
	if (p->conf->require_home_directory && !p->alone &&
	    r->rcpts[0].kind == TO_USER) {
		why_set(why, "4.3.0", "cannot enter the home %s: %s",
		    p->user->home, strerror(errno));
		return false;
	}
	if (chdir("/") == -1)
		_exit(FAILED);
	return true;
}

/* As log readers know the agents that deliver is in one. */
static const char *
ident(const struct delivery_request *r)
{
	if (r->rcpts[0].kind != TO_REMOTE)
		return "local";
	return span_is(r->transport, "virtual") ? "virtual" : "pipe";
}

static void
say_result(const struct place *p, const struct delivery_request *r,
    const struct delivery_result *result)
{
	struct delivery_log l = { .qid = r->qid,
		.address = r->rcpts[0].address,
		.orig = r->rcpts[0].orig,
		.relay = r->rcpts[0].kind == TO_REMOTE ? r->transport
						       : SPAN("local"),
		.arrival_us = r->arrival_us,
		.ready_us = r->ready_us,
		.setup_us = r->ready_us,
		.transfer_us = r->ready_us,
		.resolution = p->conf->delay_logging_resolution_limit };

	if (last_word_tables(p->conf, ident(r)) == NULL)
		last_word_log(ident(r), &l, &result->why);
}

static void
deliver(const struct place *p, struct arena *a,
    const struct delivery_request *r, struct delivery_result *result)
{
	struct mail *m = NULL;

	if (enter_home(p, r, &result->why))
		m = mail_open(p, a, r, &result->why);
	if (m != NULL) {
		recipient_deliver(m, result);
		mail_close(m);
	}
	if (*p->begun)
		*p->begun = program_reap();
	if (result->why.outcome == DONE && result->why.status[0] != '2')
		why_set(&result->why, "4.3.0", "delivery gave no result");
	if (p->conf->soft_bounce)
		why_soften(&result->why);
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
	    &(struct delivery_answer){
		.id = in->id, .count = 1, .results = &result },
	    say, p);
	why_free(&result.why);
	file_close(&r.fd);
	arena_free(&a);
}

static void
keep_task(struct place *p, struct packet_in *in)
{
	struct span text;

	if (!task_get(in, &text))
		log_fatal("malformed request from the parent");
	p->task = mem_span(text);
}

void
child_main(struct place *p)
{
	const struct account *user = p->user;
	struct packet_in in = { .bad = false };
	struct maildir *kept = NULL;
	struct stat cwd = { .st_ino = 0 };
	bool at_home = false, begun = false;

	/* a Sieve script's keywords may need it before the first login */
	if (*p->conf->index_directory != '\0' && !p->alone && user->uid != 0)
		(void)own_dir_make(
		    p->conf->index_directory, user->uid, user->gid);
	if (users_become(p->alone ? NULL : user->name, user->uid, user->gid) ==
	    -1)
		log_fatal("cannot become %s: %s", user->name, strerror(errno));
	(void)prctl(PR_SET_DUMPABLE, 0);
	p->cache = agent_cache_new();
	p->scripts = sieve_shelf_new();
	p->absent = absent_new();
	p->kept = &kept;
	p->at_home = &at_home;
	p->cwd = &cwd;
	p->begun = &begun;
	(void)umask(077); /* rules give it back */
	while (packet_recv(p->parent, &in) == PACKET_OK) {
		if (task_is(&in)) {
			keep_task(p, &in);
			continue;
		}
		serve_one(p, &in);
		mem_free(&p->task);
	}
	_exit(0);
}
