/* quirks.h - what tables say of a server's address, and old firewalls
 *
 * smtp_discard_ehlo_keyword_address_maps and smtp_pix_workaround_maps. A Cisco
 * PIX with "fixup protocol smtp" hides the server's greeting behind asterisks,
 * and does not know ESMTP, or a final dot that is split between two packets.
 */

#ifndef SMTP_QUIRKS_H
#define SMTP_QUIRKS_H

#include <stdbool.h>

#include "base/span.h"

struct session;
struct smtp_reply;

enum quirk_pix {
	QUIRK_PIX_NO_ESMTP = 1, /* disable_esmtp */
	QUIRK_PIX_DELAY_DOT = 2 /* delay_dotcrlf */
};

/* The words of smtp_pix_workarounds. False: one is not known. */
bool quirks_pix(struct span words, unsigned *pix);
/* Ask the tables that there are, then session_dial(). */
void quirks_begin(struct session *s);
/* Look at the greeting. */
void quirks_greeting(struct session *s, const struct smtp_reply *r);
/* Is that in use with this server? */
bool quirks_has(const struct session *s, enum quirk_pix which);

#endif
