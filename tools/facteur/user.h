/* user.h - facteur user: people of auth_user_database */

#ifndef TOOLS_FACTEUR_USER_H
#define TOOLS_FACTEUR_USER_H

struct tool;

/* words: add, passwd, del, list or show, then options and a name. Returns the
 * exit code; 64: usage. */
int user_main(const struct tool *t, int count, char **words);

#endif
