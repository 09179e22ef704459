/* running.h - a run from the inside: for the files of lib/sieve only */

#ifndef SIEVE_RUNNING_H
#define SIEVE_RUNNING_H

#include "message/header.h"
#include "message/mime.h"
#include "sieve/run.h"
#include "sieve/script.h"

struct buf;
struct table;

enum {
	SIEVE_MATCHES = 10, /* ${0} to ${9} */
	SIEVE_VALUE_MAX = 65536, /* of an expanded string, a variable */
	SIEVE_FLAGS_MAX = 128,
	SIEVE_INCLUDES_MAX = 255, /* of scripts included, one after another */
	SIEVE_MARKS_MAX = 32,
	SIEVE_FIELD_MAX = 16384, /* that is added */
	SIEVE_BODY_MAX = 16 << 20 /* text of one part that is searched */
};

/* The variables of a script that runs, or waits for one that it includes. */
struct sieve_scope {
	const struct sieve_script *script;
	struct span name; /* empty: the first one */
	struct table *variables; /* struct span *, by name in lower case */
	struct table *shared; /* names that are of the global ones */
	struct span matches[SIEVE_MATCHES];
	size_t match_count;
	struct sieve_scope *up;
	size_t depth;
};

struct sieve_run {
	const struct sieve_script *script;
	struct arena *arena;
	const struct sieve_message *message;
	const struct sieve_ops *ops;
	struct sieve_result *out;
	struct header_list header;
	struct mime_tree tree; /* root NULL until a test wants it */
	struct span matches[SIEVE_MATCHES];
	size_t match_count;
	struct sieve_scope *scope;
	struct table *globals; /* as the variables of a scope */
	const struct sieve_script *included[SIEVE_INCLUDES_MAX];
	size_t included_count;
	struct sieve_mark marks[SIEVE_MARKS_MAX];
	bool mark_seen[SIEVE_MARKS_MAX], mark_again[SIEVE_MARKS_MAX];
	size_t mark_count;
	bool edited;
	struct span head; /* as in an action; p NULL: to be made */
	size_t tail;
	size_t variable_bytes;
	size_t arena_max;
	struct span flags; /* the internal variable of imap4flags */
	uint64_t work;
	size_t redirects;
	bool implicit_keep, stopped, returned;
};

/* False, always: the run is over. */
bool sieve_fail(struct sieve_run *r, int line, const char *what);
bool sieve_failed(const struct sieve_run *r);

/* ---- match.c */

struct sieve_look {
	struct sieve_run *run;
	const struct sieve_node *node;
	const struct sieve_arg *keys;
	enum {
		LOOK_IS,
		LOOK_CONTAINS,
		LOOK_MATCHES,
		LOOK_REGEX,
		LOOK_COUNT,
		LOOK_VALUE
	} type;
	struct span relation;
	enum { BY_CASEMAP, BY_OCTET, BY_NUMBER } by;
	uint64_t count;
	bool found;
};

/* Begin to compare values with keys, as the node's tags say. */
void sieve_look_begin(struct sieve_look *l, struct sieve_run *r,
    const struct sieve_node *n, const struct sieve_arg *keys);
/* One value more; does nothing once a match was found. */
void sieve_look(struct sieve_look *l, struct span value);
bool sieve_look_end(struct sieve_look *l);

/* ---- vars.c */

/* The string with its variables replaced, in the arena. */
struct span sieve_expand(struct sieve_run *r, struct span text);
struct span *sieve_expand_all(struct sieve_run *r, const struct sieve_arg *a);
bool sieve_variable_set(
    struct sieve_run *r, const struct sieve_node *n, struct span value);
bool sieve_cmd_set(struct sieve_run *r, const struct sieve_node *n);
struct span sieve_variable(struct sieve_run *r, struct span name);

/* ---- flags.c */

bool sieve_cmd_flags(struct sieve_run *r, const struct sieve_node *n);
bool sieve_test_hasflag(struct sieve_run *r, const struct sieve_node *n);
/* Flags for an action: of :flags, or the internal variable. */
void sieve_flags_of(
    struct sieve_run *r, const struct sieve_node *n, struct sieve_action *out);

/* ---- date.c */

bool sieve_test_date(struct sieve_run *r, const struct sieve_node *n);

/* ---- edit.c */

bool sieve_cmd_addheader(struct sieve_run *r, const struct sieve_node *n);
bool sieve_cmd_deleteheader(struct sieve_run *r, const struct sieve_node *n);
/* The header as it is now, for an action. */
void sieve_head_of(struct sieve_run *r, struct sieve_action *a);

/* ---- include.c */

void sieve_scope_enter(struct sieve_run *r, struct sieve_scope *s,
    const struct sieve_script *script, struct span name);
void sieve_scope_leave(struct sieve_run *r);
/* May the script that is named be run now? *out NULL: it is passed over. */
bool sieve_include(struct sieve_run *r, const struct sieve_node *n,
    const struct sieve_script **out);
bool sieve_cmd_global(struct sieve_run *r, const struct sieve_node *n);

/* ---- duplicate.c */

bool sieve_test_duplicate(struct sieve_run *r, const struct sieve_node *n);
void sieve_marks_of(struct sieve_run *r);

/* ---- test.c */

/* The value of a field, decoded. */
void sieve_look_text(struct sieve_look *l, struct span value);

bool sieve_test(struct sieve_run *r, const struct sieve_node *n);
/* Call each with the fields of that name that :index and :last leave. */
void sieve_fields(struct sieve_run *r, const struct sieve_node *n,
    struct span name, void (*each)(struct sieve_look *l, struct span value),
    struct sieve_look *l);

#endif
