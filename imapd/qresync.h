/* qresync.h - clients that were here before (RFC 7162) */

#ifndef IMAPD_QRESYNC_H
#define IMAPD_QRESYNC_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/imap_parse.h"

struct session;

/* What SELECT was told besides the name. */
struct select_params {
	bool condstore, qresync;
	uint32_t validity;
	uint64_t modseq;
	bool has_known, has_match;
	struct imap_set known; /* UIDs */
	struct imap_set match_numbers, match_uids;
};

/* [SP "(" CONDSTORE / QRESYNC (...) ")"]. False when that is ill-formed. */
bool
qresync_params(struct session *s, struct span *args, struct select_params *out);
/* VANISHED (EARLIER) and FETCH for what changed since, after a SELECT. */
void qresync_tell(struct session *s, struct select_params *p);
/* Cut what lies above last off a resolved set. */
void qresync_cut(struct imap_set *set, uint32_t last);
/* VANISHED (EARLIER) for those of the UIDs that were expunged after modseq;
 * set is resolved. */
void qresync_vanished(
    struct session *s, const struct imap_set *set, uint64_t modseq);

#endif
