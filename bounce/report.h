/* report.h - a delivery status notification as a message (RFC 3461, 3464) */

#ifndef BOUNCE_REPORT_H
#define BOUNCE_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"

struct bounce_conf;
struct bounce_request;
struct words;

/* What is sent back of the original: its header, or all of it. */
struct report_original {
	struct span bytes;
	bool whole; /* body too; else text/rfc822-headers */
};

/* A report being made; zero-initialised is empty. */
struct report {
	struct buf content; /* LF line ends */
	struct buf message_id; /* with <> */
};

/* To whom a report goes, and as what. */
enum report_role {
	REPORT_SENDER, /* to who sent the original */
	REPORT_COPY, /* for the postmaster: no words for people, header only */
	REPORT_DOUBLE /* for the postmaster: of mail without a sender */
};

struct report_terms {
	enum report_role role;
	struct span to;
	const struct words *words;
	int64_t now; /* wall clock, seconds */
};

/* Append the report and its Message-ID. */
void report_compose(struct report *out, const struct bounce_conf *conf,
    const struct bounce_request *r, const struct report_original *original,
    const struct report_terms *terms);

#endif
