/* rc.h - facteur rc: look rc files through, without delivering anything */

#ifndef TOOLS_FACTEUR_RC_H
#define TOOLS_FACTEUR_RC_H

/* argv is what stands behind "rc", NULL-ended; the exit code. */
int rc_main(const char *program, char **argv);
int rc_trace(const char *program, char **argv);

#endif
