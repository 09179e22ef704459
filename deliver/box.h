/* box.h - a message into a mailbox of the user's */

#ifndef DELIVER_BOX_H
#define DELIVER_BOX_H

#include <stdint.h>

#include "base/why.h"

struct mail;
struct maildir;
struct pieces;

/* home_mailbox, or the box in mail_spool_directory. why tells how it ended. */
enum outcome box_deliver(struct mail *m, struct why *why);
/* A file, or a Maildir when path ends in '/', as .forward and aliases name it.
 */
enum outcome box_deliver_to(struct mail *m, const char *path, struct why *why);
/* The virtual mailbox that the parent has named. */
enum outcome box_deliver_virtual(struct mail *m, struct why *why);
/* Into a Maildir by put, which stores the message and tells its size; limit and
 * quota as for every other folder. account is the top one, which has the quota
 * of all. */
typedef enum outcome
box_put_fn(struct mail *m, void *arg, uint64_t *size, struct why *why);
enum outcome box_deliver_in(struct mail *m, struct maildir *account,
    box_put_fn *put, void *arg, struct why *why);
/* The path of the account's box in the spool, in the mail's arena; NULL when
 * mail_spool_directory holds Maildirs. */
const char *box_spool_path(const struct mail *m);
/* Bytes made ready elsewhere, into that box. */
enum outcome
box_append_spool(struct mail *m, const struct pieces *p, struct why *why);

#endif
