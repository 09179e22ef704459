/* footer.h - what smtpd_reject_footer and its maps add to a refusal */

#ifndef SMTPD_FOOTER_H
#define SMTPD_FOOTER_H

#include <stdbool.h>

#include "base/span.h"

struct buf;
struct footer;
struct session;

/* Append that of main.cf, if any, to the text of a reply, whose lines LF
 * separates. */
void footer_add(const struct session *s, struct buf *text);
/* Ask smtpd_reject_footer_maps about a reply; text as above. True: they will
 * tell, and then reply_finish() is called with the footer behind it. False: no
 * table is asked. */
bool
footer_ask(struct session *s, int code, const char *status, struct span text);
void footer_free(struct footer **f);

#endif
