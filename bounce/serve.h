/* serve.h - reports asked for by qmgr, put into its queue */

#ifndef BOUNCE_SERVE_H
#define BOUNCE_SERVE_H

struct all_words;
struct bounce_conf;
struct serve;

/* Begin to answer on every listener. */
struct serve *
serve_start(const struct bounce_conf *conf, const struct all_words *words);

#endif
