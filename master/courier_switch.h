/* courier_switch.h - IMAPDSTART and its kin close ports that master.cf lists */

#ifndef MASTER_COURIER_SWITCH_H
#define MASTER_COURIER_SWITCH_H

#include <stdbool.h>

struct master_row;
struct why;

/* True when Courier's files say NO to the service of this row (IMAPDSTART,
 * IMAPDSSLSTART, POP3DSTART, POP3DSSLSTART); rows of other programs never. On
 * a file that cannot be read: false, why is set to a failure. */
bool courier_switched_off(
    const char *config_dir, const struct master_row *row, struct why *why);
/* Most sessions that MAXDAEMONS allows to imapd and pop3d; otherwise where the
 * files say nothing, and for other programs. */
int courier_sessions(const char *config_dir, const struct master_row *row,
    int otherwise, struct why *why);

#endif
