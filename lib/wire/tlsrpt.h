/* tlsrpt.h - how TLS to other domains went, for reports to them (RFC 8460)
 *
 * Counts by day, domain and policy; as lines of a file, and as the JSON of a
 * report. No I/O.
 */

#ifndef WIRE_TLSRPT_H
#define WIRE_TLSRPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct buf;
struct tlsrpt;

enum {
	TLSRPT_DETAILS_MAX = 20, /* kinds of failure kept of one policy */
	TLSRPT_TEXT_MAX = 300, /* octets of a detail's text */
	TLSRPT_POLICY_MAX = 16384,
	TLSRPT_RUA_MAX = 1024,
	TLSRPT_DAY = 10 /* octets of "2026-11-24" */
};

/* 4.2 */
enum tlsrpt_type { TLSRPT_NO_POLICY, TLSRPT_STS, TLSRPT_TLSA };

/* 4.3 */
enum tlsrpt_result {
	TLSRPT_SUCCESS,
	TLSRPT_STARTTLS_NOT_SUPPORTED,
	TLSRPT_CERTIFICATE_HOST_MISMATCH,
	TLSRPT_CERTIFICATE_EXPIRED,
	TLSRPT_CERTIFICATE_NOT_TRUSTED,
	TLSRPT_VALIDATION_FAILURE,
	TLSRPT_TLSA_INVALID,
	TLSRPT_DNSSEC_INVALID,
	TLSRPT_DANE_REQUIRED,
	TLSRPT_STS_POLICY_FETCH_ERROR,
	TLSRPT_STS_POLICY_INVALID,
	TLSRPT_STS_WEBPKI_INVALID
};

/* "2026-11-24" */
bool tlsrpt_is_day(struct span s);
const char *tlsrpt_result_name(enum tlsrpt_result result);
const char *tlsrpt_type_name(enum tlsrpt_type type);

/* One session, or one failure to begin with. */
struct tlsrpt_event {
	struct span domain;
	enum tlsrpt_type type;
	enum tlsrpt_result result;
	struct span local, host, address; /* may be empty */
	struct span text; /* for people */
	struct span policy; /* lines, or records, one each line */
	struct span patterns; /* mx of MTA-STS, one each line */
};

/* limit: rows (a policy of a domain on a day); what is above is not counted. */
struct tlsrpt *tlsrpt_new(size_t limit);
void tlsrpt_free(struct tlsrpt **t);
/* day: "2026-11-24". False: it was not counted, for want of room. */
bool
tlsrpt_count(struct tlsrpt *t, struct span day, const struct tlsrpt_event *e);
/* Where a domain wants its reports: "mailto:a@b,https://c", or empty for
 * nowhere. asked: was it set for that day? */
bool
tlsrpt_rua_asked(const struct tlsrpt *t, struct span day, struct span domain);
void tlsrpt_rua_set(
    struct tlsrpt *t, struct span day, struct span domain, struct span rua);
/* Was the report of that day sent, or given up? It stays so in the file. */
bool tlsrpt_sent(const struct tlsrpt *t, struct span day, struct span domain);
void tlsrpt_sent_set(struct tlsrpt *t, struct span day, struct span domain);
/* Forget the days before day. */
void tlsrpt_forget(struct tlsrpt *t, struct span day);

/* All of it as lines. */
void tlsrpt_print(const struct tlsrpt *t, struct buf *out);
/* Lines that are ill-formed are passed over. */
void tlsrpt_load(struct tlsrpt *t, struct span text);

/* Domains of a day that want a report, each once: *at begins at 0. */
bool tlsrpt_next(const struct tlsrpt *t, struct span day, size_t *at,
    struct span *domain, struct span *rua);
struct tlsrpt_about {
	struct span organization, contact, id;
};
/* The report of a domain's day (4.4). */
void tlsrpt_json(const struct tlsrpt *t, struct span day, struct span domain,
    const struct tlsrpt_about *about, struct buf *out);

/* The rua of a TXT record of _smtp._tls.DOMAIN (3); false: it is none. */
bool tlsrpt_record_parse(struct span text, struct span *rua);
/* Take the next place of a rua that a report can be sent to off *rest; others
 * are passed over. False at the end. */
struct tlsrpt_uri {
	bool https;
	struct span address; /* of mailto: */
	/* of https:; port 0: the usual one; target: path and query, with '/' */
	struct span host, target;
	unsigned port;
};
bool tlsrpt_uri_next(struct span *rest, struct tlsrpt_uri *uri);

#endif
