/* pidfile.h - one master to a configuration */

#ifndef MASTER_PIDFILE_H
#define MASTER_PIDFILE_H

struct why;

/* Lock FOLDER/master.pid (master-GROUP.pid where group is not NULL) and write
 * our pid there; the lock ends with the process. -1 with why when another
 * master holds it. The descriptor is kept. */
int pidfile_take(const char *folder, const char *group, struct why *why);

#endif
