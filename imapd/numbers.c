/* numbers.c - the messages that a sequence set means */

#include "imapd/numbers.h"

#include <stdlib.h>

#include "base/mem.h"
#include "imapd/reply.h"
#include "imapd/saved.h"
#include "imapd/session.h"
#include "mailbox/view.h"
#include "wire/imap_parse.h"

void
numbers_free(struct numbers *n)
{
	free(n->list);
	n->list = NULL;
	n->count = 0;
}

static void
add_uids(const struct view *v, const struct imap_set *set, struct numbers *out)
{
	size_t count = view_count(v);

	for (size_t r = 0; r < set->count; r++) {
		size_t i = view_find(v, set->list[r].first);

		for (; i < count && view_at(v, i)->uid <= set->list[r].last;
		     i++)
			out->list[out->count++] = (uint32_t)i;
	}
}

static bool
add_sequence(
    const struct view *v, const struct imap_set *set, struct numbers *out)
{
	size_t count = view_count(v);

	for (size_t r = 0; r < set->count; r++) {
		if (set->list[r].first == 0 || set->list[r].last > count)
			return false;
		for (uint32_t n = set->list[r].first; n <= set->list[r].last;
		     n++)
			out->list[out->count++] = n - 1;
	}
	return true;
}

bool
numbers_take(struct session *s, struct span *args, struct numbers *out)
{
	size_t count = view_count(s->view);
	struct imap_set set;
	bool ok = true;

	*out = (struct numbers){ .count = 0 };
	if (!imap_space(args) || !imap_message_set(s->a, args, &set)) {
		reply_bad(s, "A set of message numbers is wanted");
		return false;
	}
	out->list = mem_array(count + 1, sizeof(*out->list));
	if (set.saved) {
		saved_set(s, &set);
		add_uids(s->view, &set, out);
	} else if (s->uid) {
		imap_set_resolve(
		    &set, count == 0 ? 0 : view_at(s->view, count - 1)->uid);
		add_uids(s->view, &set, out);
	} else {
		imap_set_resolve(&set, (uint32_t)count);
		ok = add_sequence(s->view, &set, out);
	}
	if (!ok) {
		reply_bad(s, "A message number that is not there");
		numbers_free(out);
	}
	return ok;
}
