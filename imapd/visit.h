/* visit.h - other users' folders, served by imapd's of theirs
 *
 * A visit is a connection to the imapd of an owner, where we are a guest. What
 * concerns his folders is sent on as our client said it, and so are the
 * answers.
 */

#ifndef IMAPD_VISIT_H
#define IMAPD_VISIT_H

#include <stdbool.h>

#include "base/span.h"

struct command;
struct imap_list;
struct session;

/* The command was about another's folder: it has been answered. */
bool visit_takes(struct session *s, const struct command *c, struct span args);
/* A folder of another is selected. */
bool visit_selected(const struct session *s);
/* It is no more; nothing is expunged. */
void visit_leave(struct session *s);
void visits_end(struct session *s);

/* LIST: those of the others' folders that patterns, in UTF-8 with the
 * reference, reach; args is what stood behind LIST. */
void visit_list(struct session *s, const struct imap_list *asked,
    const struct span *patterns, struct span args);

#endif
