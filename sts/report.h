/* report.h - what smtp tells of TLS to other hosts, counted by day (RFC 8460)
 */

#ifndef STS_REPORT_H
#define STS_REPORT_H

#include <stdint.h>

enum { REPORT_DAY = 10 };

struct channel;
struct loop;
struct report;
struct slots;
struct tlsrpt;
struct tlsrpt_event;

struct report *
report_new(struct loop *loop, struct channel *resolver, struct slots *slots);
void report_free(struct report **r);
/* Count it; where the domain wants reports to is asked once a day. */
void report_count(struct report *r, const struct tlsrpt_event *e);
/* The counts; changed: they are to go to disk. */
struct tlsrpt *report_counts(struct report *r);
void report_changed(struct report *r);
/* "2026-11-24" of a time, in UTC. */
void report_day(int64_t when, char day[REPORT_DAY + 1]);
/* Write what is not on disk yet. */
void report_flush(struct report *r);

#endif
