/* footer.h - what smtpd_reject_footer adds to a refusal */

#ifndef SMTPD_FOOTER_H
#define SMTPD_FOOTER_H

struct buf;
struct session;

/* Append it to the text of a reply, whose lines LF separates. */
void footer_add(const struct session *s, struct buf *text);

#endif
