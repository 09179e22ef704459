/* script.h - a Sieve script: read, and looked through before it is run
 *
 * RFC 5228. A script with an error in it does nothing at all: whoever runs it
 * keeps the message.
 */

#ifndef SIEVE_SCRIPT_H
#define SIEVE_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct arena;
struct sieve_regex;
struct sieve_word;

enum { SIEVE_POSITIONS = 4, SIEVE_ERRORS_MAX = 20 };

/* What a script may come to; 0 in a member: as sieve_limits_usual. */
struct sieve_limits {
	size_t bytes; /* of the script */
	size_t nesting; /* blocks, tests and lists of tests in each other */
	size_t actions; /* done for a message */
	size_t redirects;
	size_t includes; /* of scripts in each other */
	size_t variable_bytes; /* of all variables */
	uint64_t work; /* steps of comparing, for a message */
};

extern const struct sieve_limits sieve_limits_usual;
/* The limits with their zeros replaced. */
struct sieve_limits sieve_limits_whole(const struct sieve_limits *l);

struct sieve_arg {
	enum { SIEVE_NUMBER, SIEVE_TAG, SIEVE_STRINGS } kind;
	int line, column;
	uint64_t number;
	struct span tag; /* without the colon */
	struct span *strings;
	size_t count;
	bool is_list; /* in brackets */
	/* by sieve_check(), of each string that is one and has no variables;
	 * NULL when there are none */
	struct sieve_regex **regexes;
};

/* A command or a test. */
struct sieve_node {
	struct span name;
	int line, column;
	struct sieve_arg *args;
	size_t arg_count;
	struct sieve_node *tests; /* the first, linked by next */
	bool has_test_list; /* in parentheses */
	struct sieve_node *block; /* the first command, if any */
	bool has_block;
	struct sieve_node *next;
	/* by sieve_check(): what it is, its positional arguments in the order
	 * of the word's own, NULL for an optional one left out */
	const struct sieve_word *word;
	const struct sieve_arg *at[SIEVE_POSITIONS];
	/* what is wrong with it, where the script asks by ihave and it may
	 * never be run; then word may be NULL */
	const char *fault;
};

struct sieve_place {
	int line, column;
};

struct sieve_error {
	int line, column; /* from 1; column counts bytes */
	const char *what, *remedy; /* in the arena */
};

struct sieve_script {
	struct arena *arena;
	struct sieve_limits limits;
	struct sieve_node *commands;
	uint64_t required; /* of enum sieve_extension, as bits */
	struct sieve_node *lenient; /* whose errors are faults */
	struct sieve_error errors[SIEVE_ERRORS_MAX];
	size_t error_count;
};

/* Read and check. The tree lives in a, strings too; text may go. What is wrong
 * stands in errors: then nothing of the script may be run. */
struct sieve_script *sieve_script_new(
    struct arena *a, struct span text, const struct sieve_limits *limits);

/* The value behind a tag of the node, or the tag itself when it takes none;
 * NULL: it was not given. */
const struct sieve_arg *sieve_tag(const struct sieve_node *n, const char *tag);

/* May a script be named so (RFC 5804, 1.6)? Then it is also safe as the front
 * of a file's name: no slash, no leading dot, not too long. */
bool sieve_name_valid(struct span name);

/* ---- for the files of lib/sieve */

/* Syntax alone. False: said why. */
bool sieve_parse(struct sieve_script *s, struct span text);
/* Words, arguments, require. */
void sieve_check(struct sieve_script *s);
void sieve_error_add(struct sieve_script *s, struct sieve_place at,
    const char *remedy, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
