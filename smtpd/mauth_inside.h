/* mauth_inside.h - what the files of mail authentication know of each other */

#ifndef SMTPD_MAUTH_INSIDE_H
#define SMTPD_MAUTH_INSIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "dns/answer.h"
#include "mauth/arc.h"
#include "mauth/canon.h"
#include "mauth/dkim.h"
#include "mauth/dmarc.h"
#include "smtpd/mauth.h"
#include "smtpd/policy.h"

struct key_row;
struct key_table;
struct passage;
struct session;
struct spf;
struct suffixes;

struct mauth_conf {
	bool spf, dkim, dmarc, arc;
	bool checks; /* any of them */
	enum dmarc_policy policy; /* the most that is done */
	struct suffixes *suffixes; /* or NULL */
	const struct key_table *keys; /* or NULL: nothing is signed */
	const struct key_row *seal; /* or NULL */
};

/* A message being judged. */
struct mauth {
	struct session *s;
	struct arena *arena;
	struct passage *passage;
	struct bodies *bodies;
	struct dkim dkim;
	struct arc arc;
	struct spf *spf;
	enum dmarc_author author;
	struct span domain; /* of the author */
	struct dmarc dmarc;
	enum dmarc_policy disposed; /* what we do with it */
	enum { MAUTH_SPF, MAUTH_DKIM, MAUTH_ARC, MAUTH_DMARC } asking;
	enum dns_type type;
	unsigned questions;
	int64_t deadline;
	mauth_done_fn *done;
	unsigned forged; /* fields that say they are ours */
	struct buf edits; /* without the results */
	struct buf results; /* Authentication-Results */
	struct refusal refusal; /* code 0: none */
};

/* Of somebody for whom we speak. */
bool mauth_is_ours(const struct session *s);
/* Write down what was found, for the header and the log. */
void mauth_results(struct mauth *m);
void mauth_sign_end(struct mail *m);

#endif
