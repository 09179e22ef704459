/*
 * feed.c - give messages to standard output or to the program of -s
 *
 * The program gets one message each time, and its number in FILENO. With -n
 * several run at a time.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/number.h"
#include "os/file.h"
#include "rules/letter.h"
#include "rules/program.h"
#include "tools/formail/formail.h"

#define NO_LIMIT_MS (INT64_MAX / 2)

enum { WIDTH_MAX = 40 };

extern char **environ;

/* As many digits as it came with. */
void
feed_count(struct feed *d)
{
	const char *given = getenv("FILENO");
	char text[64];

	if (!d->begun && given != NULL) {
		d->off =
		    !number_parse(span_str(given), 0, UINT32_MAX, &d->next);
		d->width = (int)strlen(given);
	} else if (d->begun) {
		d->next++;
	}
	d->begun = true;
	if (d->off)
		return;
	(void)snprintf(text, sizeof(text), "%0*llu",
	    d->width > WIDTH_MAX ? WIDTH_MAX : d->width,
	    (unsigned long long)d->next);
	(void)setenv("FILENO", text, 1);
}

static void
note_code(struct feed *d, int status)
{
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : FORMAIL_KILLED;

	if (d->code == 0)
		d->code = code;
}

static void
reap_one(struct feed *d)
{
	int status;
	pid_t pid;

	while ((pid = wait(&status)) == -1 && errno == EINTR)
		;
	if (pid == -1) {
		d->running = 0;
		return;
	}
	d->running--;
	note_code(d, status);
}

static void
run(const struct formail *f, struct feed *d, struct span out)
{
	struct pieces input = { 0 };
	struct program p = { .caller = "formail",
		.argv = f->command,
		.env = environ,
		.input = &input,
		.output_fd = STDOUT_FILENO,
		.error_fd = STDERR_FILENO,
		.limit_ms = NO_LIMIT_MS };

	while (d->running >= f->parallel)
		reap_one(d);
	pieces_add(&input, out);
	program_run(&p);
	if (p.not_started)
		fprintf(stderr, "formail: \"%s\": %s\n", f->command[0],
		    strerror(errno));
	if (p.pid > 0)
		d->running++;
	else if (d->code == 0)
		d->code = PROGRAM_NOT_FOUND;
	pieces_free(&input);
}

bool
feed_give(const struct formail *f, struct feed *d, struct span out)
{
	if (f->command == NULL)
		return file_write(STDOUT_FILENO, out) == 0;
	run(f, d, out);
	return true;
}

int
feed_end(struct feed *d)
{
	while (d->running > 0)
		reap_one(d);
	return d->code;
}
