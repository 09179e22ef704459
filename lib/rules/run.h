/* run.h - a run from the inside: for the files of the agent only */

#ifndef RULES_RUN_H
#define RULES_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"
#include "rules/agent.h"
#include "rules/expand.h"
#include "rules/rc.h"

struct regex;

/* Variables that are numbers; a word that is none leaves what was. */
enum number {
	NUMBER_VERBOSE,
	NUMBER_LOGABSTRACT, /* -1: as LOGFILE and VERBOSE want it */
	NUMBER_LINEBUF,
	NUMBER_LOCKSLEEP,
	NUMBER_LOCKTIMEOUT,
	NUMBER_SUSPEND,
	NUMBER_NORESRETRY,
	NUMBER_TIMEOUT,
	NUMBER_MAILDIRDETECT,
	NUMBERS
};

enum {
	FILES_MAX = 1000, /* rc files opened in a run */
	LINE_MAX_BYTES = 1 << 20, /* of an expanded line, LINEBUF unset */
	SMALL_OUTPUT_MAX = 1 << 20 /* of backticks and captures */
};

struct lock_file {
	int dir; /* the working directory at the time; -1: not held */
	char *name;
};

struct block {
	bool last, previous;
};

/* An rc file being run. */
struct frame {
	const struct rc *rc; /* the cache's */
	char *name;
	size_t at;
	struct block *blocks;
	size_t depth, room;
	size_t skip; /* blocks open that are only passed over */
};

struct agent {
	struct agent_start s;
	struct agent_ops ops; /* none is NULL */
	struct agent_cache *cache;
	bool own_cache;
	struct letter *letter;
	struct vars *vars;
	size_t shifted; /* arguments taken away by SHIFT */
	int log_fd;
	bool has_logfile, host_ends;
	long numbers[NUMBERS];
	unsigned umask;
	int64_t until; /* when the run's time is over */
	size_t processes_left;
	bool late; /* it was said that the time is over */
	bool entered; /* MAILDIR, as the working directory */
	int status; /* $? */
	double score; /* $= */
	struct buf folder; /* LASTFOLDER */
	uint64_t bytes; /* of the last text written anywhere */
	bool last, previous; /* conditions of recipes held: for A, and E */
	bool succeeded; /* the last action */
	bool delivered, clone, privileged;
	bool exit_set; /* EXITCODE was assigned, or unset */
	bool code_is_users; /* the exit code is what EXITCODE or TRAP say */
	struct lock_file global, local;
	struct frame *frames;
	size_t frame_count, frame_room, files;
	char answer[32]; /* of $$ and its like */
	int64_t stamped; /* second of the last VERBOSE stamp */
	pid_t pid;
	char *cwd; /* absolute, or NULL */
};

/* ---- run_log.c */

void run_say_name(struct agent *a, const char *what, struct span name);
void run_verbose(struct agent *a, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void run_verbose_name(struct agent *a, const char *what, struct span name);
bool run_is_verbose(const struct agent *a);
/* The log's descriptor, for who writes there himself. */
int run_log_fd(struct agent *a);
/* Bytes to the log as they are. */
void run_log(struct agent *a, struct span bytes);
void run_log_open(struct agent *a, const char *path);
/* The abstract of a delivery; folder instead of LASTFOLDER unless NULL. */
void run_abstract(struct agent *a, const char *folder);

/* ---- agent.c */

/* Tell of a step in the rc file that is run now. */
void run_event(struct agent *a, struct agent_event e);

/* ---- run_bounds.c */

void run_bounds_set(struct agent *a, const struct agent_bounds *given);
/* The time is over; said the first time. */
bool run_late(struct agent *a);
int64_t run_time_left_ms(const struct agent *a);
/* May one process more be made? Said if not. */
bool run_may_start(struct agent *a);
/* Its copy gets some of the processes that are left. */
void run_bounds_clone(struct agent *a, bool copy);
/* Is there room for that value? If not it is said, and PROCMAIL_OVERFLOW set.
 */
bool run_value_fits(struct agent *a, struct span name, struct span value);

/* ---- run_vars.c */

/* Assign, with all that the variable's name stands for. */
void run_set(struct agent *a, struct span name, struct span value);
void run_unset(struct agent *a, struct span name);
/* The same as run_set() without a word in the log. */
void run_set_untold(struct agent *a, struct span name, struct span value);
/* As set, for our own: LASTFOLDER, MATCH. */
void run_set_quietly(struct agent *a, const char *name, struct span value);
void run_set_folder(struct agent *a, struct span folder);
void run_set_maildir(struct agent *a, const char *dir);
/* Expand into *out. False, and said, when it is longer than LINEBUF. */
bool run_expand(struct agent *a, struct span text, enum expand_mode mode,
    struct words *out);
/* The same for what is to be name's value. */
bool run_value(struct agent *a, struct span name, struct span text,
    enum expand_mode mode, struct words *out);
/* The same for a text that is only passed over: nothing has a value. */
bool run_expand_passing(struct agent *a, struct span text,
    enum expand_mode mode, struct words *out);
/* Say what is wrong with such a text. */
void run_say_odd(struct agent *a, struct span text, enum expand_mode mode);
/* Does a line of that many bytes fit in LINEBUF? Said if not. */
bool run_line_fits(struct agent *a, size_t size);
void run_preset(struct agent *a);
long run_number(const struct agent *a, enum number which);

/* ---- run_program.c */

struct run_command {
	struct words words; /* to be executed; or, shell: the raw line */
	bool shell;
};

/* text into a command, SHELLMETAS heeded. */
void
run_command_make(struct agent *a, struct span text, struct run_command *out);
void run_command_free(struct run_command *c);
/* The name it has in messages, and as LASTFOLDER. */
struct span run_command_name(const struct run_command *c);
void run_command_folder(const struct run_command *c, struct buf *out);
/* Is it no command at all? */
bool run_command_is_empty(const struct run_command *c);
/* Execute: fills argv, env, limits of *p from the command and the run. */
void
run_command(struct agent *a, const struct run_command *c, struct program *p);
/* Backticks: output without the newlines at its end. */
void run_backtick(void *agent, struct span text, size_t room, struct buf *out);
/* The exit code of all: code, EXITCODE's, or TRAP's, which is run. */
int run_trap(struct agent *a, int code);

/* ---- run_lock.c */

/* Take the lock file; said what went wrong. */
bool run_lock(struct agent *a, struct lock_file *l, struct span name);
void run_unlock(struct agent *a, struct lock_file *l);

/* ---- run_condition.c */

/* All conditions of a recipe; sets $= and MATCH. Not met: its flags ask for
 * what is not so, and nothing is looked at. */
bool run_conditions(
    struct agent *a, const struct rc_recipe *r, unsigned flags, bool met);

/* ---- run_action.c */

/* Do what a recipe says (no block). True: the message has found its place. */
bool
run_action(struct agent *a, const struct rc_recipe *r, const struct rc_head *h);
/* What is said of an action that is not done. */
void run_action_passing(struct agent *a, const struct rc_recipe *r);
/* Take the lock that the head names, if it does; for a block in a clone. */
void run_block_lock(struct agent *a, const struct rc_head *h);
/* A folder outside any recipe. lock: with a lock file, the local one, which the
 * caller gives up. */
bool run_deposit_in(struct agent *a, struct span folder, bool lock);

/* ---- agent_cache.c */

/* An rc file; NULL with errno when it cannot be read. */
const struct rc *cache_rc_of(struct agent *a, const char *path);
/* Make room; only while no run uses it. */
void cache_trim(struct agent_cache *c);
/* NULL: said why. */
struct regex *
cache_regex(struct agent *a, struct span pattern, bool fold, bool plain);

#endif
