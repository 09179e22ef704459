/* select.h - leaving the selected folder */

#ifndef IMAPD_SELECT_H
#define IMAPD_SELECT_H

struct session;

/* Nothing is selected any more; nothing is expunged. */
void select_leave(struct session *s);

#endif
