/* parent.h - the process that stays root: qmgr's requests to users' children
 */

#ifndef DELIVER_PARENT_H
#define DELIVER_PARENT_H

struct deliver_conf;
struct loop;
struct parent;

struct parent *parent_new(struct loop *loop, const struct deliver_conf *conf);
/* Answer on a listening socket. */
void parent_serve(struct parent *p, int fd, const char *label);
/* Accept no more; idle() once nothing is under way. */
void parent_drain(struct parent *p, void (*idle)(void));
void parent_free(struct parent **p);

#endif
