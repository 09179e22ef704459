/* key_table.h - which keys sign for which domain (dkim_key_table) */

#ifndef MAUTH_KEY_TABLE_H
#define MAUTH_KEY_TABLE_H

#include <stddef.h>

#include "base/span.h"
#include "mauth/crypto.h"

struct arena;
struct why;

enum { KEY_TABLE_MAX = 10000, KEY_TABLE_PER_DOMAIN = 4 };

/* A line "DOMAIN SELECTOR FILE [rsa|ed25519]"; ".DOMAIN" stands for its
 * subdomains too. '#' begins a comment. */
struct key_row {
	struct span domain; /* without the dot */
	bool below;
	struct span selector;
	struct span file; /* an absolute path, as `keys` knows it */
	enum mauth_algorithm algorithm;
};

struct key_table {
	struct key_row *rows;
	size_t count;
};

/* name is for messages. All lives in a. NULL: why says which line is
 * ill-formed. */
struct key_table *key_table_parse(
    struct span text, const char *name, struct arena *a, struct why *why);
/* The same from a file. */
struct key_table *
key_table_read(const char *path, struct arena *a, struct why *why);
/* The rows for a domain (lower case), at most KEY_TABLE_PER_DOMAIN, into out:
 * those of the domain itself, else those of the closest above it. */
size_t key_table_find(const struct key_table *t, struct span domain,
    const struct key_row *out[KEY_TABLE_PER_DOMAIN]);

#endif
