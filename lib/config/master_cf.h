/* master_cf.h - master.cf: the services, one row each */

#ifndef CONFIG_MASTER_CF_H
#define CONFIG_MASTER_CF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct main_cf;
struct notes;
struct why;

enum master_type {
	MASTER_INET,
	MASTER_UNIX,
	MASTER_FIFO,
	MASTER_PASS,
	MASTER_UNIX_DGRAM
};

/* The eight columns. */
enum {
	MASTER_SERVICE,
	MASTER_TYPE,
	MASTER_PRIVATE,
	MASTER_UNPRIVILEGED,
	MASTER_CHROOT,
	MASTER_WAKEUP,
	MASTER_MAXPROC,
	MASTER_COMMAND,
	MASTER_COLUMNS
};

struct master_option {
	const char *name, *value;
};

struct master_row {
	const char *column[MASTER_COLUMNS]; /* as written, without arguments */
	unsigned line; /* where it begins */
	enum master_type type;
	const char *host; /* inet: before the port, without []; or NULL */
	int port; /* inet, 1..65535 */
	bool private_socket; /* - is yes */
	bool unprivileged; /* - is yes */
	bool chroot; /* - is no */
	int wakeup; /* seconds; - is 0, never */
	bool wakeup_if_used; /* written 60? */
	int maxproc; /* 0: default_process_limit; -1, written -: by program */
	/* All words behind the command, {braces} taken off; and of these each
	 * -o name=value and -v that stand before the first other word. */
	const char *const *args;
	size_t n_args;
	const struct master_option *options;
	size_t n_options;
	int verbose;
};

struct master_cf;

/* Read FOLDER/master.cf. NULL on trouble: why says file, line and remedy.
 * Limits: 1 MiB. */
struct master_cf *master_cf_load(const char *folder, struct why *why);
/* The same from text; name is for messages. */
struct master_cf *
master_cf_parse(struct span text, const char *name, struct why *why);
void master_cf_free(struct master_cf **m);
/* The rows in the file's order; a service and type given twice has its later
 * row only, with a note. They live as long as m. */
const struct master_row *master_cf_rows(const struct master_cf *m, size_t *n);
const struct master_row *master_cf_find(
    const struct master_cf *m, const char *service, enum master_type type);
const struct notes *master_cf_notes(const struct master_cf *m);

/* The program that the row starts: the command, but for lmtp, a second name of
 * smtp as in Postfix. */
const char *master_row_program(const struct master_row *row);

/* main.cf of that folder as the row's program reads it: with the row's options,
 * and the names that a service has for itself. optional is of main_cf_load().
 * NULL: why. */
struct main_cf *master_row_main_cf(const struct master_row *row,
    const char *folder, bool optional, struct why *why);

/* True for the name of a service or a daemon of Postfix whose work Facteur
 * does elsewhere: such a row starts nothing. */
bool master_cf_folded(const char *name);
/* True when the row is one of those, by its service (not inet) or command. */
bool master_row_folded(const struct master_row *row);
/* "smtp", "10025", ... as a port; -1 when nobody knows it. */
int master_port(struct span name);
const char *master_type_name(enum master_type type);
bool master_type_find(struct span name, enum master_type *type);

#endif
