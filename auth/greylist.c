/*
 * greylist.c - who has come back
 *
 * Two kinds of entries in one store: "t NETWORK SENDER RECIPIENT", whose text
 * is when it was first seen, with a sign of having come back; and "n NETWORK",
 * whose text is how many triples have. An entry that is in use is written again
 * only when a good part of its life is over, so that a busy correspondent does
 * not keep the disk busy.
 */

#include "auth/greylist.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/number.h"
#include "calls/start_call.h"
#include "maps/store.h"

struct greylist {
	struct store *store;
};

struct greylist *
greylist_open(struct loop *loop, const char *data_directory, size_t limit)
{
	struct greylist *g = mem_new(sizeof(*g));
	char *path = mem_printf("hash:%s/greylist", data_directory);

	g->store = store_open(loop, path, limit, STORE_AFTER_MS);
	/* 100,000 entries take a third of a second */
	store_write_aside(g->store, FD_LOG);
	free(path);
	return g;
}

void
greylist_free(struct greylist **g)
{
	if (*g == NULL)
		return;
	store_free(&(*g)->store);
	mem_free(g);
}

void
greylist_flush(struct greylist *g)
{
	store_flush(g->store);
}

static void
key_make(struct buf *key, char kind, struct span what)
{
	buf_clear(key);
	buf_add_byte(key, kind);
	buf_add_byte(key, ' ');
	buf_add_span(key, what);
}

static void
put(struct greylist *g, const struct buf *key, int64_t until, int64_t number,
    bool passed)
{
	struct buf text = BUF_EMPTY;

	buf_printf(&text, "%lld%s", (long long)number, passed ? " passed" : "");
	store_put(g->store, buf_span(key), until, buf_span(&text));
	buf_free(&text);
}

/* What stands there; false: nothing, or nothing that is understood. */
static bool
get(struct greylist *g, const struct buf *key, int64_t *until, int64_t *number,
    bool *passed)
{
	struct span text, word = SPAN("");

	if (!store_get(g->store, buf_span(key), until, &text))
		return false;
	(void)span_word(&text, " ", &word);
	*passed = span_is(span_trim(text), "passed");
	return number_parse_signed(word, 0, INT64_MAX, number);
}

/* In use, and to be written again. */
static bool
is_old(const struct auth_greylist *ask, int64_t until, int64_t now)
{
	return now + ask->lifetime - until > ask->lifetime / 8;
}

static bool
network_is_known(
    struct greylist *g, const struct auth_greylist *ask, int64_t now)
{
	struct buf key = BUF_EMPTY;
	int64_t until, count;
	bool passed, known;

	if (ask->enough == 0)
		return false;
	key_make(&key, 'n', ask->network);
	known = get(g, &key, &until, &count, &passed) && count >= ask->enough;
	if (known && is_old(ask, until, now))
		put(g, &key, now + ask->lifetime, count, true);
	buf_free(&key);
	return known;
}

static void
network_count(struct greylist *g, const struct auth_greylist *ask, int64_t now)
{
	struct buf key = BUF_EMPTY;
	int64_t until, count = 0;
	bool passed;

	if (ask->enough == 0)
		return;
	key_make(&key, 'n', ask->network);
	if (!get(g, &key, &until, &count, &passed))
		count = 0;
	put(g, &key, now + ask->lifetime, count + 1, true);
	buf_free(&key);
}

/* A clock that was set back must not keep anybody out. */
static struct auth_greylist_answer
come_again(struct greylist *g, const struct auth_greylist *ask,
    const struct buf *key, int64_t first, int64_t now)
{
	int64_t waited = now - first;

	if (waited >= 0 && waited < ask->delay)
		return (struct auth_greylist_answer){ GREYLIST_EARLY,
			ask->delay - waited };
	put(g, key, now + ask->lifetime, first, true);
	network_count(g, ask, now);
	return (struct auth_greylist_answer){ GREYLIST_PASSED,
		waited < 0 ? 0 : waited };
}

struct auth_greylist_answer
greylist_ask(struct greylist *g, const struct auth_greylist *ask, int64_t now)
{
	struct auth_greylist_answer answer = { GREYLIST_KNOWN, 0 };
	struct buf key = BUF_EMPTY;
	int64_t until, first;
	bool passed;

	if (network_is_known(g, ask, now))
		return answer;
	key_make(&key, 't', ask->triple);
	if (!get(g, &key, &until, &first, &passed)) {
		put(g, &key, now + ask->window, now, false);
		answer.verdict = GREYLIST_NEW;
		answer.seconds = ask->delay;
	} else if (passed) {
		if (is_old(ask, until, now))
			put(g, &key, now + ask->lifetime, first, true);
	} else {
		answer = come_again(g, ask, &key, first, now);
	}
	buf_free(&key);
	return answer;
}
