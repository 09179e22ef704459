/* saved.h - what a SEARCH has saved: "$" (RFC 5182) */

#ifndef IMAPD_SAVED_H
#define IMAPD_SAVED_H

#include <stddef.h>
#include <stdint.h>

struct imap_set;
struct session;

/* Keep the messages at these places of the view. */
void saved_keep(struct session *s, const uint32_t *at, size_t n);
/* Nothing is saved: another folder, or a search that failed. */
void saved_forget(struct session *s);
/* The UIDs as a resolved set in the command's memory; those that are gone
 * meanwhile still stand in it. */
void saved_set(struct session *s, struct imap_set *out);

#endif
