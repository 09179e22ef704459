/*
 * uses.c - what folders are for, by their names (RFC 6154)
 *
 * Clients that find no \Sent or \Trash make folders of their own invention,
 * each another one. So the usual ones are made before the first client can ask.
 */

#include "imapd/uses.h"

#include "base/arena.h"
#include "base/log.h"
#include "base/why.h"
#include "imapd/session.h"
#include "mailbox/subs.h"
#include "mailbox/tree.h"

/* --- the first login --- */

struct beginning {
	struct session *s;
	struct tree_entry *there;
	size_t count;
	bool used[USES];
};

static struct span
without_prefix(const struct beginning *b, struct span name)
{
	struct span prefix = span_str(tree_conf(b->s->tree)->prefix);

	return span_starts(name, prefix.p) ? span_skip(name, prefix.n) : name;
}

static int
look(struct beginning *b, struct why *why)
{
	b->there = tree_list(b->s->tree, b->s->a, &b->count, why);
	if (b->there == NULL)
		return -1;
	for (size_t i = 0; i < b->count; i++) {
		size_t use = uses_of(without_prefix(b, b->there[i].name));

		if (use < USES && b->there[i].exists)
			b->used[use] = true;
	}
	return 0;
}

/* Another session may do the same at the same time. */
static int
make(struct beginning *b, struct span word, struct why *why)
{
	size_t use = uses_of(word);
	struct buf name = BUF_EMPTY;
	enum tree_result got = TREE_EXISTS;

	buf_add_str(&name, tree_conf(b->s->tree)->prefix);
	buf_add_span(&name, word);
	if (use == USES || !b->used[use])
		got = tree_make(b->s->tree, buf_span(&name), why);
	buf_free(&name);
	return got == TREE_DONE || got == TREE_EXISTS ? 0 : -1;
}

static int
make_all(struct beginning *b, struct why *why)
{
	struct span word, rest = span_str(b->s->conf->first_folders);

	while (span_cut(&rest, ',', &word)) {
		word = span_trim(word);
		if (word.n > 0 && make(b, word, why) == -1)
			return -1;
	}
	return 0;
}

static int
subscribe_all(struct beginning *b, struct why *why)
{
	struct span *names;
	size_t n = 0;

	if (look(b, why) == -1)
		return -1;
	names = arena_array(b->s->a, b->count + 1, sizeof(*names));
	for (size_t i = 0; i < b->count; i++)
		if (b->there[i].exists)
			names[n++] = b->there[i].name;
	return subs_begin(b->s->tree, names, n, why);
}

void
uses_first_login(struct session *s)
{
	struct beginning b = { .s = s };
	struct why why;

	if (s->conf->first_folders == NULL || subs_known(s->tree))
		return;
	why_init(&why);
	if (look(&b, &why) == -1 || make_all(&b, &why) == -1 ||
	    subscribe_all(&b, &why) == -1)
		log_warning("%s", why_text(&why));
	why_free(&why);
	arena_clear(s->a);
}
