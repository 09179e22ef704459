/* sweep.h - removing a directory with what is in it */

#ifndef MAILBOX_SWEEP_H
#define MAILBOX_SWEEP_H

/* Remove what lies in the directory name below at, at most depth levels; a link
 * is removed and not followed. Not an error when something stays. */
void sweep_dir(int at, const char *name, int depth);

#endif
