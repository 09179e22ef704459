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
#include "auth/pam.h"
#include "auth/userdb.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/list.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/secret.h"
#include "calls/start_call.h"
#include "ipc/link.h"
#include "os/loop.h"
#include "os/sock.h"
#include "os/users.h"
#include "service/service.h"

enum { WAITING_MAX = 1000, ATTEMPT_MS = 30000 };

struct job {
	struct list in;
	struct workers *workers;
	char *service, *user, *client_addr;
	struct secret *password; /* NULL: account only */
	attempt_fn *fn;
	void *arg;
	pid_t pid;
	struct link *link;
	struct loop_timer *timer;
};

struct workers {
	const struct auth_conf *conf;
	struct list waiting, running;
	unsigned waiting_count, running_count;
};

/* user, or user@ one of our own names. */
static void
name_local(const struct auth_conf *conf, const char *user, struct buf *out)
{
	struct span all = span_str(user);
	size_t at = span_rfind(all, '@');
	struct span domain = span_skip(all, at + 1);

	if (at < all.n &&
	    ((conf->default_domain[0] != '\0' &&
		 span_iis(domain, conf->default_domain)) ||
		span_iis(domain, conf->mydomain) ||
		span_iis(domain, conf->myhostname)))
		all.n = at;
	buf_add_span(out, all);
}

/* The account behind a name that has proved itself. */
static void
account_fill(const struct auth_conf *conf, struct arena *a, struct span user,
    const struct userdb_entry *entry, struct attempt_result *r)
{
	struct account account = { .name = "" };
	bool complete = entry->has_uid && entry->has_gid && entry->home.n > 0;

	if (!complete && users_find(a, user, &account) != USERS_FOUND) {
		r->verdict = AUTH_DENIED;
		r->text = SPAN("no such account");
		return;
	}
	r->user = complete ? user : span_str(account.name);
	r->uid = entry->has_uid ? entry->uid : account.uid;
	r->gid = entry->has_gid ? entry->gid : account.gid;
	r->home = entry->home.n > 0 ? entry->home : span_str(account.home);
	r->mail = entry->mail;
	if (r->mail.n == 0)
		r->mail = span_str(conf->maildir);
	if (r->mail.p[0] != '/')
		r->mail = span_str(arena_printf(a, "%.*s/%.*s", (int)r->home.n,
		    r->home.p, (int)r->mail.n, r->mail.p));
	if (r->uid == 0 || r->home.n == 0 || r->home.p[0] != '/') {
		r->verdict = AUTH_DENIED;
		r->text = SPAN("root and accounts without a home have no "
			       "mailbox");
	}
}

/* A name without a domain may stand there with the default one. */
static enum auth_verdict
database_ask(const struct auth_conf *conf, struct userdb_question *q,
    struct arena *a, struct userdb_entry *entry)
{
	enum auth_verdict got = userdb_ask(q, a, entry);

	if (got != AUTH_DENIED || conf->default_domain[0] == '\0' ||
	    span_find(q->user, '@') < q->user.n)
		return got;
	q->user = span_str(arena_printf(
	    a, "%.*s@%s", (int)q->user.n, q->user.p, conf->default_domain));
	return userdb_ask(q, a, entry);
}

static void
try_modules(const struct auth_conf *conf, const struct job *j, struct arena *a,
    struct attempt_result *r)
{
	struct span password =
	    j->password == NULL ? span_of(NULL, 0) : secret_span(j->password);
	struct userdb_entry entry = { .has_uid = false };
	struct buf user = BUF_EMPTY, text = BUF_EMPTY;
	struct userdb_question question = { conf->auth_user_database,
		span_str(j->user), span_str(j->service), password };

	name_local(conf, j->user, &user);
	r->verdict = AUTH_DENIED;
	for (unsigned i = 0; i < conf->module_count; i++) {
		enum auth_verdict got;

		if (conf->modules[i] == MODULE_PAM)
			got = pam_ask(
			    j->service, &user, password, j->client_addr, &text);
		else
			got = database_ask(conf, &question, a, &entry);
		if (got != AUTH_DENIED)
			r->verdict = got;
		if (got == AUTH_OK && conf->modules[i] == MODULE_USERDB) {
			buf_clear(&user);
			buf_add_span(&user, question.user);
		}
		if (got == AUTH_OK || got == AUTH_EXPIRED)
			break;
	}
	r->text = arena_span(a, buf_span(&text));
	if (r->verdict == AUTH_OK)
		account_fill(
		    conf, a, arena_span(a, buf_span(&user)), &entry, r);
	buf_free(&user);
	buf_free(&text);
}

static void
result_put(struct packet_out *o, const struct attempt_result *r)
{
	packet_begin(o, "attempt", 0);
	packet_num(o, "verdict", r->verdict);
	packet_str(o, "user", r->user);
	packet_num(o, "uid", r->uid);
	packet_num(o, "gid", r->gid);
	packet_str(o, "home", r->home);
	packet_str(o, "mail", r->mail);
	packet_str(o, "text", r->text);
}

static bool
result_get(struct packet_in *in, struct attempt_result *r)
{
	r->verdict =
	    (enum auth_verdict)packet_in_num(in, "verdict", AUTH_TROUBLE);
	r->user = packet_in_str(in, "user", 512);
	r->uid = (uid_t)packet_in_num(in, "uid", UINT32_MAX - 1);
	r->gid = (gid_t)packet_in_num(in, "gid", UINT32_MAX - 1);
	r->home = packet_in_str(in, "home", 4096);
	r->mail = packet_in_str(in, "mail", 8192);
	r->text = packet_in_str(in, "text", 4096);
	return packet_in_end(in);
}

/* The child: no loop, no sockets of the parent's. */
static void
run_child(const struct job *j, int fd)
{
	struct packet_out o = { .fd_count = 0 };
	struct attempt_result r = { .verdict = AUTH_TROUBLE };
	struct arena *a = arena_new();
	int kept = dup2(fd, FD_CONTROL);

	if (kept == -1 || close_range(FD_LOG + 1, ~0U, 0) == -1)
		_exit(71);
	for (int i = 1; i < NSIG; i++)
		(void)signal(i, SIG_DFL);
	try_modules(j->workers->conf, j, a, &r);
	result_put(&o, &r);
	_exit(packet_send(kept, &o) == -1 ? 75 : 0);
}

static void jobs_start(struct workers *w);

static void
job_end(struct job *j, const struct attempt_result *r)
{
	struct workers *w = j->workers;
	int status;

	list_remove(&j->in);
	w->running_count--;
	link_free(&j->link);
	loop_timer_free(&j->timer);
	(void)kill(j->pid, SIGKILL); /* it has answered or never will */
	while (waitpid(j->pid, &status, 0) == -1 && errno == EINTR)
		;
	j->fn(j->arg, r);
	secret_free(&j->password);
	free(j->service);
	free(j->user);
	free(j->client_addr);
	free(j);
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
	list_remove(&j->in);
	w->waiting_count--;
	list_add_tail(&w->running, &j->in);
	w->running_count++;
	return true;
}

static unsigned
running_for(const struct workers *w, const char *client_addr)
{
	unsigned n = 0;

	LIST_EACH(l, &w->running)
	if (strcmp(LIST_OF(l, struct job, in)->client_addr, client_addr) == 0)
		n++;
	return n;
}

/* The first whose address has not its share yet; else the first. */
static struct job *
choose(struct workers *w)
{
	unsigned share = (unsigned)(w->conf->auth_worker_limit + 1) / 2;

	LIST_EACH(l, &w->waiting)
	{
		struct job *j = LIST_OF(l, struct job, in);

		if (running_for(w, j->client_addr) < share)
			return j;
	}
	return LIST_OF(w->waiting.next, struct job, in);
}

static void
jobs_start(struct workers *w)
{
	while (!list_empty(&w->waiting) &&
	    w->running_count < (unsigned)w->conf->auth_worker_limit)
		if (!job_start(choose(w)))
			break; /* the next end of a job tries again */
}

struct workers *
workers_new(const struct auth_conf *conf)
{
	struct workers *w = mem_new(sizeof(*w));

	w->conf = conf;
	list_init(&w->waiting);
	list_init(&w->running);
	return w;
}

bool
workers_ask(
    struct workers *w, const struct attempt *a, attempt_fn *fn, void *arg)
{
	struct job *j;

	if (w->waiting_count >= WAITING_MAX ||
	    span_find(a->user, '\0') < a->user.n || a->user.n == 0)
		return false;
	j = mem_new(sizeof(*j));
	j->workers = w;
	j->service = mem_span(a->service);
	j->user = mem_span(a->user);
	j->client_addr = mem_span(a->client_addr);
	if (a->password.p != NULL)
		j->password = secret_new(a->password);
	j->fn = fn;
	j->arg = arg;
	list_add_tail(&w->waiting, &j->in);
	w->waiting_count++;
	jobs_start(w);
	return true;
}

unsigned
workers_pending(const struct workers *w)
{
	return w->waiting_count + w->running_count;
}
