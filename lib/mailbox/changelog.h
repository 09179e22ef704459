/* changelog.h - facteur.log: what changed in a folder, and when
 *
 * Records of one size, appended under the folder's lock, each with a checksum
 * and the modification sequence (RFC 7162) of its change. Sessions read it to
 * learn what others did, CONDSTORE and QRESYNC are answered from it. It can be
 * lost: then nothing but old expunges is forgotten.
 */

#ifndef MAILBOX_CHANGELOG_H
#define MAILBOX_CHANGELOG_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "mailbox/keywords.h"

struct changelog;

enum change_kind { CHANGE_ADD = 1, CHANGE_FLAGS = 2, CHANGE_GONE = 3 };

/* uid has these flags (FLAG_ bits) and keywords since modseq. */
struct change {
	enum change_kind kind;
	uint32_t uid;
	unsigned flags;
	struct kwset kw;
	uint64_t modseq;
};

typedef void change_fn(void *arg, const struct change *c);

/* Of the folder home: name lies in dir, which is home itself; or elsewhere, of
 * which a note in home tells (index_note.h); or it is -1, and there is no log.
 * Both stay the caller's. All calls but changelog_changed() want the folder's
 * lock (uidlist.h). */
struct changelog *
changelog_new(int home, int dir, const char *name, mode_t mode);
void changelog_free(struct changelog **l);

/* Open, or make anew when it is not there, damaged in its head, or of another
 * UIDVALIDITY. True when it is the file that was read before, or there is none
 * as before. */
bool changelog_open(struct changelog *l, uint32_t validity);
/* There is one: it can happen that there is none where it is to lie elsewhere,
 * and then sequences are given all the same, and expunges forgotten. */
bool changelog_is_kept(const struct changelog *l);
/* False when nothing was written since the last read or append. */
bool changelog_changed(const struct changelog *l);
/* Tell the records since the last read; one with a wrong checksum is passed
 * over. */
void changelog_read(struct changelog *l, change_fn *fn, void *arg);
/* Tell all expunges after modseq; false when it does not reach back so far. */
bool changelog_gone_since(
    struct changelog *l, uint64_t modseq, change_fn *fn, void *arg);

/* The sequence for changes made now: greater than any given before, even by a
 * log that was lost, since it follows the clock's microseconds. */
uint64_t changelog_modseq(struct changelog *l);
/* The greatest sequence seen or given; 0 at first. */
uint64_t changelog_highest(const struct changelog *l);
void changelog_saw(struct changelog *l, uint64_t modseq);
/* Queue a record, and write what is queued. A log that cannot be written is
 * removed, so that nobody believes it. */
void changelog_add(struct changelog *l, const struct change *c);
void changelog_commit(struct changelog *l);

/* facteur.uids is to be written anew, without those that are gone: the records
 * that tell of them must outlive a power cut from now on. */
void changelog_flush(struct changelog *l);

/* As of uidlist.h. */
struct changelog_place {
	uint64_t id, ino, at; /* id: the file's own number */
};
struct changelog_place changelog_place(const struct changelog *l);
/* False also when a power cut took the end of the file: it is made anew then,
 * since expunges are missing that nobody could name. */
bool changelog_seek(struct changelog *l, struct changelog_place to);
/* Stand at the front. */
void changelog_rewind(struct changelog *l);
/* Stand at the end of what is there, having seen the last sequence only. */
void changelog_seek_end(struct changelog *l);
/* Drop the oldest records, when there are many: expunges are kept for a year
 * or until there are 10,000 younger ones. */
void changelog_trim(struct changelog *l);

#endif
