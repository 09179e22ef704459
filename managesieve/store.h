/* store.h - a user's Sieve scripts as files: sieve_dir, and the link that makes
 * one of them active
 *
 * What is DONE is on disk. Names are valid ones (sieve_name_valid).
 */

#ifndef MANAGESIEVE_STORE_H
#define MANAGESIEVE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct arena;
struct buf;
struct managesieve_conf;
struct store;

enum store_result {
	STORE_DONE,
	STORE_MISSING, /* no script of that name */
	STORE_EXISTS, /* there is one already */
	STORE_ACTIVE, /* it is the active one */
	STORE_FOREIGN, /* the active script is a file of the user's own */
	STORE_FULL, /* as many scripts as there may be */
	STORE_QUOTA, /* of the file system, for this user */
	STORE_TROUBLE /* errno */
};

/* NULL: sieve_dir or sieve_script has a $name that only the delivery agent
 * knows; *what is it. */
struct store *store_open(const struct managesieve_conf *conf, const char *home,
    struct span user, const char **what);
void store_close(struct store **s);

/* Names of all scripts, sorted, in the arena. */
enum store_result store_list(
    struct store *s, struct arena *a, struct span **names, size_t *count);
/* Append the active one's name, or nothing. */
void store_active(struct store *s, struct buf *name);
/* May one of that name be put, as far as the number of scripts goes? */
enum store_result store_room(struct store *s, struct span name);
enum store_result
store_put(struct store *s, struct span name, struct span content);
/* most: bytes; a longer file is trouble (EFBIG). */
enum store_result
store_get(struct store *s, struct span name, size_t most, struct buf *out);
enum store_result store_delete(struct store *s, struct span name);
enum store_result
store_rename(struct store *s, struct span from, struct span to);
/* Empty: none is active. */
enum store_result store_activate(struct store *s, struct span name);

#endif
