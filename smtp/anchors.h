/* anchors.h - the trust anchors that main.cf and TLS policies name
 *
 * A process in its jail opens no file: all that smtp_tls_trust_anchor_file and
 * entries of smtp_tls_policy_maps (tafile=) name is read before. An entry that
 * comes later, or of a table that cannot be walked, has to wait for a reload.
 */

#ifndef SMTP_ANCHORS_H
#define SMTP_ANCHORS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct anchors;
struct smtp_conf;
struct tls_tlsa;
struct why;

struct anchor_file {
	const struct tls_tlsa *list;
	size_t count;
};

/* NULL: main.cf's own file cannot be used, why. One of a policy that cannot is
 * logged, and not known. */
struct anchors *anchors_new(const struct smtp_conf *c, struct why *why);
void anchors_free(struct anchors **a);
/* Those of main.cf, of all its files; count is 0 where there is none. */
const struct anchor_file *anchors_own(const struct anchors *a);
/* NULL: it is not known. */
const struct anchor_file *
anchors_find(const struct anchors *a, struct span file);

#endif
