/* dmarc.h - do SPF and DKIM speak for the author's domain? (RFC 7489) */

#ifndef MAUTH_DMARC_H
#define MAUTH_DMARC_H

#include <stdbool.h>

#include "base/span.h"

struct arena;
struct buf;
struct dns_answer;
struct fields;
struct suffixes;

enum dmarc_policy {
	DMARC_POLICY_NONE,
	DMARC_POLICY_QUARANTINE,
	DMARC_POLICY_REJECT
};

enum dmarc_result {
	DMARC_NONE,
	DMARC_PASS,
	DMARC_FAIL,
	DMARC_TEMPERROR,
	DMARC_PERMERROR
};

const char *dmarc_result_name(enum dmarc_result result);
const char *dmarc_policy_name(enum dmarc_policy policy);

struct dmarc_record {
	enum dmarc_policy policy, below; /* p=, sp= */
	bool strict_dkim, strict_spf;
	unsigned percent;
};

/* False: not a DMARC record, or none that says what is to be done. */
bool dmarc_record_parse(struct span text, struct dmarc_record *out);

enum dmarc_author {
	DMARC_AUTHOR_NONE, /* no From field with an address */
	DMARC_AUTHOR_ONE,
	DMARC_AUTHOR_SEVERAL /* several fields or domains: not to be judged */
};

/* The domain of the From field, as the DNS has it; lives in a. */
enum dmarc_author
dmarc_author(const struct fields *f, struct arena *a, struct span *domain);

struct dmarc {
	const struct suffixes *suffixes; /* may be NULL */
	struct span domain, organization;
	enum { DMARC_AT_DOMAIN, DMARC_AT_ORGANIZATION, DMARC_OVER } step;
	bool found; /* record is */
	bool by_organization;
	bool trouble; /* the DNS did not answer */
	bool aligned;
	struct dmarc_record record;
};

/* domain must outlive d. */
void dmarc_begin(
    struct dmarc *d, struct span domain, const struct suffixes *suffixes);
/* The next question (TXT): true and the name, appended; then dmarc_answer(). */
bool dmarc_question(const struct dmarc *d, struct buf *name);
void dmarc_answer(struct dmarc *d, const struct dns_answer *answer);

/* When all was answered: a domain that DKIM or SPF speaks for. */
void dmarc_dkim(struct dmarc *d, struct span domain);
void dmarc_spf(struct dmarc *d, struct span domain);
enum dmarc_result dmarc_result(const struct dmarc *d);
/* What the domain wants done with a message that fails. */
enum dmarc_policy dmarc_wanted(const struct dmarc *d);
/* The same for the part of them that pct= lets through; draw: 0..99. */
enum dmarc_policy dmarc_sampled(const struct dmarc *d, unsigned draw);

#endif
