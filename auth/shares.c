/*
 * shares.c - which owners share folders with whom
 *
 * Two kinds of entries: "o=OWNER" has the identifiers that he names, "i=ID" the
 * owners who name it; and "g", once a group was named.
 */

#include "auth/shares.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "calls/share_call.h"
#include "calls/start_call.h"
#include "maps/store.h"
#include "os/clock.h"

enum { ENTRIES_MAX = SHARES_OWNERS_MAX * 4, ID_MAX = SHARE_NAME_MAX + 20 };

struct shares {
	struct store *store;
};

struct shares *
shares_open(struct loop *loop, const char *data_directory)
{
	struct shares *s = mem_new(sizeof(*s));
	char *path = mem_printf("hash:%s/shared", data_directory);

	s->store = store_open(loop, path, ENTRIES_MAX, STORE_AFTER_MS);
	store_write_aside(s->store, FD_LOG);
	free(path);
	return s;
}

void
shares_free(struct shares **s)
{
	store_free(&(*s)->store);
	mem_free(s);
}

void
shares_flush(struct shares *s)
{
	store_flush(s->store);
}

/* The lines of an entry, into out, which is cleared. */
static void
get(struct shares *s, char kind, struct span name, struct buf *out)
{
	struct buf key = BUF_EMPTY;
	struct span text;
	int64_t until;

	buf_printf(&key, "%c=", kind);
	buf_add_span(&key, name);
	buf_clear(out);
	if (store_get(s->store, buf_span(&key), &until, &text))
		buf_add_span(out, text);
	buf_free(&key);
}

static void
put(struct shares *s, char kind, struct span name, struct span lines)
{
	const int64_t for_ever = clock_wall() + (int64_t)100 * 366 * 86400;
	struct buf key = BUF_EMPTY;

	buf_printf(&key, "%c=", kind);
	buf_add_span(&key, name);
	if (lines.n == 0)
		store_remove(s->store, buf_span(&key));
	else
		store_put(s->store, buf_span(&key), for_ever, lines);
	buf_free(&key);
}

static bool
has_line(struct span lines, struct span want)
{
	struct span line;

	while (span_line(&lines, &line))
		if (span_eq(line, want))
			return true;
	return false;
}

static size_t
count_lines(struct span lines)
{
	struct span line;
	size_t n = 0;

	while (span_line(&lines, &line))
		n++;
	return n;
}

static void
add_line(struct buf *out, struct span line)
{
	buf_add_span(out, line);
	buf_add_byte(out, '\n');
}

/* owner does not name id any more. */
static void
unlink_owner(struct shares *s, struct span id, struct span owner)
{
	struct buf had = BUF_EMPTY, now = BUF_EMPTY;
	struct span rest, line;

	get(s, 'i', id, &had);
	rest = buf_span(&had);
	while (span_line(&rest, &line))
		if (!span_eq(line, owner))
			add_line(&now, line);
	put(s, 'i', id, buf_span(&now));
	buf_free(&had);
	buf_free(&now);
}

/* owner names id; fresh: he has not done so before. One for whom there was no
 * room gets it once there is some, when he says it again. */
static void
link_owner(struct shares *s, struct span id, struct span owner, bool fresh)
{
	struct buf list = BUF_EMPTY;

	get(s, 'i', id, &list);
	if (has_line(buf_span(&list), owner)) {
		buf_free(&list);
		return;
	}
	if (count_lines(buf_span(&list)) < SHARES_LISTED_MAX) {
		add_line(&list, owner);
		put(s, 'i', id, buf_span(&list));
	} else if (fresh) {
		log_warning("more than %d owners share folders with %.*s: LIST "
			    "does not show all",
		    SHARES_LISTED_MAX, (int)id.n, id.p);
	}
	buf_free(&list);
}

static bool
ids_good(struct span ids)
{
	struct span line;
	size_t n = 0;

	while (span_line(&ids, &line))
		if (line.n == 0 || line.n > ID_MAX || span_has_break(line) ||
		    span_find(line, '\0') < line.n || ++n > SHARES_IDS_MAX)
			return false;
	return true;
}

bool
shares_tell(struct shares *s, struct span owner, struct span ids)
{
	struct buf had = BUF_EMPTY;
	struct span rest = ids, line;

	if (owner.n == 0 || span_has_break(owner) || !ids_good(ids))
		return false;
	get(s, 'o', owner, &had);
	while (span_line(&rest, &line)) {
		link_owner(s, line, owner, !has_line(buf_span(&had), line));
		if (span_starts(line, "group"))
			put(s, 'g', SPAN(""), SPAN("1"));
	}
	rest = buf_span(&had);
	while (span_line(&rest, &line))
		if (!has_line(ids, line))
			unlink_owner(s, line, owner);
	if (!span_eq(buf_span(&had), ids))
		put(s, 'o', owner, ids);
	buf_free(&had);
	return true;
}

bool
shares_know_groups(struct shares *s)
{
	struct buf text = BUF_EMPTY;
	bool known;

	get(s, 'g', SPAN(""), &text);
	known = text.n > 0;
	buf_free(&text);
	return known;
}

/* All identifiers that may name them, as lines. */
static void
ids_of(const struct shares_who *who, struct buf *out)
{
	struct span rest = who->groups, group;

	buf_add_str(out, "anyone\nauthenticated\nuser=");
	add_line(out, who->user);
	while (span_word(&rest, " ", &group)) {
		buf_add_str(out, "group=");
		add_line(out, group);
		buf_add_str(out, "group-override=");
		add_line(out, group);
	}
}

void
shares_list(struct shares *s, const struct shares_who *who, struct buf *out)
{
	struct buf ids = BUF_EMPTY, owners = BUF_EMPTY;
	struct span rest, id, left, owner;
	size_t n = 0;

	ids_of(who, &ids);
	rest = buf_span(&ids);
	while (span_line(&rest, &id)) {
		get(s, 'i', id, &owners);
		left = buf_span(&owners);
		while (span_line(&left, &owner)) {
			if (span_eq(owner, who->user) ||
			    has_line(buf_span(out), owner))
				continue;
			if (++n > SHARES_LISTED_MAX ||
			    out->n + owner.n >= SHARE_LIST_MAX)
				break;
			add_line(out, owner);
		}
	}
	buf_free(&ids);
	buf_free(&owners);
}

bool
shares_may(struct shares *s, const struct shares_who *who, struct span owner)
{
	struct buf ids = BUF_EMPTY, named = BUF_EMPTY;
	struct span rest, id;
	bool may = false;

	if (owner.n == 0 || span_eq(owner, who->user))
		return false;
	ids_of(who, &ids);
	get(s, 'o', owner, &named);
	rest = buf_span(&ids);
	while (!may && span_line(&rest, &id))
		may = has_line(buf_span(&named), id);
	buf_free(&ids);
	buf_free(&named);
	return may;
}
