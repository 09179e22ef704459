/* ask.h - what the parent asks lookup before a child may begin
 *
 * Whose mailbox an address of a virtual domain is, and a user's own command.
 */

#ifndef DELIVER_ASK_H
#define DELIVER_ASK_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/span.h"

struct arena;
struct deliver_conf;
struct why;

struct virtual_box {
	const char *path; /* ends in '/': a Maildir */
	uid_t uid;
	gid_t gid;
};

/* box is NULL when there is none: why. Both live until fn returns. */
typedef void
ask_box_fn(void *arg, const struct virtual_box *box, struct why *why);
/* virtual_mailbox_maps, virtual_uid_maps and virtual_gid_maps for an address.
 * fn is called once, from the loop; conf must outlive that. */
void ask_box(const struct deliver_conf *conf, struct span address,
    ask_box_fn *fn, void *arg);

/* command is empty when the tables have none; why is DEFER when they failed. */
typedef void ask_command_fn(void *arg, struct span command, struct why *why);
/* mailbox_command_maps for a user. */
void ask_command(struct span user, ask_command_fn *fn, void *arg);

enum { ASK_BOX_TABLES = 3 };

/* What the three tables said; a value that is not there has no bytes at all
 * (p NULL). */
struct box_question {
	const struct deliver_conf *conf;
	struct span address, values[ASK_BOX_TABLES];
};

/* The box that the values mean, its path in a; false: why. Pure. */
bool ask_box_make(const struct box_question *q, struct arena *a,
    struct virtual_box *out, struct why *why);

#endif
