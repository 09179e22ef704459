/* exchange.h - SCRAM challenges: made for everybody, believed when they are
 * ours
 *
 * Nothing is kept of an exchange that is under way, so that strangers who begin
 * many take nothing from others: the front keeps the challenge with a seal on
 * it and brings both back. Only seals that led to a login are remembered until
 * they are too old: each is good once.
 */

#ifndef AUTH_EXCHANGE_H
#define AUTH_EXCHANGE_H

#include <stdbool.h>

#include "base/span.h"

struct buf;
struct exchanges;
struct scram_verifier;

/* What a seal vouches for. */
struct exchange_facts {
	struct span service, user, server_first;
};

enum exchange_seal {
	SEAL_GOOD,
	SEAL_STALE, /* too old, or another process's */
	SEAL_USED
};

/* The key of made-up salts is in data_directory, so that they stay the same. */
struct exchanges *exchanges_new(const char *data_directory);
void exchanges_free(struct exchanges **x);

/* The challenge (server-first-message), appended, with a fresh nonce. */
void exchange_challenge(
    struct buf *out, struct span client_nonce, const struct scram_verifier *v);
/* The verifier of one who has none: always the same for a name, and no
 * password fits it. Its salt is put into salt, to which it points. */
void exchange_nobody(const struct exchanges *x, struct span user,
    unsigned iterations, struct buf *salt, struct scram_verifier *out);

void exchange_seal(const struct exchanges *x, const struct exchange_facts *f,
    struct buf *seal);
enum exchange_seal exchange_seal_check(
    struct exchanges *x, const struct exchange_facts *f, struct span seal);
/* It led to a login. False: it did so before, or too many are remembered. */
bool exchange_seal_use(struct exchanges *x, struct span seal);

#endif
