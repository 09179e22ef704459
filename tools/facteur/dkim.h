/* dkim.h - facteur dkim-key: a new key and the record that tells of it */

#ifndef TOOLS_FACTEUR_DKIM_H
#define TOOLS_FACTEUR_DKIM_H

struct tool;

/* words: DOMAIN SELECTOR [rsa|ed25519]. Returns the exit code; 64: usage. */
int dkim_key_main(const struct tool *t, int count, char **words);

#endif
