/* managesieve.h - what clients of ManageSieve send (RFC 5804, 4) */

#ifndef WIRE_MANAGESIEVE_H
#define WIRE_MANAGESIEVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct arena;
struct buf;

enum {
	MANAGESIEVE_ARGS = 3,
	MANAGESIEVE_QUOTED_MAX = 1024, /* bytes of a quoted string */
	MANAGESIEVE_LINE_MAX = 8192 /* of a command without its literals */
};

struct managesieve_arg {
	bool is_number;
	uint64_t number;
	struct span text;
};

struct managesieve_command {
	struct span verb; /* empty: a string alone, as SASL's answers are */
	struct managesieve_arg args[MANAGESIEVE_ARGS];
	size_t count;
	size_t used; /* bytes of input; 0 for MORE and ENDLESS */
	uint64_t skip; /* TOO_LARGE: bytes of the literal, behind them */
};

enum managesieve_result {
	MANAGESIEVE_WHOLE,
	MANAGESIEVE_MORE,
	MANAGESIEVE_BAD, /* used is up to the end of the line */
	MANAGESIEVE_TOO_LARGE, /* a literal: skip, then the rest of a line */
	MANAGESIEVE_ENDLESS /* a line that has no end: nothing can follow */
};

/* Read a command off the front of in, literals of literal_max bytes in all at
 * most. Its strings live in a, the verb in in. */
enum managesieve_result managesieve_read(struct arena *a, struct span in,
    uint64_t literal_max, struct managesieve_command *out);

/* Overwrite the strings of a command: one may be a password. */
void managesieve_wipe(struct managesieve_command *c);
/* Append text as a string: quoted, or a literal where it has to be. */
void managesieve_string(struct buf *out, struct span text);

#endif
