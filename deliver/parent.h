/* parent.h - the process that stays root: qmgr's requests to users' children
 */

#ifndef DELIVER_PARENT_H
#define DELIVER_PARENT_H

#include <stdbool.h>

struct deliver_conf;
struct loop;
struct parent;

struct parent *parent_new(struct loop *loop, const struct deliver_conf *conf);
/* Answer on a listening socket. */
void parent_serve(struct parent *p, int fd, const char *label);
/* Accept no more. */
void parent_drain(struct parent *p);
/* Is nothing under way? */
bool parent_idle(const struct parent *p);
void parent_free(struct parent **p);

#endif
