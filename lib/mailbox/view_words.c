/*
 * view_words.c - signatures of messages' texts, kept for the next search
 *
 * New ones gather in memory and are written together, under the lock.
 */

#include <stdlib.h>

#include "mailbox/view_parts.h"
#include "mailbox/wordfile.h"

enum {
	GATHER = 1 << 20,
	GATHER_MOST = 1 << 22, /* while the lock is not to be had */
	FILE_BASE = 64 << 20, /* longer than this, and per message this: */
	FILE_EACH = 2048 /* it is begun anew */
};

static struct wordfile *
words_of(struct view *v)
{
	if (v->words == NULL)
		v->words = wordfile_new(
		    v->index, INDEX_WORDS, maildir_file_mode(v->m));
	return v->words;
}

static uint64_t
kind_of(const struct view *v, uint32_t way)
{
	return (uint64_t)way << 32 | v->x.head.validity;
}

bool
view_words(struct view *v, size_t i, uint32_t way, struct span *out)
{
	return wordfile_get(
	    words_of(v), kind_of(v, way), view_at(v, i)->uid, out);
}

/* Nobody waits for the lock for that. When it is not to be had, what was
 * gathered waits for another time, up to a limit. */
void
view_words_flush(struct view *v)
{
	if (v->words != NULL)
		wordfile_look_again(v->words);
	if (v->unwritten.n == 0)
		return;
	if (view_lock_now(v)) {
		(void)wordfile_append(words_of(v), kind_of(v, v->unwritten_way),
		    buf_span(&v->unwritten),
		    FILE_BASE + (uint64_t)v->x.count * FILE_EACH);
		uidlist_unlock(v->uids);
	} else if (!v->lost && v->unwritten.n < GATHER_MOST) {
		return;
	}
	buf_free(&v->unwritten);
}

void
view_keep_words(struct view *v, size_t i, uint32_t way, struct span signature)
{
	if (v->index == -1)
		return;
	v->unwritten_way = way;
	wordfile_put(&v->unwritten, view_at(v, i)->uid, signature);
	if (v->unwritten.n >= GATHER)
		view_words_flush(v);
}

void
view_words_rest(struct view *v)
{
	if (v->unwritten.n > 0)
		view_words_flush(v);
	if (v->words != NULL)
		wordfile_rest(v->words);
	if (v->unwritten.n == 0)
		buf_free(&v->unwritten);
}

void
view_words_free(struct view *v)
{
	wordfile_free(&v->words);
	buf_free(&v->unwritten);
}
