/* imap_url.h - IMAP URLs of a message or a part of it (RFC 5092, RFC 4469) */

#ifndef WIRE_IMAP_URL_H
#define WIRE_IMAP_URL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "wire/imap_fetch.h"

struct arena;

enum { IMAP_URL_MAX = 8192 };

struct imap_url {
	struct span mailbox; /* UTF-8 */
	uint32_t validity; /* 0: none was given */
	uint32_t uid;
	struct imap_fetch_item part; /* as BODY.PEEK[section]<partial> */
};

/* Read "/mailbox;UIDVALIDITY=1/;UID=2/;SECTION=1.2/;PARTIAL=0.100", the form
 * that begins with one slash: URLs of other servers, of mailboxes and those
 * that are relative to a path (7.2) are refused, and so are longer ones. */
bool imap_url_parse(struct arena *a, struct span url, struct imap_url *out);

#endif
