/* sieve.h - facteur sieve: look scripts through, and try them on a message */

#ifndef TOOLS_FACTEUR_SIEVE_H
#define TOOLS_FACTEUR_SIEVE_H

/* argv is what stands behind "sieve", NULL-ended; the exit code. */
int sieve_main(const char *program, char **argv);
int sieve_trace(const char *program, char **argv);

#endif
