/*
 * worker.c - one attempt in a process of its own
 *
 * PAM modules block, leak and keep state, and a hash takes up to a tenth of a
 * second: each attempt is a fork that ends with its answer. The parent never
 * waits for one; a child that hangs is killed after 30 seconds.
 */

#include "auth/worker.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auth/conf.h"
#include "auth/order.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/list.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/secret.h"
#include "base/why.h"
#include "calls/lookup_call.h"
#include "calls/start_call.h"
#include "ipc/channel.h"
#include "ipc/link.h"
#include "os/clock.h"
#include "os/loop.h"
#include "os/sock.h"
#include "service/service.h"

enum { WAITING_MAX = 1000, ATTEMPT_MS = 30000 };
/* Callers wait 30 s; a fork that failed is tried again. */
enum { STALE_MS = 28000, AGAIN_MS = 200 };

struct job {
	struct order_entry order;
	struct workers *workers;
	struct arena *arena; /* of what is asked */
	struct attempt asked; /* all but its password */
	struct secret *password; /* NULL: none is asked */
	attempt_fn *fn;
	void *arg;
	/* of auth_user_maps: what is asked for, and which comes next */
	struct span names[ATTEMPT_NAMES];
	size_t name_count, name_at;
	pid_t pid;
	struct link *link;
	struct loop_timer *timer;
};

struct workers {
	struct attempt_ground ground;
	struct list waiting, running;
	struct loop_timer *again;
	unsigned asking_count, waiting_count, running_count;
	/* killed, and not waited for yet */
	pid_t *ended;
	size_t ended_count, ended_room;
	struct loop_signal *child;
};

static void
result_put(struct packet_out *o, const struct attempt_result *r)
{
	packet_begin(o, "attempt", 0);
	packet_num(o, "verdict", r->verdict);
	packet_str(o, "user", r->user);
	packet_num(o, "claims", r->claims);
	packet_num(o, "until", (uint64_t)r->until);
	packet_num(o, "uid", r->uid);
	packet_num(o, "gid", r->gid);
	packet_str(o, "home", r->home);
	packet_str(o, "mail", r->mail);
	packet_str(o, "quota", r->quota);
	packet_str(o, "text", r->text);
	packet_bytes(o, "challenge", r->challenge);
	packet_str(o, "groups", r->groups);
}

static bool
result_get(struct packet_in *in, struct attempt_result *r)
{
	r->verdict =
	    (enum auth_verdict)packet_in_num(in, "verdict", AUTH_FORBIDDEN);
	r->user = packet_in_str(in, "user", 512);
	r->claims =
	    (enum claims_verdict)packet_in_num(in, "claims", CLAIMS_BAD);
	r->until = (int64_t)packet_in_num(in, "until", INT64_MAX);
	r->uid = (uid_t)packet_in_num(in, "uid", UINT32_MAX - 1);
	r->gid = (gid_t)packet_in_num(in, "gid", UINT32_MAX - 1);
	r->home = packet_in_str(in, "home", 4096);
	r->mail = packet_in_str(in, "mail", 8192);
	r->quota = packet_in_str(in, "quota", 100);
	r->text = packet_in_str(in, "text", 4096);
	r->challenge = packet_in_bytes(in, "challenge", 4096);
	r->groups = packet_in_str(in, "groups", SESSION_GROUPS_MAX);
	return packet_in_end(in);
}

/* The child: no loop, no sockets of the parent's. */
static void
run_child(const struct job *j, int fd)
{
	struct packet_out o = { .fd_count = 0 };
	struct attempt_result r = { .verdict = AUTH_TROUBLE };
	struct arena *a = arena_new();
	struct attempt t = j->asked;
	int kept = dup2(fd, FD_CONTROL);

	if (kept == -1 || close_range(FD_LOG + 1, ~0U, 0) == -1)
		_exit(71);
	for (int i = 1; i < NSIG; i++)
		(void)signal(i, SIG_DFL);
	if (j->password != NULL)
		t.password = secret_span(j->password);
	attempt_run(&j->workers->ground, &t, a, &r);
	result_put(&o, &r);
	_exit(packet_send(kept, &o) == -1 ? 75 : 0);
}

/* A process takes its time to go, for which nobody waits. */
static void
ended_reap(void *arg)
{
	struct workers *w = arg;
	size_t kept = 0;

	for (size_t i = 0; i < w->ended_count; i++)
		if (waitpid(w->ended[i], NULL, WNOHANG) == 0)
			w->ended[kept++] = w->ended[i];
	w->ended_count = kept;
}

static void
ended_add(struct workers *w, pid_t pid)
{
	if (w->ended_count == w->ended_room) {
		w->ended_room = w->ended_room == 0 ? 16 : w->ended_room * 2;
		w->ended =
		    mem_resize(w->ended, w->ended_room, sizeof(*w->ended));
	}
	w->ended[w->ended_count++] = pid;
	ended_reap(w); /* it may have told of its end before */
}

static void jobs_start(struct workers *w);

static void
job_answer(struct job *j, const struct attempt_result *r)
{
	j->fn(j->arg, r);
	secret_free(&j->password);
	arena_free(&j->arena);
	free(j);
}

static void
job_end(struct job *j, const struct attempt_result *r)
{
	struct workers *w = j->workers;

	list_remove(&j->order.in);
	w->running_count--;
	link_free(&j->link);
	loop_timer_free(&j->timer);
	(void)kill(j->pid, SIGKILL); /* it has answered or never will */
	ended_add(w, j->pid);
	job_answer(j, r);
	jobs_start(w);
}

static void
answered(void *arg, struct packet_in *in)
{
	struct attempt_result r = { .verdict = AUTH_TROUBLE };
	struct buf kept = BUF_EMPTY;
	struct packet_in copy = { .bad = false };

	/* the link goes before the answer is given on: keep its bytes */
	if (in != NULL)
		buf_add_span(&kept, buf_span(&in->bytes));
	if (in == NULL || packet_parse(&copy, buf_span(&kept)) != PACKET_OK ||
	    !result_get(&copy, &r)) {
		r = (struct attempt_result){ .verdict = AUTH_TROUBLE,
			.text = SPAN("the check ended without an answer") };
	}
	job_end(arg, &r);
	packet_in_done(&copy);
	buf_free(&kept);
}

static void
timed_out(void *arg)
{
	struct attempt_result r = { .verdict = AUTH_TROUBLE,
		.text = SPAN("the check took too long") };

	job_end(arg, &r);
}

/* False: nothing was started, the job is as it was. */
static bool
job_start(struct job *j)
{
	struct workers *w = j->workers;
	int pair[2];

	if (sock_pair(SOCK_SEQPACKET, true, pair) == -1)
		return false;
	j->pid = fork();
	if (j->pid == 0)
		run_child(j, pair[1]);
	close(pair[1]);
	if (j->pid == -1) {
		log_error("fork: %s", strerror(errno));
		close(pair[0]);
		return false;
	}
	j->link = link_new(service_loop(), pair[0], "auth worker", answered, j);
	j->timer = loop_timer_new(service_loop(), timed_out, j);
	loop_timer_set(j->timer, ATTEMPT_MS);
	list_remove(&j->order.in);
	w->waiting_count--;
	list_add_tail(&w->running, &j->order.in);
	w->running_count++;
	return true;
}

static struct job *
job_of(struct order_entry *e)
{
	return LIST_OF(e, struct job, order);
}

static struct job *
choose(struct workers *w)
{
	unsigned share = (unsigned)(w->ground.conf->auth_worker_limit + 1) / 2;

	return job_of(order_next(&w->waiting, &w->running, share, clock_ms()));
}

/* Who asked has given up: a hash would be wasted. */
static bool
is_stale(const struct job *j)
{
	return clock_ms() - j->order.since_ms > STALE_MS;
}

/* Out of the queue, unchecked. */
static void
waiting_end(struct job *j, const char *text)
{
	struct attempt_result r = { .verdict = AUTH_TROUBLE,
		.text = span_str(text) };

	list_remove(&j->order.in);
	j->workers->waiting_count--;
	job_answer(j, &r);
}

static void
start_again(void *arg)
{
	jobs_start(arg);
}

static void
jobs_start(struct workers *w)
{
	while (!list_empty(&w->waiting) &&
	    w->running_count < (unsigned)w->ground.conf->auth_worker_limit) {
		struct job *j = choose(w);

		if (is_stale(j)) {
			waiting_end(j, "too many passwords wait");
		} else if (!job_start(j)) {
			loop_timer_set(w->again, AGAIN_MS);
			break;
		}
	}
}

struct workers *
workers_new(const struct auth_conf *conf, const struct exchanges *exchanges)
{
	struct workers *w = mem_new(sizeof(*w));

	w->ground = (struct attempt_ground){ conf, exchanges };
	list_init(&w->waiting);
	list_init(&w->running);
	w->again = loop_timer_new(service_loop(), start_again, w);
	w->child = loop_signal_new(service_loop(), SIGCHLD, ended_reap, w);
	return w;
}

/* Into the queue. */
static void
job_wait(struct job *j)
{
	struct workers *w = j->workers;

	list_add_tail(&w->waiting, &j->order.in);
	w->waiting_count++;
	jobs_start(w);
}

static void ask_next(struct job *j);

static void
entry_told(void *arg, struct packet_in *in)
{
	struct job *j = arg;
	struct span value;
	struct why why;
	bool found = false, good;

	why_init(&why);
	good = in != NULL && lookup_value_get(in, &found, &value, &why) &&
	    (found || why.outcome == DONE);
	if (!good)
		log_error("auth_user_maps: %s",
		    in == NULL ? "lookup does not answer" : why_text(&why));
	why_free(&why);
	if (good && !found && j->name_at < j->name_count) {
		ask_next(j);
		return;
	}
	if (!good) {
		j->asked.entry.got = AUTH_TROUBLE;
	} else if (found) {
		j->asked.entry.got = AUTH_OK;
		j->asked.entry.name = j->names[j->name_at - 1];
		j->asked.entry.value = arena_span(j->arena, value);
	}
	j->workers->asking_count--;
	job_wait(j);
}

static void
ask_next(struct job *j)
{
	struct packet_out o = { .fd_count = 0 };

	lookup_map_put(&o, SPAN("auth_user_maps"), j->names[j->name_at++]);
	(void)channel_ask(service_channel("lookup"), &o, entry_told, j);
	packet_done(&o);
}

/* Databases are asked before a process is spent, and nobody waits for them but
 * those who must. */
static void
job_begin(struct job *j)
{
	struct attempt *t = &j->asked;
	bool has_user = t->kind == ATTEMPT_PASSWORD ||
	    t->kind == ATTEMPT_ACCOUNT || t->kind == ATTEMPT_CHALLENGE ||
	    t->kind == ATTEMPT_PROOF || t->kind == ATTEMPT_MASTER_PROOF;

	t->entry.got = AUTH_DENIED;
	if (!has_user ||
	    !auth_conf_asks(j->workers->ground.conf, MODULE_MAPS)) {
		job_wait(j);
		return;
	}
	j->name_count =
	    attempt_names(j->workers->ground.conf, t->user, j->arena, j->names);
	j->workers->asking_count++;
	ask_next(j);
}

/* Copies live as long as the job; PAM wants some of them NUL-ended. */
static void
asked_copy(struct job *j, const struct attempt *from)
{
	struct attempt *t = &j->asked;

	j->arena = arena_new();
	*t = *from;
	t->password = span_of(NULL, 0);
	struct span *const spans[] = { &t->service, &t->user, &t->authzid,
		&t->client_addr, &t->scram.client_first, &t->scram.server_first,
		&t->scram.client_final, &t->certificate.fingerprint,
		&t->certificate.key_fingerprint, &t->certificate.subject };

	for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++)
		*spans[i] = arena_span(j->arena, *spans[i]);
	if (from->password.p != NULL)
		j->password = secret_new_long(from->password);
}

/* Room for one of this rank; false: there is none. */
static bool
make_room(struct workers *w, enum penalty_rank rank)
{
	struct order_entry *worst;

	if (w->asking_count >= WAITING_MAX)
		return false;
	if (w->waiting_count < WAITING_MAX)
		return true;
	worst = order_worst(&w->waiting, rank);
	if (worst == NULL)
		return false;
	waiting_end(job_of(worst), "too many passwords wait");
	return true;
}

bool
workers_ask(
    struct workers *w, const struct attempt *a, attempt_fn *fn, void *arg)
{
	bool token = a->kind == ATTEMPT_TOKEN;
	bool named = a->kind != ATTEMPT_CERTIFICATE &&
	    a->kind != ATTEMPT_OFFERS && !token;
	struct job *j;

	if (w->waiting_count >= WAITING_MAX ||
	    a->password.n > (token ? SECRET_LONG_MAX : SECRET_MAX) ||
	    span_find(a->user, '\0') < a->user.n || (named && a->user.n == 0) ||
	    !make_room(w, a->rank))
		return false;
	j = mem_new(sizeof(*j));
	j->workers = w;
	asked_copy(j, a);
	j->order.rank = a->rank;
	j->order.client_addr = j->asked.client_addr;
	j->order.since_ms = clock_ms();
	j->fn = fn;
	j->arg = arg;
	job_begin(j);
	return true;
}

unsigned
workers_pending(const struct workers *w)
{
	return w->asking_count + w->waiting_count + w->running_count;
}
