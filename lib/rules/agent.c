/*
 * agent.c - one message through procmail's rc files
 *
 * rc files that are open lie on a stack of our own; the statement on top is the
 * next. A block that does not run is walked over, so that what is wrong inside
 * is said all the same.
 */

#include "rules/agent.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "os/file.h"
#include "rules/deposit.h"
#include "rules/letter.h"
#include "rules/program.h"
#include "rules/run.h"
#include "rules/run_files.h"
#include "rules/vars.h"

enum { EXIT_LOST = 73, EXIT_LATER = 75, UMASK = 077 };

void
run_event(struct agent *a, struct agent_event e)
{
	e.file = a->frame_count == 0 ? "" : a->frames[a->frame_count - 1].name;
	a->ops.event(a->s.ctx, &e);
}

/* ---- recipes */

static void
say_word(void *ctx, const char *what)
{
	agent_say(ctx, "%s", what);
}

/* What the flags ask of recipes before. */
static bool
demands_met(const struct agent *a, unsigned flags)
{
	if ((flags & (RC_ALSO | RC_AND)) && !a->last)
		return false;
	if ((flags & RC_AND) && !a->succeeded)
		return false;
	if ((flags & RC_ELSE) && a->previous)
		return false;
	return !(flags & RC_ERROR) || (a->previous && !a->succeeded);
}

static void
remember(struct agent *a, unsigned flags, bool matched)
{
	if (!(flags & (RC_ALSO | RC_AND)))
		a->last = matched;
	if (!(flags & RC_ELSE) || !a->previous)
		a->previous = matched;
}

/* A head with variables in it is read now. False: it is too long. */
static bool
read_head(struct agent *a, const struct rc_recipe *r, bool passing,
    struct words *words, struct rc_head *out)
{
	struct buf skipped = BUF_EMPTY;
	bool fits;

	*out = r->head;
	if (!r->dynamic)
		return run_line_fits(a, r->head_text.n);
	fits = passing
	    ? run_expand_passing(a, r->head_text, EXPAND_WORDS, words)
	    : run_expand(a, r->head_text, EXPAND_WORDS, words);
	if (!fits)
		return false;
	rc_head_parse(buf_span(&words->bytes), out, &skipped);
	if (skipped.n > 0)
		run_say_name(a, "Skipped", buf_span(&skipped));
	buf_free(&skipped);
	return true;
}

static void
enter_block(struct agent *a, struct frame *f)
{
	if (f->depth == f->room) {
		f->room = f->room == 0 ? 8 : f->room * 2;
		f->blocks = mem_resize(f->blocks, f->room, sizeof(*f->blocks));
	}
	f->blocks[f->depth++] =
	    (struct block){ .last = a->last, .previous = a->previous };
}

static void
leave_block(struct agent *a, struct frame *f)
{
	f->depth--;
	a->last = f->blocks[f->depth].last;
	a->previous = f->blocks[f->depth].previous;
}

static int
wait_for(pid_t pid)
{
	int status;
	pid_t got;

	do
		got = waitpid(pid, &status, 0);
	while (got == -1 && errno == EINTR);
	return got == pid && WIFEXITED(status) ? WEXITSTATUS(status)
					       : EXIT_LATER;
}

static bool
clone_done(struct agent *a, const struct rc_head *h, int code)
{
	if (code != 0 && (h->flags & RC_WAIT))
		agent_say(a, "Program failure (%d) of \"%s\"", code, a->s.name);
	return code == 0;
}

/* The locks are the parent's. */
static void
become_clone(struct agent *a)
{
	a->clone = true;
	if (a->local.dir >= 0)
		file_close(&a->local.dir);
	if (a->global.dir >= 0)
		file_close(&a->global.dir);
	mem_free(&a->local.name);
	mem_free(&a->global.name);
}

/* The block runs in a copy of the process; we pass over it. */
static void
clone_block(struct agent *a, const struct rc_head *h)
{
	struct frame *f = &a->frames[a->frame_count - 1];
	bool wait = (h->flags & (RC_WAIT | RC_WAIT_QUIET | RC_LOCK)) != 0;
	pid_t pid;

	if (!run_may_start(a)) {
		f->skip++;
		a->succeeded = false;
		return;
	}
	run_block_lock(a, h);
	run_verbose_name(a, "Forking", span_str(a->s.name));
	pid = a->ops.clone(a->s.ctx);
	run_bounds_clone(a, pid == 0);
	if (pid == 0) {
		become_clone(a);
		a->succeeded = true;
		enter_block(a, f);
		return;
	}
	f->skip++;
	a->succeeded = pid != -1;
	if (pid == -1)
		agent_say(a, "Couldn't fork: %s", strerror(errno));
	else if (wait)
		a->succeeded = clone_done(a, h, a->status = wait_for(pid));
	run_unlock(a, &a->local);
}

static void
matched_recipe(
    struct agent *a, const struct rc_recipe *r, const struct rc_head *h)
{
	struct frame *f = &a->frames[a->frame_count - 1];

	if (r->action != RC_BLOCK) {
		a->delivered = run_action(a, r, h);
	} else if (h->flags & RC_COPY) {
		clone_block(a, h);
	} else {
		a->succeeded = true;
		enter_block(a, f);
	}
}

static void
tell_result(struct agent *a, int line, bool met, bool matched)
{
	run_event(a,
	    (struct agent_event){ .what = matched ? AGENT_MATCHED
		    : met                         ? AGENT_UNMATCHED
						  : AGENT_PASSED,
		.line = line,
		.sum = a->score });
}

/* One without an action has none to do, but its conditions were looked at. */
static bool
is_whole(struct agent *a, const struct rc_recipe *r)
{
	if (r->action == RC_INCOMPLETE)
		agent_say(a, "Incomplete recipe");
	return r->action != RC_MISSING && r->action != RC_INCOMPLETE;
}

static void
look_at_recipe(
    struct agent *a, const struct rc_recipe *r, struct rc_head *h, int line)
{
	struct frame *f = &a->frames[a->frame_count - 1];
	bool met, matched;

	rc_head_conflicts(h, say_word, a);
	if ((h->flags & RC_HEAD) || !(h->flags & RC_BODY))
		letter_show_joined(a->letter, true);
	met = demands_met(a, h->flags);
	matched = run_conditions(a, r, h->flags, met);
	if (r->action == RC_MISSING) {
		agent_say(a, "Missing action");
		matched = false;
	}
	tell_result(a, line, met, matched);
	remember(a, h->flags, matched);
	if (matched)
		letter_show_joined(a->letter, false);
	if (!is_whole(a, r))
		return;
	rc_head_extraneous(h, r->action, say_word, a);
	if (matched)
		matched_recipe(a, r, h);
	else if (r->action == RC_BLOCK)
		f->skip++;
	else
		run_action_passing(a, r);
}

static void
end_file(struct agent *a)
{
	if (a->frames[a->frame_count - 1].depth > 0)
		agent_say(a, "Missing closing brace");
	files_pop_to(a, a->frame_count - 1);
}

/* Inside a block that does not run: only what is wrong is of interest. */
static void
pass_recipe(struct agent *a, const struct rc_recipe *r, struct rc_head *h)
{
	rc_head_conflicts(h, say_word, a);
	(void)run_conditions(a, r, h->flags, false);
	if (r->action == RC_MISSING)
		agent_say(a, "Missing action");
	if (!is_whole(a, r))
		return;
	rc_head_extraneous(h, r->action, say_word, a);
	run_action_passing(a, r);
	a->frames[a->frame_count - 1].skip += r->action == RC_BLOCK;
}

static void
run_recipe(struct agent *a, const struct rc_statement *s, bool passing)
{
	struct words words = { .count = 0 };
	struct rc_head h;

	if (!read_head(a, s->recipe, passing, &words, &h))
		end_file(a); /* no telling what belongs to what */
	else if (passing)
		pass_recipe(a, s->recipe, &h);
	else
		look_at_recipe(a, s->recipe, &h, s->line);
	words_free(&words);
}

/* ---- statements */

static void
run_assignment(struct agent *a, const struct rc_statement *s)
{
	struct words value = { .count = 0 };
	struct buf told = BUF_EMPTY;

	if (s->unset)
		run_unset(a, s->name);
	else if (run_value(a, s->name, s->text, EXPAND_VALUE, &value))
		run_set(a, s->name, word_at(&value, 0));
	buf_printf(&told, "%.*s%s%.*s", (int)s->name.n, s->name.p,
	    s->unset ? "" : "=", (int)word_at(&value, 0).n,
	    word_at(&value, 0).p);
	run_event(a,
	    (struct agent_event){ .what = AGENT_ASSIGNED,
		.line = s->line,
		.text = buf_span(&told) });
	buf_free(&told);
	words_free(&value);
}

static void
run_statement(struct agent *a, struct frame *f, const struct rc_statement *s)
{
	bool passing = f->skip > 0;

	switch (s->kind) {
	case RC_NOTE:
		agent_say(a, "%.*s", (int)s->text.n, s->text.p);
		break;
	case RC_ASSIGN:
		if (!passing)
			run_assignment(a, s);
		else if (s->odd)
			run_say_odd(a, s->text, EXPAND_VALUE);
		break;
	case RC_RECIPE:
		run_recipe(a, s, passing);
		break;
	case RC_END:
		if (passing)
			f->skip--;
		else if (f->depth > 0)
			leave_block(a, f);
		else
			agent_say(a, "Closing brace unexpected");
		break;
	}
}

/* ---- files */

/* As $_ shows it. */
static char *
full_name(struct agent *a, const char *path)
{
	const char *dir = vars_text(a->vars, "MAILDIR");

	if (path[0] == '/' || path[0] == '.' || strcmp(dir, ".") == 0)
		return mem_str(path);
	return mem_printf("%s/%s", dir, path);
}

bool
files_push(struct agent *a, const char *path)
{
	const struct rc *rc;
	struct frame *f;

	if (a->frame_count >= a->s.bounds.nesting || a->files >= FILES_MAX) {
		errno = ELOOP;
		return false;
	}
	rc = cache_rc_of(a, path);
	if (rc == NULL)
		return false;
	if (a->frame_count == a->frame_room) {
		a->frame_room = a->frame_room == 0 ? 4 : a->frame_room * 2;
		a->frames =
		    mem_resize(a->frames, a->frame_room, sizeof(*a->frames));
	}
	f = &a->frames[a->frame_count++];
	*f = (struct frame){ .rc = rc, .name = full_name(a, path) };
	a->files++;
	return true;
}

void
files_pop_to(struct agent *a, size_t number)
{
	while (a->frame_count > number) {
		struct frame *f = &a->frames[--a->frame_count];

		free(f->name);
		free(f->blocks);
	}
}

/* quiet: nothing is to be said of a file that is not there. */
static bool
push_or_say(struct agent *a, const char *path, bool quiet)
{
	if (files_push(a, path))
		return true;
	if (quiet && (errno == ENOENT || errno == ENOTDIR))
		return false;
	if (errno == EPERM)
		run_say_name(a, "Suspicious rcfile", span_str(path));
	if (errno == ELOOP)
		agent_say(a, "Too many rcfiles: %zu open, %zu in all",
		    a->frame_count, a->files);
	run_say_name(a, "Couldn't read", span_str(path));
	return false;
}

void
files_include(struct agent *a, const char *path)
{
	if (a->frame_count > 0 && *path != '\0' &&
	    strcmp(path, "/dev/null") != 0)
		(void)push_or_say(a, path, false);
}

void
files_switch(struct agent *a, const char *path)
{
	size_t here = a->frame_count;

	if (here == 0)
		return;
	if (*path == '\0' || strcmp(path, "/dev/null") == 0) {
		files_pop_to(a, here - 1);
	} else if (push_or_say(a, path, false)) {
		struct frame fresh = a->frames[here];

		a->frame_count = here;
		files_pop_to(a, here - 1);
		a->frames[a->frame_count++] = fresh;
	}
}

static bool
stopped(const struct agent *a)
{
	return a->s.stop != NULL && *a->s.stop != 0;
}

void
files_run(struct agent *a, size_t number)
{
	while (a->frame_count > number && !a->delivered && !a->host_ends &&
	    !stopped(a) && !run_late(a)) {
		struct frame *f = &a->frames[a->frame_count - 1];

		if (f->at < rc_count(f->rc))
			run_statement(a, f, rc_at(f->rc, f->at++));
		else
			end_file(a);
	}
	files_pop_to(a, number);
}

bool
agent_is_in(const struct agent *a, const char *dir)
{
	return dir[0] == '/' && a->cwd != NULL && strcmp(a->cwd, dir) == 0;
}

int
agent_enter(struct agent *a, const char *dir)
{
	if (agent_is_in(a, dir))
		return 0;
	if (chdir(dir) == -1)
		return -1;
	free(a->cwd);
	a->cwd = dir[0] == '/' ? mem_str(dir) : NULL;
	return 0;
}

/* MAILDIR becomes the working directory with the first rc file. */
static void
enter_maildir(struct agent *a, const char *home)
{
	static const char *const here = ".";
	const char *dir = home;

	if (strcmp(dir, here) != 0 && agent_enter(a, dir) == -1) {
		run_say_name(a, "Couldn't chdir to", span_str(dir));
		dir = vars_text(a->vars, "HOME");
		if (agent_enter(a, dir) == -1) {
			run_say_name(a, "Couldn't chdir to", span_str(dir));
			dir = here;
		}
	}
	a->entered = true;
	run_set_maildir(a, dir);
}

enum agent_end
agent_rc(struct agent *a, const char *path, const char *home, bool quiet)
{
	size_t here = a->frame_count;
	bool stays = a->entered || home == NULL;

	if (!push_or_say(a, path, quiet))
		return AGENT_NO_FILE;
	/* what recipes of another file did counts for included ones only */
	a->last = a->previous = a->succeeded = false;
	if (!stays && strcmp(home, ".") == 0)
		enter_maildir(a, home);
	run_verbose_name(a, "Rcfile:", span_str(path));
	if (!stays && !a->entered)
		enter_maildir(a, home);
	files_run(a, here);
	if (a->delivered)
		return AGENT_DELIVERED;
	if (stopped(a))
		return AGENT_STOPPED;
	if (!a->host_ends)
		return AGENT_FELL_OFF;
	a->host_ends = false;
	return AGENT_GIVEN_UP;
}

/* ---- beginning and end */

static bool
usual_deposit(void *ctx, struct deposit *d)
{
	(void)ctx;
	return deposit(d);
}

static bool
usual_is_spool(void *ctx, struct span folder)
{
	(void)ctx;
	(void)folder;
	return false;
}

static void
usual_program(void *ctx, struct program *p)
{
	(void)ctx;
	program_run(p);
}

static pid_t
usual_clone(void *ctx)
{
	(void)ctx;
	return fork();
}

static int
usual_drop(void *ctx)
{
	(void)ctx;
	return 0;
}

static void
usual_delivered(void *ctx)
{
	(void)ctx;
}

static void
usual_event(void *ctx, const struct agent_event *e)
{
	(void)ctx;
	(void)e;
}

static int
usual_output(void *ctx, struct span bytes)
{
	(void)ctx;
	return file_write(STDOUT_FILENO, bytes);
}

static void
set_ops(struct agent *a, const struct agent_ops *given)
{
	static const struct agent_ops none = { .deposit = NULL };

	if (given == NULL)
		given = &none;
	a->ops = *given;
#define USUAL(member) \
	if (a->ops.member == NULL) \
	a->ops.member = usual_##member
	USUAL(deposit);
	USUAL(is_spool);
	USUAL(program);
	USUAL(clone);
	USUAL(drop);
	USUAL(delivered);
	USUAL(output);
	USUAL(event);
#undef USUAL
}

struct agent *
agent_new(const struct agent_start *start)
{
	struct agent *a = mem_new(sizeof(*a));

	a->s = *start;
	set_ops(a, start->ops);
	a->own_cache = start->cache == NULL;
	a->cache = a->own_cache ? agent_cache_new() : start->cache;
	cache_trim(a->cache);
	a->letter = start->letter;
	a->vars = start->vars;
	a->log_fd = start->log_fd;
	a->global.dir = a->local.dir = -1;
	run_bounds_set(a, &start->bounds);
	a->umask = UMASK; /* the caller's */
	if (start->cwd != NULL)
		a->cwd = mem_str(start->cwd);
	run_preset(a);
	return a;
}

void
agent_free(struct agent **agent)
{
	struct agent *a = *agent;

	if (a == NULL)
		return;
	files_pop_to(a, 0);
	free(a->frames);
	if (a->has_logfile)
		file_close(&a->log_fd);
	if (a->own_cache)
		agent_cache_free(&a->cache);
	letter_free(&a->letter);
	vars_free(&a->vars);
	buf_free(&a->folder);
	free(a->cwd);
	if (a->umask != UMASK)
		(void)umask(UMASK);
	mem_free(agent);
}

bool
agent_assign(struct agent *a, struct span text)
{
	size_t n = span_find(text, '=');
	struct span name = span_head(text, n);
	struct words value = { .count = 0 };

	if (n == text.n || !vars_is_name(name))
		return false;
	if (run_value(a, name, span_skip(text, n + 1), EXPAND_LINE, &value))
		run_set(a, name, word_at(&value, 0));
	words_free(&value);
	return true;
}

struct vars *
agent_vars(struct agent *a)
{
	return a->vars;
}

bool
agent_default(struct agent *a)
{
	static const char *const names[] = { "DEFAULT", "ORGMAIL" };
	char *tried = NULL, *folder;

	letter_show_joined(a->letter, false);

	for (size_t i = 0; i < 2 && !a->delivered; i++) {
		folder = mem_str(vars_text(a->vars, names[i]));
		if (*folder != '\0' &&
		    (tried == NULL || strcmp(tried, folder) != 0))
			a->delivered =
			    run_deposit_in(a, span_str(folder), i == 0);
		free(tried);
		tried = folder;
	}
	run_unlock(a, &a->local);
	free(tried);
	return a->delivered;
}

static bool
wants_abstract(const struct agent *a)
{
	long n = a->numbers[NUMBER_LOGABSTRACT];

	return n > 0 || (n < 0 && (a->has_logfile || run_is_verbose(a)));
}

bool
agent_began(const struct agent *a)
{
	return a->processes_left < a->s.bounds.processes;
}

int
agent_finish(struct agent *a, int code)
{
	if (wants_abstract(a))
		run_abstract(a,
		    code == 0                ? NULL
			: code == EXIT_LATER ? "**Requeued**"
			: code == EXIT_LOST  ? "**Bounced**"
					     : "**Lost**");
	code = run_trap(a, code);
	run_unlock(a, &a->local);
	run_unlock(a, &a->global);
	if (agent_began(a))
		(void)program_reap();
	return code;
}

bool
agent_code_is_users(const struct agent *a)
{
	return a->code_is_users;
}

struct span
agent_folder(const struct agent *a)
{
	return buf_span(&a->folder);
}

bool
agent_is_clone(const struct agent *a)
{
	return a->clone;
}
