/* agent.h - one message through procmail's rc files
 *
 * The same for the program procmail and for deliver's children. A run is made,
 * given assignments and rc files, and ended; what it does to the world goes
 * through struct agent_ops, so that a caller can have its own way of it.
 */

#ifndef RULES_AGENT_H
#define RULES_AGENT_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/span.h"

struct agent;
struct agent_cache;
struct buf;
struct deposit;
struct letter;
struct program;
struct program_limits;
struct vars;

/* What a run tells of itself, step by step. */
struct agent_event {
	enum {
		AGENT_ASSIGNED, /* text: NAME=value */
		AGENT_CONDITION, /* text: as it stands in the file */
		AGENT_PASSED, /* a recipe whose flags are not fulfilled */
		AGENT_MATCHED, /* a recipe: all its conditions hold */
		AGENT_UNMATCHED
	} what;
	const char *file;
	int line;
	struct span text;
	bool holds;
	bool weighed; /* then sum is the score so far */
	double sum;
};

/* The actions of rules. NULL members: as agent_usual does it. */
struct agent_ops {
	/* Put the letter into a folder: deposit(). */
	bool (*deposit)(void *ctx, struct deposit *d);
	/* Is folder the account's box in the mail spool, for which the agent
	 * takes no lock file since deposit does all? Usual: no. */
	bool (*is_spool)(void *ctx, struct span folder);
	/* Run a program: program_run(). */
	void (*program)(void *ctx, struct program *p);
	/* '|' alone: standard output. */
	int (*output)(void *ctx, struct span bytes);
	/* A copy of this process that goes on alone: fork(). */
	pid_t (*clone)(void *ctx);
	/* DROPPRIVS=yes, or the user's own rc file is next: become the user.
	 * -1: could not. Usual: nothing to give up. */
	int (*drop)(void *ctx);
	/* DELIVERED=yes. Usual: nothing. */
	void (*delivered)(void *ctx);
	/* Something was done. Usual: nothing. */
	void (*event)(void *ctx, const struct agent_event *e);
	/* Read an rc file; errno EPERM: nobody may trust it. Usual: it is read
	 * again only when it changed. */
	int (*read_rc)(void *ctx, const char *path, struct buf *out);
	/* Something is to be said, and start's log_fd is -1: make the log, or
	 * -1. Usual: there is none. */
	int (*open_log)(void *ctx);
};

/* What a run may come to, whatever its rc files say; 0: as agent_new() has it.
 * Beyond a limit the log says so, and the message goes on by the rules: what
 * did not fit was not done, and at the end of its time comes DEFAULT. */
struct agent_bounds {
	int64_t time_s; /* of the rules and their programs: an hour */
	size_t variables; /* bytes of all of them: 1 MiB */
	size_t processes; /* programs, and copies for blocks: 1000 */
	size_t nesting; /* rc files open at a time: 64 */
};

struct agent_start {
	const struct agent_ops *ops; /* may be NULL */
	void *ctx; /* theirs */
	struct agent_cache *cache; /* may be NULL */
	const char *name; /* the front of messages: "procmail" */
	const char *program; /* $0; NULL: the same */
	struct letter *letter; /* the run's from now on */
	struct vars *vars; /* preset; the run's from now on */
	const char *const *args; /* $1 ...; they outlive the run */
	size_t arg_count;
	int log_fd; /* before LOGFILE is set; the caller's; -1: open_log() */
	const char *cwd; /* the working directory, absolute; NULL: some */
	bool requeue; /* what cannot be delivered is 75, not 73 */
	const struct program_limits *limits; /* of programs, may be NULL */
	struct agent_bounds bounds;
	bool dry; /* write no log file, make no lock file */
	size_t output_max; /* bytes a filter may write; 0: 256 MiB */
	/* Not 0 once the run is to end; set by a signal handler. May be NULL.
	 */
	const volatile sig_atomic_t *stop;
};

/* rc files parsed and regexes compiled, kept from one message of a user to the
 * next; a file is read again when it changed. */
struct agent_cache *agent_cache_new(void);
void agent_cache_free(struct agent_cache **c);

/* The caller has set a umask of 077; agent_free() gives it back. */
struct agent *agent_new(const struct agent_start *start);
void agent_free(struct agent **a);

/* "NAME=value" of a command line, expanded; false when it is none. */
bool agent_assign(struct agent *a, struct span text);
struct vars *agent_vars(struct agent *a);

enum agent_end {
	AGENT_FELL_OFF, /* the file ended without a delivery */
	AGENT_DELIVERED,
	AGENT_GIVEN_UP, /* by HOST */
	AGENT_STOPPED, /* by a signal */
	AGENT_NO_FILE /* it could not be read; said so unless quiet */
};
/* chdir(), unless we are there: a directory that was moved meanwhile, in the
 * middle of a message, stays the one in use. */
int agent_enter(struct agent *a, const char *dir);
/* Run a file. quiet: say nothing when it is not there. With the first file that
 * can be read the working directory becomes MAILDIR: one that was assigned,
 * else home, or where we are if that is "."; NULL: it stays as it is. */
enum agent_end
agent_rc(struct agent *a, const char *path, const char *home, bool quiet);
/* Deliver to DEFAULT, or to ORGMAIL. */
bool agent_default(struct agent *a);

/* The end: abstract, TRAP, locks given back. code is 0 for a message that found
 * its place (or was dropped). Returns the exit code, EXITCODE heeded. */
int agent_finish(struct agent *a, int code);
/* True when EXITCODE was set by the user to what agent_finish() returned. */
bool agent_code_is_users(const struct agent *a);
/* LASTFOLDER, for a log line. */
struct span agent_folder(const struct agent *a);
/* Were programs begun, or copies of this process? */
bool agent_began(const struct agent *a);
/* Is this the working directory? False where that is not known. */
bool agent_is_in(const struct agent *a, const char *dir);
/* This process is a clone made by a recipe: it must end with _exit(). */
bool agent_is_clone(const struct agent *a);

/* "procmail: text" to the run's log. */
void agent_say(struct agent *a, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
