/* courier.h - what pop3d takes from Courier's file of that name */

#ifndef POP3D_COURIER_H
#define POP3D_COURIER_H

#include <stdbool.h>

struct pop3_conf;
struct why;

/* POP3_LOG_DELETIONS of the file in the configuration's folder, or where
 * Courier had it; it may be missing. False: why says file and line. */
bool pop3d_courier(const char *folder, struct pop3_conf *out, struct why *why);

#endif
