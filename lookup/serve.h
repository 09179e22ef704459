/* serve.h - the questions of all callers, and tables that change meanwhile */

#ifndef LOOKUP_SERVE_H
#define LOOKUP_SERVE_H

struct route_conf;
struct serve;

/* Opens every table: while still root. conf must outlive it. */
struct serve *serve_new(const struct route_conf *conf);
/* Listen to all callers. */
void serve_start(struct serve *s);
/* Accept no more, and end the process when callers are quiet. */
void serve_end(struct serve *s);

#endif
