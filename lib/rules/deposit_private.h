/* deposit_private.h - between deposit.c and deposit_dir.c */

#ifndef RULES_DEPOSIT_PRIVATE_H
#define RULES_DEPOSIT_PRIVATE_H

#include <stdbool.h>

#include "rules/deposit.h"

struct pieces;

enum folder_kind { KIND_FILE, KIND_DIR, KIND_MH, KIND_MAILDIR };

struct folder_place {
	enum folder_kind kind;
	char *base; /* the directory or file, without the ending */
};

/* Both say what is wrong. made: the directory is there, or was made. */
bool deposit_make_dir(struct deposit *d, const char *path);
/* Write a file of its own into the directory. */
bool deposit_in_dir(struct deposit *d, const struct folder_place *f,
    const struct pieces *p, struct buf *path);
/* A second name, in that directory, for the file at path. */
bool
deposit_link(struct deposit *d, const struct folder_place *f, const char *path);
/* Flush the folder that path lies in. */
int deposit_sync_parent(const char *path);

#endif
