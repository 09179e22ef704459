/* imap_notify.c - what NOTIFY and ESEARCH say of mailboxes (RFC 5465, 7377) */

#include "wire/imap_notify.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "wire/imap_fetch.h"
#include "wire/imap_parse.h"

static bool
names(struct arena *a, struct span *rest, struct imap_filter *out)
{
	bool many;

	if (!imap_space(rest))
		return false;
	many = imap_char(rest, '(');
	out->names =
	    arena_array(a, many ? FILTER_NAMES_MAX : 1, sizeof(*out->names));
	do {
		if (out->count == FILTER_NAMES_MAX ||
		    !imap_astring(a, rest, &out->names[out->count]))
			return false;
		out->count++;
	} while (many && imap_space(rest));
	return !many || imap_char(rest, ')');
}

bool
imap_filter(struct arena *a, struct span *rest, struct imap_filter *out)
{
	static const struct {
		const char *word;
		enum imap_filter_kind kind;
		bool named;
	} kinds[] = {
		{ "SELECTED", FILTER_SELECTED, false },
		{ "SELECTED-DELAYED", FILTER_SELECTED_DELAYED, false },
		{ "INBOXES", FILTER_INBOXES, false },
		{ "PERSONAL", FILTER_PERSONAL, false },
		{ "SUBSCRIBED", FILTER_SUBSCRIBED, false },
		{ "SUBTREE", FILTER_SUBTREE, true },
		{ "SUBTREE-ONE", FILTER_SUBTREE_ONE, true },
		{ "MAILBOXES", FILTER_MAILBOXES, true },
	};

	*out = (struct imap_filter){ .count = 0 };
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (imap_is_word(rest, kinds[i].word)) {
			out->kind = kinds[i].kind;
			return !kinds[i].named || names(a, rest, out);
		}
	return false;
}

bool
imap_sources(struct arena *a, struct span *rest, struct imap_sources *out)
{
	*out = (struct imap_sources){ .list = arena_array(
					  a, FILTERS_MAX, sizeof(*out->list)) };
	if (!imap_is_word(rest, "IN") || !imap_space(rest) ||
	    !imap_char(rest, '('))
		return false;
	do {
		struct imap_filter *f = &out->list[out->count];

		if (out->count == FILTERS_MAX || !imap_filter(a, rest, f) ||
		    f->kind == FILTER_SELECTED_DELAYED)
			return false;
		out->count++;
	} while (imap_space(rest));
	return imap_char(rest, ')');
}

static const struct {
	const char *word;
	unsigned bit;
} words[] = {
	{ "MessageNew", EVENT_MESSAGE_NEW },
	{ "MessageExpunge", EVENT_MESSAGE_EXPUNGE },
	{ "FlagChange", EVENT_FLAG_CHANGE },
	{ "MailboxName", EVENT_MAILBOX_NAME },
	{ "SubscriptionChange", EVENT_SUBSCRIPTION },
	{ "MailboxMetadataChange", EVENT_MAILBOX_METADATA },
	{ "ServerMetadataChange", EVENT_SERVER_METADATA },
};

void
imap_put_events(struct buf *out, unsigned events)
{
	size_t begun = out->n;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if ((events & words[i].bit) != 0)
			buf_printf(out, "%s%s", out->n > begun ? " " : "(",
			    words[i].word);
	buf_add_str(out, out->n > begun ? ")" : "NONE");
}

/* SP "(" attributes ")"; a blank may lead to the next event too. */
static bool
new_attributes(
    struct arena *a, struct span *rest, struct imap_notify_group *out)
{
	struct span at = *rest;

	if (!imap_space(&at) || span_at(at, 0) != '(')
		return true;
	if (out->fetch != NULL)
		return false;
	out->fetch = arena_alloc(a, sizeof(*out->fetch));
	*rest = at;
	return imap_fetch_items(a, rest, out->fetch);
}

static bool
event(struct arena *a, struct span *rest, struct imap_notify_group *out)
{
	struct span word;

	if (!imap_atom(rest, &word))
		return false;
	if (span_iis(word, "MessageNew")) {
		out->events |= EVENT_MESSAGE_NEW;
		return new_attributes(a, rest, out);
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (span_iis(word, words[i].word)) {
			out->events |= words[i].bit;
			return true;
		}
	out->events |= EVENT_OTHER;
	return true;
}

static bool
events(struct arena *a, struct span *rest, struct imap_notify_group *out)
{
	if (imap_is_word(rest, "NONE"))
		return true;
	if (!imap_char(rest, '('))
		return false;
	do {
		if (!event(a, rest, out))
			return false;
	} while (imap_space(rest));
	return imap_char(rest, ')');
}

static bool
is_selected(const struct imap_filter *f)
{
	return f->kind == FILTER_SELECTED || f->kind == FILTER_SELECTED_DELAYED;
}

/* New and expunged messages go together, and changed flags with both (5). Only
 * of the selected mailbox can more than the fact be told, and of that only
 * what happens to messages (6.1, 8). */
static bool
makes_sense(const struct imap_notify_group *g)
{
	const unsigned both = EVENT_MESSAGE_NEW | EVENT_MESSAGE_EXPUNGE;
	const unsigned message = both | EVENT_FLAG_CHANGE | EVENT_OTHER;

	if ((g->events & both) != 0 && (g->events & both) != both)
		return false;
	if ((g->events & EVENT_FLAG_CHANGE) != 0 && (g->events & both) == 0)
		return false;
	if (is_selected(&g->filter))
		return (g->events & ~message) == 0;
	return g->fetch == NULL;
}

static bool
group(struct arena *a, struct span *rest, struct imap_notify_group *out)
{
	return imap_char(rest, '(') && imap_filter(a, rest, &out->filter) &&
	    out->filter.kind != FILTER_SUBTREE_ONE && imap_space(rest) &&
	    events(a, rest, out) && imap_char(rest, ')') && makes_sense(out);
}

static bool
groups(struct arena *a, struct span *rest, struct imap_notify *out)
{
	bool selected = false;

	out->groups = arena_array(a, NOTIFY_GROUPS_MAX, sizeof(*out->groups));
	do {
		struct imap_notify_group *g = &out->groups[out->count];

		if (out->count == NOTIFY_GROUPS_MAX || !group(a, rest, g) ||
		    (selected && is_selected(&g->filter)))
			return false;
		selected = selected || is_selected(&g->filter);
		out->count++;
	} while (imap_space(rest));
	return true;
}

bool
imap_notify_parse(struct arena *a, struct span rest, struct imap_notify *out)
{
	*out = (struct imap_notify){ .count = 0 };
	if (!imap_space(&rest))
		return false;
	out->none = imap_is_word(&rest, "NONE");
	if (out->none)
		return imap_end(rest);
	if (!imap_is_word(&rest, "SET") || !imap_space(&rest))
		return false;
	out->status = imap_is_word(&rest, "STATUS");
	if (out->status && !imap_space(&rest))
		return false;
	return groups(a, &rest, out) && imap_end(rest);
}
