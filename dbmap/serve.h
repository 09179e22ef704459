/* serve.h - the questions of one connection of lookup's */

#ifndef DBMAP_SERVE_H
#define DBMAP_SERVE_H

struct known;

/* Answer what comes on fd until it ends, or control does. folder:
 * daemon_directory. known: what may be asked. The exit status. */
int
dbmap_serve(int fd, int control, const char *folder, const struct known *known);

#endif
