/* report.h - what smtp tells of TLS to other hosts, counted by day (RFC 8460)
 */

#ifndef STS_REPORT_H
#define STS_REPORT_H

struct channel;
struct loop;
struct report;
struct slots;
struct tlsrpt_event;

struct report *
report_new(struct loop *loop, struct channel *resolver, struct slots *slots);
void report_free(struct report **r);
/* Count it; where the domain wants reports to is asked once a day. */
void report_count(struct report *r, const struct tlsrpt_event *e);
/* Write what is not on disk yet. */
void report_flush(struct report *r);

#endif
