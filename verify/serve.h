/* serve.h - questions about addresses, and the probes that answer them */

#ifndef VERIFY_SERVE_H
#define VERIFY_SERVE_H

struct cache;
struct serve;
struct verify_conf;

/* Begin to answer on every listener. */
struct serve *serve_start(const struct verify_conf *conf, struct cache *cache);

#endif
