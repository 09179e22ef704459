/* sts.h - the record and the policy of MTA-STS (RFC 8461) */

#ifndef WIRE_STS_H
#define WIRE_STS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct buf;

enum {
	STS_ID_MAX = 32,
	STS_POLICY_MAX = 65536, /* octets of the document */
	STS_MX_MAX = 64, /* patterns kept of one policy */
	STS_AGE_MAX = 31557600 /* seconds, a year (3.2) */
};

enum sts_mode { STS_NONE, STS_TESTING, STS_ENFORCE };

enum sts_record {
	STS_RECORD_GOOD,
	STS_RECORD_OTHER, /* a TXT record of another kind */
	STS_RECORD_BAD /* one of ours, but ill-formed */
};

struct sts_policy {
	enum sts_mode mode;
	uint32_t max_age;
	size_t mx_count;
	struct span mx[STS_MX_MAX]; /* "mx.example" or "*.example" */
};

/* "none", "testing", "enforce" */
const char *sts_mode_name(enum sts_mode mode);
bool sts_mode_parse(struct span word, enum sts_mode *mode);
/* The text of a TXT record of _mta-sts.DOMAIN (3.1); *id points into it. */
enum sts_record sts_record_parse(struct span text, struct span *id);
bool sts_id_valid(struct span id);
/* The document (3.2); patterns point into it. False: *error says why. */
bool
sts_policy_parse(struct span text, struct sts_policy *out, const char **error);
/* A host name, or one behind "*." */
bool sts_mx_valid(struct span pattern);
/* Is this host one that the pattern stands for (4.1)? A "*" is one label. */
bool sts_mx_match(struct span pattern, struct span host);

#endif
