/*
 * parent.c - the process that stays root
 *
 * It reads framed calls, looks accounts up and forks; nothing of a message or
 * of a user is opened here. A user has as many children at a time as one
 * recipient may have deliveries; each does one message after the other, and is
 * let go when it had nothing to do for a while. One that dies takes its message
 * back to the queue.
 */

#include "deliver/parent.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/list.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/table.h"
#include "base/why.h"
#include "calls/delivery_call.h"
#include "calls/delivery_log.h"
#include "calls/queue_call.h"
#include "calls/start_call.h"
#include "config/master_cf.h"
#include "config/param.h"
#include "deliver/ask.h"
#include "deliver/box_help.h"
#include "deliver/child.h"
#include "deliver/conf.h"
#include "deliver/last_word.h"
#include "deliver/mail.h"
#include "deliver/pipe_conf.h"
#include "deliver/task_call.h"
#include "ipc/link.h"
#include "ipc/server.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/loop.h"
#include "os/sock.h"
#include "os/users.h"
#include "service/service.h"

enum { SERVERS_MAX = 16, IDLE_MS = 10000, FIRST_FD = FD_LISTEN };

struct parent {
	struct loop *loop;
	const struct deliver_conf *conf;
	struct master_cf *master_cf;
	struct pipe_table *pipes;
	struct server *servers[SERVERS_MAX];
	unsigned server_count;
	struct table *users;
	struct loop_signal *child_ended;
	unsigned jobs;
};

/* An account that has children. */
struct user {
	struct parent *parent;
	struct arena *arena;
	struct account account;
	bool alone; /* numbers of a table, no login name */
	struct list children, waiting;
	unsigned child_count;
};

/* What qmgr asked for: a job for each recipient, and one answer for all. */
struct batch {
	struct parent *parent;
	struct arena *arena;
	struct server_peer *peer;
	uint32_t id;
	int fd; /* of the message */
	size_t count, left;
	struct delivery_result *results;
};

/* The question as it is passed on, and what a log line about it needs. */
struct job {
	struct list in;
	struct batch *batch;
	size_t at; /* its result in the batch */
	struct packet_out question;
	struct delivery_log log;
	struct delivery_results answer;
	struct delivery_result own; /* where no child answered */
	const struct delivery_result *result; /* of the two */
	const char *ident; /* of such log lines */
	bool probe; /* nothing is to be delivered */
	enum delivery_kind kind;
	struct span user, transport;
	struct span task; /* p NULL: the child needs to know no more */
};

struct child {
	struct list in;
	struct user *user;
	pid_t pid;
	struct link *link;
	struct loop_timer *rest; /* let it go */
	struct job *job; /* NULL: idle */
	bool has_lock; /* of the spool box */
};

/* ---- jobs */

static void
reply(void *arg, const struct packet_out *o)
{
	server_reply(arg, o);
}

static void
batch_end(struct batch *b)
{
	struct delivery_answer a = { b->id, b->count, b->results, SPAN("") };

	delivery_answer_send(&a, reply, b->peer);
	for (size_t i = 0; i < b->count; i++)
		why_free(&b->results[i].why);
	server_peer_drop(&b->peer);
	file_close(&b->fd);
	arena_free(&b->arena);
	free(b);
}

static void
job_end(void *arg)
{
	struct job *j = arg;
	const struct delivery_result *result = j->result;
	struct batch *b = j->batch;
	struct parent *p = b->parent;
	struct delivery_result *out = &b->results[j->at];
	struct span *fresh =
	    arena_array(b->arena, result->fresh_count, sizeof(*fresh));

	for (size_t i = 0; i < result->fresh_count; i++)
		fresh[i] = arena_span(b->arena, result->fresh[i]);
	why_copy(&out->why, &result->why);
	out->told = result->told;
	out->fresh = fresh;
	out->fresh_count = result->fresh_count;
	delivery_results_done(&j->answer);
	why_free(&j->own.why);
	packet_done(&j->question);
	free(j);
	if (--b->left == 0)
		batch_end(b);
	p->jobs--;
}

/* It did not come to a child, or not back from one. */
static void
job_fail(struct parent *p, struct job *j, const char *status, const char *text)
{
	struct last_word w = { .ident = j->ident, .log = &j->log };

	why_set(&j->own.why, status, "%s", text);
	if (p->conf->soft_bounce && !j->probe)
		why_soften(&j->own.why);
	j->result = &j->own;
	last_word(p->conf, &w, &j->own.why, job_end, j);
}

/* ---- children */

static void
user_check(struct user *u)
{
	struct user *known = u;

	if (u->child_count > 0 || !list_empty(&u->waiting))
		return;
	(void)table_remove(u->parent->users, span_str(u->account.name));
	arena_free(&u->arena);
	free(known);
}

static void
child_end(struct child *c)
{
	struct user *u = c->user;

	if (c->has_lock)
		box_help_unlock(u->parent->conf, &u->account);
	list_remove(&c->in);
	link_free(&c->link);
	loop_timer_free(&c->rest);
	free(c);
	u->child_count--;
}

static int
task_send(struct child *c, const struct job *j)
{
	struct packet_out o = { .fd_count = 0 };
	int got;

	if (j->task.p == NULL)
		return 0;
	task_put(&o, j->task);
	got = link_send(c->link, &o);
	packet_done(&o);
	return got;
}

static void
child_give(struct child *c, struct job *j)
{
	c->job = j;
	delivery_results_init(&j->answer, 1);
	loop_timer_stop(c->rest);
	if (task_send(c, j) == 0 && link_send(c->link, &j->question) == 0)
		return;
	log_error("%s: cannot hand the message to a process: %s",
	    c->user->account.name, strerror(errno));
	(void)kill(c->pid, SIGKILL); /* its end fails the job */
}

static void
child_rest(void *arg)
{
	struct child *c = arg;
	struct user *u = c->user;

	if (c->job != NULL)
		return;
	child_end(c);
	user_check(u);
}

static void user_go_on(struct user *u);

static void
child_done(struct child *c, struct packet_in *in)
{
	struct job *j = c->job;
	struct user *u = c->user;
	enum delivery_came got =
	    j == NULL ? DELIVERY_BAD : delivery_results_take(&j->answer, in);
	struct last_word w;

	if (got == DELIVERY_MORE)
		return;
	if (got == DELIVERY_BAD || j->answer.count != 1) {
		log_error("%s: malformed answer of a process", u->account.name);
		(void)kill(c->pid, SIGKILL); /* its end fails the job */
		return;
	}
	c->job = NULL;
	j->result = &j->answer.results[0];
	j->log.setup_us = j->log.transfer_us = j->log.ready_us;
	w = (struct last_word){ j->ident, &j->log, true };
	last_word(u->parent->conf, &w, &j->answer.results[0].why, job_end, j);
	loop_timer_set(c->rest, IDLE_MS);
	user_go_on(u);
}

static void
child_box(struct child *c, enum box_ask what)
{
	const struct deliver_conf *conf = c->user->parent->conf;
	const struct account *account = &c->user->account;
	struct packet_out o = { .fd_count = 0 };
	struct why why;
	int fd = -1;

	why_init(&why);
	if (what == BOX_UNLOCK) {
		if (c->has_lock)
			box_help_unlock(conf, account);
		c->has_lock = false;
	} else if (what == BOX_LOCK) {
		enum box_lock got =
		    c->has_lock ? BOX_TAKEN : box_help_lock(conf, account);

		c->has_lock = got == BOX_TAKEN;
		box_locked_put(&o, got);
	} else {
		fd = box_help_open(conf, account, &why);
		box_opened_put(&o, fd, &why);
	}
	if (what != BOX_UNLOCK && link_send(c->link, &o) == -1)
		(void)kill(c->pid, SIGKILL);
	packet_done(&o);
	file_close(&fd);
	why_free(&why);
}

static void
child_lost(struct child *c)
{
	struct user *u = c->user;
	struct job *j = c->job;

	child_end(c);
	if (j != NULL)
		job_fail(u->parent, j, "4.3.0",
		    "the delivering process ended before its time");
	user_go_on(u);
}

static void
child_came(void *arg, struct packet_in *in)
{
	struct child *c = arg;
	enum box_ask what;
	bool ok = true;

	if (in == NULL) {
		child_lost(c);
		return;
	}
	what = box_ask_get(in, &ok);
	if (what == BOX_NONE)
		child_done(c, in);
	else if (ok && c->job != NULL)
		child_box(c, what);
	else
		(void)kill(c->pid, SIGKILL);
}

/* Nothing of the parent's stays open in it but the log. */
static void
child_begin(const struct user *u, int socket)
{
	struct place p = { .conf = u->parent->conf,
		.user = &u->account,
		.alone = u->alone,
		.pipes = u->parent->pipes,
		.parent = FIRST_FD };
	int mine = fcntl(socket, F_DUPFD_CLOEXEC, FIRST_FD);

	(void)close(FD_CONTROL);
	if (mine == -1)
		_exit(1);
	if (mine != FIRST_FD && dup3(mine, FIRST_FD, O_CLOEXEC) == -1)
		_exit(1);
	if (close_range(FIRST_FD + 1, ~0U, 0) == -1)
		_exit(1);
	(void)signal(SIGCHLD, SIG_DFL);
	(void)signal(SIGXFSZ, SIG_IGN);
	child_main(&p);
}

static struct child *
child_new(struct user *u)
{
	struct child *c;
	int pair[2];
	pid_t pid;

	if (sock_pair(SOCK_SEQPACKET, false, pair) == -1)
		return NULL;
	pid = fork();
	if (pid == 0)
		child_begin(u, pair[1]);
	file_close(&pair[1]);
	if (pid == -1 || sock_nonblock(pair[0], true) == -1) {
		file_close(&pair[0]);
		return NULL;
	}
	c = mem_new(sizeof(*c));
	c->user = u;
	c->pid = pid;
	c->link =
	    link_new(u->parent->loop, pair[0], u->account.name, child_came, c);
	c->rest = loop_timer_new(u->parent->loop, child_rest, c);
	list_init(&c->in);
	list_add_tail(&u->children, &c->in);
	u->child_count++;
	return c;
}

/* ---- users */

static struct child *
idle_child(struct user *u)
{
	LIST_EACH(at, &u->children)
	{
		struct child *c = LIST_OF(at, struct child, in);

		if (c->job == NULL)
			return c;
	}
	return NULL;
}

/* Hand out what waits; forget the account when nothing is left of it. */
static void
user_go_on(struct user *u)
{
	const struct deliver_conf *conf = u->parent->conf;
	/* many have mailboxes that belong to one uid */
	unsigned limit =
	    (unsigned)(u->alone ? conf->default_destination_concurrency_limit
				: conf->local_destination_concurrency_limit);

	while (!list_empty(&u->waiting)) {
		struct child *c = idle_child(u);
		struct job *j;

		if (c == NULL && u->child_count >= limit)
			break;
		j = LIST_OF(list_pop(&u->waiting), struct job, in);
		if (server_peer_is_gone(j->batch->peer)) {
			job_fail(u->parent, j, "4.3.0", "qmgr has ended");
			continue;
		}
		if (c != NULL || (c = child_new(u)) != NULL) {
			child_give(c, j);
			continue;
		}
		log_error("cannot make a process for %s: %s", u->account.name,
		    strerror(errno));
		job_fail(u->parent, j, "4.3.0", "no process for the delivery");
	}
	user_check(u);
}

/* A mailbox file, without a command or a file of the user's on the way. */
static bool
is_box(const struct parent *p, const struct job *j)
{
	return j->kind == TO_USER && *p->conf->mailbox_command == '\0' &&
	    j->task.p == NULL;
}

/* Root's mail is written by root; whatever would run for root runs as
 * default_privs. */
static struct span
account_for(const struct parent *p, const struct job *j)
{
	if (span_is(j->user, "root") && !is_box(p, j))
		return span_str(p->conf->default_privs);
	return j->user;
}

static struct user *
user_add(struct parent *p, struct user *u)
{
	u->parent = p;
	list_init(&u->children);
	list_init(&u->waiting);
	(void)table_put(p->users, span_str(u->account.name), u);
	return u;
}

static struct user *
user_get(struct parent *p, struct span name, enum users_result *got)
{
	struct user *u = table_get(p->users, name);

	*got = USERS_FOUND;
	if (u != NULL)
		return u;
	u = mem_new(sizeof(*u));
	u->arena = arena_new();
	*got = users_find(u->arena, name, &u->account);
	if (*got == USERS_FOUND)
		return user_add(p, u);
	arena_free(&u->arena);
	free(u);
	return NULL;
}

/* Known by the numbers alone, in a form that no login name has. */
static struct user *
user_numbered(struct parent *p, uid_t uid, gid_t gid)
{
	struct arena *a = arena_new();
	char *name =
	    arena_printf(a, "/uid=%u,gid=%u", (unsigned)uid, (unsigned)gid);
	struct user *u = table_get(p->users, span_str(name));

	if (u != NULL) {
		arena_free(&a);
		return u;
	}
	u = mem_new(sizeof(*u));
	u->arena = a;
	u->alone = true;
	u->account = (struct account){ .name = name,
		.uid = uid,
		.gid = gid,
		.home = "/",
		.shell = "",
		.gecos = "" };
	return user_add(p, u);
}

/* There is somebody to deliver to: all that a probe wants to know. */
static void
probe_end(struct parent *p, struct job *j)
{
	struct buf text = BUF_EMPTY;

	buf_add_str(&text, "delivers to ");
	if (j->kind == TO_COMMAND || j->kind == TO_FILE ||
	    j->kind == TO_INCLUDE)
		log_quote(&text, j->log.address, 200);
	else if (j->kind == TO_USER || span_is(j->transport, "virtual"))
		buf_add_str(&text, "mailbox");
	else
		buf_printf(&text, "command of transport %.*s",
		    (int)j->transport.n, j->transport.p);
	job_fail(p, j, "2.0.0", buf_str(&text));
	buf_free(&text);
}

static void
job_give(struct user *u, struct job *j)
{
	if (j->probe) {
		probe_end(u->parent, j);
		user_check(u);
		return;
	}
	list_add_tail(&u->waiting, &j->in);
	user_go_on(u);
}

static void
local_begin(struct parent *p, struct job *j)
{
	enum users_result got;
	struct user *u = user_get(p, account_for(p, j), &got);

	if (u == NULL && got == USERS_UNKNOWN) {
		job_fail(p, j, "5.1.1", "unknown user");
	} else if (u == NULL) {
		job_fail(p, j, "4.3.0", "the user database did not answer");
	} else if (u->account.uid == 0 && !is_box(p, j)) {
		user_check(u);
		job_fail(p, j, "4.3.5",
		    "commands and files are not served with root's rights");
	} else {
		job_give(u, j);
	}
}

static void
command_came(void *arg, struct span command, struct why *why)
{
	struct job *j = arg;

	if (why->outcome != DONE) {
		job_fail(j->batch->parent, j, why->status, why_text(why));
		return;
	}
	if (command.n > 0)
		j->task = arena_span(j->batch->arena, command);
	local_begin(j->batch->parent, j);
}

static void
box_came(void *arg, const struct virtual_box *box, struct why *why)
{
	struct job *j = arg;

	if (box == NULL) {
		job_fail(j->batch->parent, j, why->status, why_text(why));
		return;
	}
	j->task = arena_span(j->batch->arena, span_str(box->path));
	job_give(user_numbered(j->batch->parent, box->uid, box->gid), j);
}

/* To the command of a pipe in master.cf, as its user and group. */
static void
pipe_begin(struct parent *p, struct job *j)
{
	const struct pipe_conf *pipe = pipe_table_find(p->pipes, j->transport);
	struct account who;

	if (pipe == NULL)
		job_fail(p, j, "4.3.5", "mail transport unavailable");
	else if (users_find(j->batch->arena, pipe->user, &who) != USERS_FOUND ||
	    (pipe->group.n > 0 &&
		users_group(pipe->group, &who.gid) != USERS_FOUND))
		job_fail(p, j, "4.3.5", "the user of the transport is unknown");
	else if (who.uid == 0 || who.gid == 0)
		job_fail(p, j, "4.3.5", "a pipe is not served as root");
	else
		job_give(user_numbered(p, who.uid, who.gid), j);
}

static void
job_begin(struct parent *p, struct job *j)
{
	if (j->kind == TO_REMOTE && span_is(j->transport, "virtual"))
		ask_box(p->conf, j->log.address, box_came, j);
	else if (j->kind == TO_REMOTE)
		pipe_begin(p, j);
	else if (j->kind == TO_USER && *p->conf->mailbox_command_maps != '\0')
		ask_command(j->user, command_came, j);
	else
		local_begin(p, j);
}

/* ---- what comes */

static struct batch *
batch_new(struct server_peer *peer, uint32_t id,
    const struct delivery_request *r, struct arena *a)
{
	struct batch *b = mem_new(sizeof(*b));

	b->arena = a;
	b->peer = server_peer_hold(peer);
	b->id = id;
	b->fd = r->fd;
	b->count = b->left = r->rcpt_count;
	b->results = arena_array(a, b->count, sizeof(*b->results));
	for (size_t i = 0; i < b->count; i++)
		why_init(&b->results[i].why);
	return b;
}

static struct job *
job_new(struct batch *b, size_t at, const struct delivery_request *r)
{
	struct job *j = mem_new(sizeof(*j));
	struct delivery_request one = *r;

	one.rcpts = &r->rcpts[at];
	one.rcpt_count = 1;
	j->batch = b;
	j->at = at;
	list_init(&j->in);
	why_init(&j->own.why);
	delivery_put(&j->question, &one);
	j->question.id = 1;
	j->log = (struct delivery_log){ .qid = arena_span(b->arena, r->qid),
		.address = arena_span(b->arena, one.rcpts[0].address),
		.orig = arena_span(b->arena, one.rcpts[0].orig),
		.relay = SPAN("local"),
		.resolution = b->parent->conf->delay_logging_resolution_limit,
		.arrival_us = r->arrival_us,
		.ready_us = r->ready_us };
	j->kind = one.rcpts[0].kind;
	j->user = arena_span(b->arena, one.rcpts[0].user);
	j->transport = arena_span(b->arena, r->transport);
	j->ident = "local";
	j->probe = j->log.probe = (r->flags & QUEUE_PROBE) != 0;
	if (j->kind == TO_REMOTE) {
		j->log.relay = j->transport;
		j->ident =
		    span_is(j->transport, "virtual") ? "virtual" : "pipe";
	}
	return j;
}

/* A job may end at once, and the last one takes the batch with it. */
static void
batch_begin(struct parent *p, struct batch *b, const struct delivery_request *r)
{
	size_t count = r->rcpt_count;

	b->parent = p;
	p->jobs += (unsigned)count;
	for (size_t i = 0; i < count; i++)
		job_begin(p, job_new(b, i, r));
}

/* Other mail is under way on the same connection: it stays. */
static void
not_understood(struct server_peer *peer, const struct packet_in *in)
{
	struct packet_out o = { .fd_count = 0 };

	delivery_refuse_put(&o, in);
	server_reply(peer, &o);
	packet_done(&o);
}

static void
request(void *arg, struct server_peer *peer, struct packet_in *in)
{
	struct parent *p = arg;
	struct arena *a = arena_new();
	struct delivery_request r = { .fd = -1 };

	if (!span_is(in->call, "delivery")) {
		server_refuse(peer, in);
	} else if (server_peer_has_left(peer)) {
		/* whoever comes after that qmgr asks for it again */
	} else if (delivery_get(in, a, &r) && r.rcpt_count > 0) {
		batch_begin(p, batch_new(peer, in->id, &r, a), &r);
		return;
	} else {
		not_understood(peer, in);
	}
	file_close(&r.fd);
	arena_free(&a);
}

static void
reap(void *arg)
{
	pid_t pid;
	int status;

	(void)arg;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (WIFSIGNALED(status))
			log_warning("process %d died by signal %d", (int)pid,
			    WTERMSIG(status));
}

/* What it takes from master.cf: the rows that are pipes. */
static void
pipes_load(struct parent *p)
{
	const char *folder = main_cf_folder(service_main_cf());
	struct why why;

	why_init(&why);
	if (folder != NULL)
		p->master_cf = master_cf_load(folder, &why);
	if (folder != NULL && p->master_cf == NULL)
		log_error("%s", why_text(&why));
	p->pipes = pipe_table_new(p->master_cf);
	why_free(&why);
}

struct parent *
parent_new(struct loop *loop, const struct deliver_conf *conf)
{
	struct parent *p = mem_new(sizeof(*p));

	p->loop = loop;
	p->conf = conf;
	p->users = table_new();
	pipes_load(p);
	p->child_ended = loop_signal_new(loop, SIGCHLD, reap, p);
	return p;
}

void
parent_serve(struct parent *p, int fd, const char *label)
{
	static const struct server_calls calls = { .request = request };

	if (p->server_count == SERVERS_MAX)
		log_fatal("more than %d sockets", SERVERS_MAX);
	p->servers[p->server_count++] =
	    server_new(p->loop, fd, label, &calls, p);
}

void
parent_drain(struct parent *p)
{
	for (unsigned i = 0; i < p->server_count; i++)
		server_stop(p->servers[i]);
}

bool
parent_idle(const struct parent *p)
{
	return p->jobs == 0;
}

static void
forget_user(void *value)
{
	struct user *u = value;

	while (!list_empty(&u->children))
		child_end(LIST_OF(u->children.next, struct child, in));
	arena_free(&u->arena);
	free(u);
}

void
parent_free(struct parent **pp)
{
	struct parent *p = *pp;

	if (p == NULL)
		return;
	for (unsigned i = 0; i < p->server_count; i++)
		server_free(&p->servers[i]);
	table_free(&p->users, forget_user);
	pipe_table_free(&p->pipes);
	master_cf_free(&p->master_cf);
	loop_signal_free(&p->child_ended);
	mem_free(pp);
}
