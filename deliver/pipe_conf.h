/* pipe_conf.h - the transports of master.cf whose command is "pipe"
 *
 *   maildrop unix - n n - - pipe flags=DRXhu user=vmail argv=/usr/bin/maildrop
 */

#ifndef DELIVER_PIPE_CONF_H
#define DELIVER_PIPE_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct master_cf;
struct master_row;
struct pipe_table;
struct why;

/* Letters of flags=, as bits by their place in PIPE_FLAGS. */
#define PIPE_FLAGS "BDFORXhqu.>"

enum {
	PIPE_BLANK_LINE = 1, /* B */
	PIPE_DELIVERED_TO = 2, /* D: and no loops */
	PIPE_FROM_LINE = 4, /* F */
	PIPE_ORIGINAL_TO = 8, /* O */
	PIPE_RETURN_PATH = 16, /* R */
	PIPE_FINAL = 32, /* X: delivered, not relayed */
	PIPE_FOLD_DOMAIN = 64, /* h */
	PIPE_QUOTE = 128, /* q */
	PIPE_FOLD_USER = 256, /* u */
	PIPE_DOTS = 512, /* . */
	PIPE_QUOTE_FROM = 1024 /* > */
};

struct pipe_conf {
	const char *name; /* of the transport */
	unsigned flags;
	struct span user, group; /* group empty: that of user */
	uint64_t size; /* 0: no limit */
	const char *null_sender;
	const char *directory; /* empty: where the queue is */
	struct span eol;
	const char *const *argv; /* before names are put in; ends with NULL */
	size_t argc;
};

/* Every pipe of a master.cf. One that is ill-formed is told to the log, and its
 * mail waits. m must outlive it. */
struct pipe_table *pipe_table_new(const struct master_cf *m);
void pipe_table_free(struct pipe_table **t);
/* NULL: there is none of this name (or none that can be used). */
const struct pipe_conf *
pipe_table_find(const struct pipe_table *t, struct span name);
/* One row; false: why. Pure; *out points into row and into static text, its eol
 * into eol (EOL_MAX bytes). */
enum { PIPE_EOL_MAX = 8 };
bool pipe_conf_parse(const struct master_row *row, struct pipe_conf *out,
    char eol[PIPE_EOL_MAX], struct why *why);

#endif
