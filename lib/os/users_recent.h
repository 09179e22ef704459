/* users_recent.h - accounts that were found a moment ago
 *
 * A letter's recipient is looked up when it is offered and again when it is
 * routed, and each time the system reads its files or asks a directory. Who was
 * found is not asked for again within a second; who was not, always is, so a
 * new account is known at once.
 */

#ifndef OS_USERS_RECENT_H
#define OS_USERS_RECENT_H

#include "os/users.h"

struct users_recent;

struct users_recent *users_recent_new(void);
void users_recent_free(struct users_recent **r);
/* As users_find(). */
enum users_result users_recent_find(struct users_recent *r, struct arena *a,
    struct span name, struct account *out);

#endif
