/* words.h - the commands, tests, tags and extensions of Sieve that we have */

#ifndef SIEVE_WORDS_H
#define SIEVE_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

enum sieve_extension {
	EXT_NONE,
	EXT_FILEINTO,
	EXT_ENVELOPE,
	EXT_BODY, /* RFC 5173 */
	EXT_REJECT, /* RFC 5429 */
	EXT_EREJECT,
	EXT_VACATION, /* RFC 5230 */
	EXT_VACATION_SECONDS, /* RFC 6131 */
	EXT_RELATIONAL, /* RFC 5231 */
	EXT_NUMERIC, /* comparator-i;ascii-numeric */
	EXT_SUBADDRESS, /* RFC 5233 */
	EXT_COPY, /* RFC 3894 */
	EXT_MAILBOX, /* RFC 5490 */
	EXT_FLAGS, /* RFC 5232 */
	EXT_VARIABLES, /* RFC 5229 */
	EXT_DATE, /* RFC 5260 */
	EXT_INDEX,
	EXT_ENCODED, /* encoded-character, RFC 5228, 2.4.2.4 */
	EXT_ENVIRONMENT, /* RFC 5183 */
	EXT_REGEX, /* draft-ietf-sieve-regex */
	EXT_EDITHEADER, /* RFC 5293 */
	EXT_INCLUDE, /* RFC 6609 */
	EXT_DUPLICATE, /* RFC 7352 */
	EXT_IHAVE, /* RFC 5463 */
	EXT_SPECIAL_USE, /* RFC 8579 */
	EXT_FCC, /* RFC 8580 */
	EXT_ALWAYS /* comparators that need no require, but may have it */
};

enum sieve_id {
	CMD_REQUIRE,
	CMD_IF,
	CMD_ELSIF,
	CMD_ELSE,
	CMD_STOP,
	CMD_KEEP,
	CMD_DISCARD,
	CMD_FILEINTO,
	CMD_REDIRECT,
	CMD_REJECT, /* and ereject */
	CMD_VACATION,
	CMD_SET,
	CMD_SETFLAG,
	CMD_ADDFLAG,
	CMD_REMOVEFLAG,
	CMD_ADDHEADER,
	CMD_DELETEHEADER,
	CMD_INCLUDE,
	CMD_RETURN,
	CMD_GLOBAL,
	CMD_ERROR,
	TEST_ADDRESS,
	TEST_ALLOF,
	TEST_ANYOF,
	TEST_BODY,
	TEST_CURRENTDATE,
	TEST_DATE,
	TEST_DUPLICATE,
	TEST_ENVELOPE,
	TEST_ENVIRONMENT,
	TEST_EXISTS,
	TEST_FALSE,
	TEST_HASFLAG,
	TEST_HEADER,
	TEST_IHAVE,
	TEST_MAILBOXEXISTS,
	TEST_NOT,
	TEST_SIZE,
	TEST_SPECIALUSE,
	TEST_STRING,
	TEST_TRUE
};

struct sieve_word {
	const char *name;
	enum sieve_id id;
	bool is_test;
	enum sieve_extension needs;
	/* positional arguments: s a string, S strings, n a number; ? before
	 * the first or the last: it may be left out */
	const char *shape;
	const char *tags; /* groups, see sieve_tags */
	enum { TESTS_NONE, TESTS_ONE, TESTS_LIST } tests;
	bool block;
};

struct sieve_tag {
	const char *name;
	char group; /* at most one of a group may be given */
	char value; /* 0, s, S or n */
	enum sieve_extension needs;
};

extern const struct sieve_word sieve_words[];
extern const struct sieve_tag sieve_tags[];

const struct sieve_word *sieve_word_find(struct span name, bool is_test);
/* The tag of that name in one of groups; NULL: there is none. */
const struct sieve_tag *sieve_tag_find(struct span name, const char *groups);
/* EXT_NONE: not one of ours. */
enum sieve_extension sieve_extension_find(struct span name);
/* May ihave say that it is there? Not of one that changes how the text of a
 * script is read (RFC 5463, 4). */
bool sieve_extension_later(struct span name);
const char *sieve_extension_name(enum sieve_extension e);
/* All names, blanks between them: what a server of scripts tells. */
const char *sieve_extensions(void);

#endif
