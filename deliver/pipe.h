/* pipe.h - a message to a command of master.cf (Postfix's pipe) */

#ifndef DELIVER_PIPE_H
#define DELIVER_PIPE_H

#include "base/buf.h"
#include "base/why.h"

struct mail;
struct pipe_conf;

/* Run it with the message on its standard input. why tells how it ended. */
enum outcome
pipe_deliver(struct mail *m, const struct pipe_conf *p, struct why *why);

/* One word of argv with its ${names} put in. False: a name that there is none
 * of, which is in *out. Pure. */
bool pipe_word(struct mail *m, const struct pipe_conf *p, struct span word,
    struct buf *out);
/* The message as the flags want it: text is its header and body with LF. Pure.
 */
void pipe_text(const struct pipe_conf *p, struct span text, struct buf *out);

#endif
