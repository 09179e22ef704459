/* postconf.h - the parts of postconf(1) */

#ifndef TOOLS_POSTCONF_H
#define TOOLS_POSTCONF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/why.h"
#include "config/edit.h"
#include "config/print.h"

struct findings;
struct master_cf;
struct master_row;
struct notes;

enum class { OF_BUILTIN = 1, OF_SERVICE = 2, OF_USER = 4 };

/* What the command line asks for. */
struct request {
	const char *folder;
	bool defaults, set_only, expand; /* -d -n -x */
	bool master, fields, options; /* -M -F -P */
	int list; /* -m -l -a -A -T, or 0 */
	const char *list_of; /* -T */
	int texts; /* -b -t, or 0 */
	unsigned classes; /* -C, of enum class; 0: all */
	bool edit; /* -e -# -X */
	enum edit_how how;
	struct print_style style;
	const char **overrides; /* -o name=value */
	int n_overrides;
	char **names;
	int n_names;
};

/* "postconf: fatal: ", the text, exit 1. */
void
fatal(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));
void fatal_why(struct why *why) __attribute__((noreturn));
/* "postconf: warning: ", the text. */
void warn_user(const char *format, ...) __attribute__((format(printf, 1, 2)));
void warn_notes(const struct notes *notes);

/* show.c: main.cf */
void show_main(const struct request *r);
/* texts.c: -b and -t */
void show_texts(const struct request *r);
/* show_master.c: rows, columns, -o parameters */
void show_master(const struct request *r);
/* What stands in master.cf makes names used; and options -o whose names, or the
 * names in whose values, nobody knows. */
void learn_options(const struct master_cf *m, struct findings *f);
void warn_options(
    const struct request *r, const struct master_cf *m, struct findings *f);

/* A pattern SERVICE[/TYPE[/NAME]], * for any. */
struct pattern {
	struct span service, type, name; /* type, name: n 0 when not given */
};
struct pattern pattern_parse(struct span text);
bool pattern_takes(struct span part, const char *name);
bool pattern_takes_row(const struct pattern *p, const struct master_row *row);

/* Names of the columns, as -F has them. */
extern const char *const column_names[];

/* change.c */
void change_main(const struct request *r);
void change_master(const struct request *r);

/* Read FOLDER/master.cf or end. */
struct master_cf *master_read(const struct request *r);

#endif
