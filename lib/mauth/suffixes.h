/* suffixes.h - under which names anybody may register one (publicsuffix.org)
 *
 * DMARC takes two domains for one owner's when they lie under the same name
 * that somebody registered (RFC 7489, 3.2).
 */

#ifndef MAUTH_SUFFIXES_H
#define MAUTH_SUFFIXES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct buf;
struct suffixes;

/* From the text of the list; names in other scripts are kept as the DNS has
 * them. What is no name is passed over. */
struct suffixes *suffixes_new(struct span list);
void suffixes_free(struct suffixes **s);
size_t suffixes_count(const struct suffixes *s);

/* The organizational domain: the public suffix of domain (lower case) and one
 * label more, a part of domain; all of it when it is a suffix itself. Without a
 * list (s is NULL): two labels, or three where the last has two letters and the
 * one before it at most three ("co.uk"). */
struct span suffixes_organization(const struct suffixes *s, struct span domain);

/* Append a domain in lower case, labels with other than ASCII letters as "xn--"
 * and their code (RFC 3492); false when that cannot be. */
bool suffixes_ascii(struct span domain, struct buf *out);

#endif
