/* program.h - run a user's program: text in, text out, within limits */

#ifndef RULES_PROGRAM_H
#define RULES_PROGRAM_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct buf;
struct pieces;

/* What a program of a user may use; 0: no limit but the one in force. */
struct program_limits {
	uint64_t cpu_s, memory, file_size, processes, files;
};

struct program {
	const char *caller; /* who says that it cannot be run */
	/* Looked for in the PATH of env when it has no slash. */
	char *const *argv;
	char *const *env;
	const struct pieces *input; /* NULL: none */
	struct buf *output; /* appended to; NULL: it goes to output_fd */
	size_t output_max; /* what is more ends the program, */
	bool output_spills; /* or is read and dropped */
	int output_fd; /* -1: nowhere */
	int error_fd; /* -1: nowhere */
	bool error_to_output; /* standard error goes where output goes */
	/* Wait for its end: it gets a process group of its own, which is
	 * ended at the time limit. Without, only the input is written. */
	bool wait;
	int64_t limit_ms;
	const struct program_limits *limits;
	bool asks; /* for callers: it decides what comes, no mail ends in it */
	const volatile sig_atomic_t *stop; /* not 0: end it now; may be NULL */

	/* filled by program_run() */
	int status; /* exit code; minus the signal's number */
	bool not_started; /* errno says why */
	bool write_failed; /* it did not read all, and more than a pipe holds */
	bool left_unread; /* it was waited for, and did not read all */
	bool timed_out, output_cut;
	pid_t pid; /* when it was not waited for */
};

enum {
	PROGRAM_NOT_FOUND = 127, /* exit codes when argv[0] cannot be run */
	PROGRAM_NOT_RUN = 126
};

/* SIGPIPE must be ignored in this process. A file that no kernel understands
 * is given to /bin/sh. */
void program_run(struct program *p);

/* Reap, without blocking, those that were not waited for. Are some left? */
bool program_reap(void);

#endif
