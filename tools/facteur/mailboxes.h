/* mailboxes.h - facteur import, facteur export */

#ifndef TOOLS_FACTEUR_MAILBOXES_H
#define TOOLS_FACTEUR_MAILBOXES_H

struct tool;

/* words: what follows the command. Return the exit code: EX_USAGE for words
 * that make no sense. */
int import_main(const struct tool *t, int count, char **words);
int export_main(const struct tool *t, int count, char **words);

#endif
