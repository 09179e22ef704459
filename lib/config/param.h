/* param.h - main.cf: parameters, typed, one table for each program */

#ifndef CONFIG_PARAM_H
#define CONFIG_PARAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct arena;
struct buf;
struct notes;
struct why;

/* The field that a value of each type fills. */
enum param_type {
	PARAM_STR, /* const char *: after $name expansion, never NULL */
	PARAM_RAW, /* const char *: as written, $name left for later */
	PARAM_BOOL, /* bool: yes, no (and true, false, on, off) */
	PARAM_INT, /* int */
	PARAM_BYTES, /* uint64_t: octets; 0 usually means no limit */
	PARAM_TIME, /* int64_t: seconds; 10, 10s, 5m, 2h, 1d, 1w */
	PARAM_TIME_MS /* int64_t: milliseconds; 10ms too */
};

/* A row; a table ends with a row whose name is NULL. */
struct param {
	const char *name;
	enum param_type type;
	size_t where; /* offset of the field in the program's conf struct */
	const char *fallback; /* default, in main.cf's language; NULL in a
			       * program's own table: that of param_all */
	const char *help; /* one line for people */
	const char *unit; /* PARAM_TIME: unit of a bare number, NULL is s */
	int64_t min, max; /* bounds of a number; both 0: 0..INT_MAX or so */
	/* a program's own table: unit and bounds that are not there are those
	 * of param_all, as the default is */
};

/* main.cf as read: names and values in order, each with file and line. */
struct main_cf;

/* Read FOLDER/main.cf (a missing file gives defaults only when optional is
 * set). NULL on trouble, why says file, line and remedy. Limits: 1 MiB. In
 * /etc/facteur an absent file is looked for in Postfix's home; of that one,
 * parameters that say where Postfix itself lives are passed over. */
struct main_cf *
main_cf_load(const char *folder, bool optional, struct why *why);
/* The same under another root than /, for tests. */
struct main_cf *main_cf_load_under(
    const char *root, const char *folder, bool optional, struct why *why);
/* The same from text; name is for messages. Nothing of the machine is looked
 * at: it is called localhost.localdomain, and no file's name in myorigin is
 * followed. */
struct main_cf *
main_cf_parse(struct span text, const char *name, struct why *why);
/* The defaults of this machine: as FOLDER/main.cf, were it empty. */
struct main_cf *main_cf_empty(const char *folder);
void main_cf_free(struct main_cf **m);
/* Override, as -o name=value and {name = value} do. Strings given out before
 * stay good. */
void main_cf_set(struct main_cf *m, const char *name, const char *value);
/* NULL when it was made from text. */
const char *main_cf_folder(const struct main_cf *m);
/* The file that was read (or would have been), for messages. */
const char *main_cf_file(const struct main_cf *m);
/* What the reader remarked: settings given twice, <br/> passed over and the
 * like. Told by config/remarks.h and postconf. */
const struct notes *main_cf_notes(const struct main_cf *m);
/* The value as written, or the default of the shared table, or NULL for a name
 * that is neither set nor known. Not expanded. */
const char *main_cf_raw(const struct main_cf *m, const char *name);
bool main_cf_is_set(const struct main_cf *m, const char *name);
/* Did main_cf_set() set it? */
bool main_cf_is_option(const struct main_cf *m, const char *name);
/* What lookup is to be asked for by a service that has m: the parameter's
 * name; where its value comes from -o, by itself or by what it refers to, or
 * from what is particular to a service otherwise, "name value". Lives in a. */
const char *
main_cf_table(const struct main_cf *m, struct arena *a, const char *name);
/* "FILE, line N" of a set parameter, or NULL. */
const char *main_cf_where(const struct main_cf *m, const char *name);
/* Walk the set ones in the file's order: *at begins at 0. */
bool main_cf_next(
    const struct main_cf *m, size_t *at, const char **name, const char **value);

/* Append text with $name, ${name}, $(name), ${name?x}, ${name:y},
 * ${name?{x}:{y}} and $$ expanded (postconf(5)); depth and size are bounded.
 * false: why says what (unknown name is empty text, a loop is an error). */
bool main_cf_expand(const struct main_cf *m, struct span text, struct buf *out,
    struct why *why);
/* One parameter, expanded; defaults as in main_cf_raw. */
bool main_cf_value(const struct main_cf *m, const char *name, struct buf *out,
    struct why *why);

/* Fill conf (offsets of the rows) from the rows of table; strings live in a.
 * A row's own fallback is used when the parameter is not set. false at the
 * first ill-formed value: why names file, line, the words and what is
 * wanted. */
bool param_fill(const struct param *table, const struct main_cf *m,
    struct arena *a, void *conf, struct why *why);

/* Walk the set parameters whose value is ill-formed, or refers to itself, and
 * that some program reads: *at begins at 0. True: why says what param_fill()
 * would say. */
bool param_check_next(const struct main_cf *m, size_t *at, struct why *why);

/* All parameters that any program of the suite knows, sorted by name (from
 * the one shared table lib/config/params.c); for postconf and for defaults. */
extern const struct param param_all[];
extern const size_t param_all_count;
const struct param *param_find(struct span name);

/* "5d" and the like, in seconds; false when ill-formed. unit: of a bare
 * number, one of s m h d w. */
bool param_parse_time(struct span text, char unit, int64_t *seconds);
/* Items of a list split at blanks and commas, {braced items} kept whole,
 * empty items passed over. Start with rest = whole value. */
bool param_list_next(struct span *rest, struct span *item);
/* Is that word, in whatever case, an item? */
bool param_list_has(const char *list, const char *word);
/* Such an item without its braces and the blanks in them. */
struct span param_item_bare(struct span item);

#endif
