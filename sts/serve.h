/* serve.h - questions of smtp about policies, answered */

#ifndef STS_SERVE_H
#define STS_SERVE_H

#include <stdbool.h>

struct channel;
struct fetch_env;
struct slots;
struct sts;
struct sts_conf;

enum { REPORT_BYTES_MAX = 16 << 20 }; /* of the counts of TLS reports */

/* slots: where policies are kept across restarts; reports: the counts;
 * pickup: takes reports that go by mail; NULL: they are not sent. All outlive
 * it. */
struct sts *sts_new(const struct sts_conf *conf, const struct fetch_env *env,
    struct slots *slots, struct slots *reports, struct channel *pickup);
void sts_free(struct sts **s);
/* fd listens; label is its caller's role. */
void sts_serve(struct sts *s, int fd, const char *label);
void sts_drain(struct sts *s);
bool sts_idle(const struct sts *s);
/* Write what is not on disk yet. */
void sts_flush(struct sts *s);

#endif
