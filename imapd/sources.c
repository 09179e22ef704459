/* sources.c - the mailboxes that NOTIFY and ESEARCH speak of (RFC 5465, 6) */

#include "imapd/sources.h"

#include "base/arena.h"
#include "imapd/guest.h"
#include "imapd/reply.h"
#include "imapd/session.h"
#include "imapd/share.h"
#include "imapd/shared.h"
#include "mailbox/subs.h"
#include "mailbox/tree.h"
#include "wire/imap_notify.h"

int
sources_read(struct session *s, struct sources *out, struct why *why)
{
	size_t n;
	struct tree_entry *e = tree_list(s->tree, s->a, &n, why);

	*out = (struct sources){ .folders = NULL };
	if (e == NULL)
		return -1;
	out->folders = arena_array(s->a, n + 1, sizeof(*out->folders));
	for (size_t i = 0; i < n; i++)
		if (e[i].exists)
			out->folders[out->folder_count++] = e[i].name;
	out->subscribed = subs_list(s->tree, s->a, &out->subscribed_count, why);
	return out->subscribed == NULL ? -1 : 0;
}

bool
sources_name(struct session *s, struct imap_filter *f)
{
	for (size_t i = 0; i < f->count; i++) {
		struct span name;

		if (!reply_mailbox(s, f->names[i], &name))
			return false;
		f->names[i] = share_can(s) && shared_has(s->conf, name)
		    ? name
		    : reply_full_name(s, name);
	}
	return true;
}

static bool
is_named(
    const struct session *s, const struct imap_filter *f, struct span folder)
{
	const struct folder_conf *c = tree_conf(s->tree);

	for (size_t i = 0; i < f->count; i++) {
		struct span name = f->names[i];

		if (span_eq(folder, name))
			return true;
		if (f->kind == FILTER_SUBTREE && folder.n > name.n &&
		    folder.p[name.n] == c->separator &&
		    span_eq(span_head(folder, name.n), name))
			return true;
		if (f->kind == FILTER_SUBTREE_ONE &&
		    span_eq(folder_parent(c, folder), name))
			return true;
	}
	return false;
}

bool
sources_subscribed(const struct sources *src, struct span folder)
{
	size_t low = 0, high = src->subscribed_count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (span_cmp(src->subscribed[mid], folder) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low < src->subscribed_count &&
	    span_eq(src->subscribed[low], folder);
}

bool
sources_match(const struct session *s, const struct sources *src,
    const struct imap_filter *f, struct span folder)
{
	switch (f->kind) {
	case FILTER_SELECTED:
	case FILTER_SELECTED_DELAYED:
		break;
	/* rules of the user may deliver to any (RFC 5465, 6.3); to a guest
	 * none of them is his, and what its owner subscribes to is nothing
	 * that he may know */
	case FILTER_INBOXES:
	case FILTER_PERSONAL:
		return !guest_is(s);
	case FILTER_SUBSCRIBED:
		return !guest_is(s) && sources_subscribed(src, folder);
	case FILTER_SUBTREE:
	case FILTER_SUBTREE_ONE:
	case FILTER_MAILBOXES:
		return is_named(s, f, folder);
	}
	return false;
}
