/* watch.h - the files that resolver has read, should they change */

#ifndef RESOLVER_WATCH_H
#define RESOLVER_WATCH_H

struct loop;
struct watch;

/* Before any jail: /etc/hosts and /etc/resolv.conf, and what they are links
 * to. Without inotify nothing is watched. */
struct watch *watch_new(void);
void watch_free(struct watch **w);
/* changed is called at the first change. */
void watch_start(struct watch *w, struct loop *loop, void (*changed)(void));

#endif
