/* index_place.h - where the indexes of a mailbox's folders lie: index_directory
 *
 * ROOT/UID/MAILBOX/FOLDER has what can be made again of a folder: facteur.log,
 * facteur.index, facteur.cache, facteur.words. MAILBOX is named for the file
 * system and the number of the top directory, which a rename of it or of its
 * user keeps and a copy does not have; FOLDER is called as the folder's
 * directory is, or INBOX.
 */

#ifndef MAILBOX_INDEX_PLACE_H
#define MAILBOX_INDEX_PLACE_H

struct index_place;

/* top stays the caller's, and so does path, for messages. Nothing is opened
 * yet. */
struct index_place *
index_place_new(const char *root, int top, const char *path);
void index_place_free(struct index_place **p);

/* Open a folder's place, made when it is not there. -1: it cannot be had, which
 * is logged once, and the folder is to do without an index. */
int index_place_open(struct index_place *p, const char *folder);
/* The folder is gone; it has another name. What cannot be done is left: an
 * index that is in the wrong place is not believed. */
void index_place_remove(struct index_place *p, const char *folder);
void
index_place_rename(struct index_place *p, const char *from, const char *to);
/* Places of folders that another program has removed go too; once. */
void index_place_sweep(struct index_place *p);

#endif
