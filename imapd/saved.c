/*
 * saved.c - what a SEARCH has saved: "$" (RFC 5182)
 *
 * UIDs are kept, since numbers shift; so what is expunged drops out by itself.
 */

#include "imapd/saved.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/mem.h"
#include "imapd/session.h"
#include "mailbox/view.h"
#include "wire/imap_parse.h"

void
saved_forget(struct session *s)
{
	mem_free(&s->saved);
	s->saved_count = 0;
}

void
saved_keep(struct session *s, const uint32_t *at, size_t n)
{
	saved_forget(s);
	s->saved = mem_array(n + 1, sizeof(*s->saved));
	for (size_t i = 0; i < n; i++)
		s->saved[i] = view_at(s->view, at[i])->uid;
	s->saved_count = n;
}

void
saved_set(struct session *s, struct imap_set *out)
{
	*out = (struct imap_set){ .list = arena_array(s->a, s->saved_count + 1,
				      sizeof(*out->list)) };
	for (size_t i = 0; i < s->saved_count; i++) {
		struct imap_range *last = &out->list[out->count];
		uint32_t uid = s->saved[i];

		if (out->count > 0 && last[-1].last + 1 == uid) {
			last[-1].last = uid;
		} else {
			*last = (struct imap_range){ uid, uid };
			out->count++;
		}
	}
}
