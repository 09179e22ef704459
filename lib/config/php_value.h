/* php_value.h - values of PHP: scalars and ordered arrays */

#ifndef CONFIG_PHP_VALUE_H
#define CONFIG_PHP_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct arena;
struct buf;

enum php_type { PHP_NULL, PHP_BOOL, PHP_INT, PHP_STRING, PHP_ARRAY };

struct php_item;

struct php_value {
	enum php_type type;
	int64_t number; /* PHP_INT; PHP_BOOL: 0 or 1 */
	struct span text; /* PHP_STRING, NUL-ended behind its n bytes */
	struct php_item *items; /* PHP_ARRAY, in the order they were set */
	size_t n;
	size_t room; /* of items, the maker's own */
};

struct php_item {
	const char *key; /* NULL when the key is a number */
	int64_t index; /* that number */
	struct php_value value;
};

/* The item of an array by key or by number; NULL when there is none, or no
 * array. */
const struct php_value *
php_value_key(const struct php_value *array, const char *key);
const struct php_value *
php_value_index(const struct php_value *array, int64_t index);
/* Append a scalar as PHP would print it; false for an array. */
bool php_value_text(const struct php_value *value, struct buf *out);

/* For the maker of arrays. */
struct php_key {
	bool next; /* the number behind the highest: [] */
	const char *text; /* NULL: index */
	int64_t index;
};

enum { PHP_ITEMS_MAX = 4000 };

/* A scalar as key; '7' is the number 7, as in PHP. false: it cannot be one. */
bool
php_key_of(struct arena *a, const struct php_value *value, struct php_key *key);
/* The item of the key, made from a when it is not there; NULL: too many. */
struct php_item *php_item_make(
    struct arena *a, struct php_value *array, const struct php_key *key);

#endif
