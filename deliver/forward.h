/* forward.h - ~/.forward and :include: files */

#ifndef DELIVER_FORWARD_H
#define DELIVER_FORWARD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct arena;
struct buf;
struct mail;
struct why;

enum { FORWARD_BYTES_MAX = 4 * 1024 * 1024 };

struct forward_member {
	enum {
		FORWARD_ADDRESS,
		FORWARD_COMMAND,
		FORWARD_FILE,
		FORWARD_INCLUDE,
		FORWARD_SELF /* \user, or the user himself: his mailbox */
	} kind;
	struct span text;
};

struct forward_list {
	size_t count;
	const struct forward_member *members;
};

/* Pure. self is the account's name, address the one being delivered to: both
 * mean the user's own mailbox. At most DELIVERY_NEW_MAX members; false: more.
 */
bool forward_parse(struct arena *a, struct span text, struct span self,
    struct span address, struct forward_list *out);

enum forward_found { FORWARD_NONE, FORWARD_LIST, FORWARD_TROUBLE };

/* The first of the files in forward_path that is there and may be trusted.
 * FORWARD_TROUBLE: why (DEFER). An empty list is FORWARD_NONE. */
enum forward_found
forward_find(struct mail *m, struct forward_list *out, struct why *why);
/* The file of an :include:. */
enum forward_found forward_include(struct mail *m, struct span path,
    struct forward_list *out, struct why *why);

/* Is the open file path one that the user's rules may be read from? If not,
 * that is logged. */
bool forward_trusted(const struct mail *m, const char *path, int fd);

/* forward_path's item with its $names replaced; false: one has no value. */
bool forward_expand(const struct mail *m, struct span item, struct buf *out);

#endif
