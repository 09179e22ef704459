/* php_lex.h - the words of PHP, as far as a file of assignments has them */

#ifndef CONFIG_PHP_LEX_H
#define CONFIG_PHP_LEX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"

struct notes;
struct why;

enum php_token {
	PHP_END,
	PHP_VARIABLE, /* $name: text is the name */
	PHP_WORD, /* name, true, array: text */
	PHP_NUMBER, /* whole number: number */
	PHP_TEXT, /* a string without names in it: value */
	PHP_PIECES, /* "text with $name": value, see lex_pieces_next() */
	PHP_ARROW, /* => */
	PHP_MARK, /* one other byte: mark */
	PHP_OPAQUE /* a number or string of a kind not taken here */
};

/* Set source, rest = source, file, notes, why; line 1; the rest 0. End with
 * php_lex_done(). */
struct php_lex {
	struct span source, rest;
	const char *file;
	struct notes *notes;
	struct why *why;
	unsigned line;
	bool inside; /* between <?php and ?> */
	enum php_token token;
	struct span text;
	int64_t number;
	struct buf value;
	char mark;
};

/* Pass over what stands before <?php, if there is one at all. false when the
 * text holds NUL or control bytes. */
bool php_lex_begin(struct php_lex *l);
/* Read the next token into l. false: why. */
bool php_lex_next(struct php_lex *l);
void php_lex_done(struct php_lex *l);

/* The pieces of a PHP_PIECES value: literal text, or a variable's name. */
bool php_lex_piece(struct span *rest, struct span *piece, bool *is_name);

#endif
