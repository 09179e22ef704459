/* store.h - the keys this process holds */

#ifndef KEYS_STORE_H
#define KEYS_STORE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct buf;
struct key_sign;
struct store;

struct store *store_new(void);
void store_free(struct store **s);
/* Read the key in the file at path, for the given roles (bits of enum role); a
 * second time only adds roles. A file that cannot be read, or holds no key, is
 * logged and forgotten: the others still serve. */
void store_add(struct store *s, struct span path, unsigned roles);
size_t store_count(const struct store *s);

enum store_result {
	STORE_SIGNED,
	STORE_NO_KEY, /* none of that name */
	STORE_FORBIDDEN, /* not for that role */
	STORE_REFUSED /* the scheme does not suit the key or the data */
};
/* Append the signature. */
enum store_result store_sign(struct store *s, unsigned role,
    const struct key_sign *request, struct buf *signature);

#endif
