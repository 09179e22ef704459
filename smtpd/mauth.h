/* mauth.h - SPF, DKIM, DMARC and ARC of strangers' mail; our own is signed */

#ifndef SMTPD_MAUTH_H
#define SMTPD_MAUTH_H

#include <stdbool.h>

#include "base/span.h"

struct arena;
struct buf;
struct mail;
struct mauth_conf;
struct refusal;
struct session;
struct smtpd_conf;
struct why;

/* What all sessions share: the list of suffixes, the table of keys; files are
 * read now. NULL: why. Lives in a, but for mauth_conf_free(). */
struct mauth_conf *
mauth_conf_new(struct arena *a, const struct smtpd_conf *conf, struct why *why);
void mauth_conf_free(struct mauth_conf **c);

/* Before the content comes: is it to be judged? Then it is to be told of all of
 * it, as it came. */
bool mauth_begin(struct session *s);
void mauth_feed(struct mail *m, struct span bytes);

/* The content is over: ask the DNS, judge. r is set when the mail is not to be
 * had; called at once where nothing is to be judged. */
typedef void mauth_done_fn(struct session *s, const struct refusal *r);
void mauth_run(struct session *s, mauth_done_fn *done);
/* Edits that came of it: what is added and what was forged. */
void mauth_edits(const struct mail *m, struct buf *edits);
/* The other edits are complete: sign or seal, where that is wanted. True: fn
 * is called later, edits have grown then. False: nothing is to be signed. */
bool mauth_sign(struct session *s, void (*fn)(struct session *s));
/* What is under way for this mail is forgotten. */
void mauth_end(struct mail *m);

#endif
