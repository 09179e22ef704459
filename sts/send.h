/* send.h - the reports of yesterday, sent once a day (RFC 8460, 4.1 and 5) */

#ifndef STS_SEND_H
#define STS_SEND_H

struct channel;
struct fetch_env;
struct report;
struct send;
struct sts_conf;

/* pickup takes those that go by mail. */
struct send *send_new(const struct sts_conf *conf, const struct fetch_env *env,
    struct report *report, struct channel *pickup);
/* What is under way is sent again by the next process. */
void send_free(struct send **s);

#endif
