/* tlsrpt.h - facteur tlsrpt: the reports of a day (RFC 8460) */

#ifndef TOOLS_FACTEUR_TLSRPT_H
#define TOOLS_FACTEUR_TLSRPT_H

struct tool;

/* [--send] [day [domain]]. EX_USAGE when the words are not so. */
int tlsrpt_main(const struct tool *t, int count, char **words);

#endif
