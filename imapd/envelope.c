/*
 * envelope.c - ENVELOPE of a header (RFC 3501, 7.4.2)
 *
 * Texts are given as they stand, unfolded; encoded words are the client's. A
 * field that is there twice counts the first time. Sender and Reply-To that are
 * absent are what From is.
 */

#include "imapd/envelope.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "message/address.h"
#include "message/header.h"
#include "wire/imap_parse.h"

struct fields {
	struct arena *a;
	struct header_list list;
};

/* The value, unfolded; p is NULL when the field is absent. */
static struct span
value_of(const struct fields *f, const char *name)
{
	size_t at = 0;
	const struct header_field *h = header_list_find(&f->list, name, &at);
	struct span v;

	if (h == NULL)
		return span_of(NULL, 0);
	v = header_unfold_arena(f->a, h->value);
	return v.p == NULL ? SPAN("") : v;
}

static void
put_or_nil(struct buf *out, struct span s)
{
	imap_put_nstring(out, s.n == 0 ? span_of(NULL, 0) : s);
}

/* (name route mailbox host); a group is its name without a host, then a row of
 * NILs at its end. */
static void
put_address(struct buf *out, const struct address_entry *e)
{
	switch (e->kind) {
	case ADDRESS_GROUP_START:
		buf_add_str(out, "(NIL NIL ");
		imap_put_string(out, e->name);
		buf_add_str(out, " NIL)");
		break;
	case ADDRESS_GROUP_END:
		buf_add_str(out, "(NIL NIL NIL NIL)");
		break;
	case ADDRESS_MAILBOX:
		buf_add_byte(out, '(');
		put_or_nil(out, e->name);
		buf_add_byte(out, ' ');
		put_or_nil(out, e->route);
		buf_add_byte(out, ' ');
		imap_put_string(out, e->local);
		buf_add_byte(out, ' ');
		/* NIL would mean a group */
		imap_put_string(out, e->domain);
		buf_add_byte(out, ')');
		break;
	}
}

/* False when there is no address to put. */
static bool
put_addresses(const struct fields *f, const char *name, struct buf *out)
{
	struct span value = value_of(f, name);
	struct address_list list;

	if (value.p == NULL)
		return false;
	address_list_parse(f->a, value, &list);
	if (list.count == 0)
		return false;
	buf_add_byte(out, '(');
	for (size_t i = 0; i < list.count; i++)
		put_address(out, &list.list[i]);
	buf_add_byte(out, ')');
	return true;
}

static void
put_addresses_or_nil(const struct fields *f, const char *name, struct buf *out)
{
	buf_add_byte(out, ' ');
	if (!put_addresses(f, name, out))
		buf_add_str(out, "NIL");
}

/* From, and the two that are the same where they are absent. */
static void
put_senders(const struct fields *f, struct buf *out)
{
	static const char *const others[] = { "Sender", "Reply-To" };
	size_t at = out->n, n;

	put_addresses_or_nil(f, "From", out);
	n = out->n - at;
	for (size_t i = 0; i < 2; i++) {
		size_t begun = out->n;

		buf_add_byte(out, ' ');
		if (put_addresses(f, others[i], out))
			continue;
		buf_cut(out, begun);
		(void)buf_room(out, n); /* it may move */
		buf_add(out, out->p + at, n);
	}
}

void
envelope_put(struct arena *a, struct span header, struct buf *out)
{
	struct fields f = { .a = a };

	header_list_parse(a, header, &f.list);
	buf_add_byte(out, '(');
	imap_put_nstring(out, value_of(&f, "Date"));
	buf_add_byte(out, ' ');
	imap_put_nstring(out, value_of(&f, "Subject"));
	put_senders(&f, out);
	put_addresses_or_nil(&f, "To", out);
	put_addresses_or_nil(&f, "Cc", out);
	put_addresses_or_nil(&f, "Bcc", out);
	buf_add_byte(out, ' ');
	imap_put_nstring(out, value_of(&f, "In-Reply-To"));
	buf_add_byte(out, ' ');
	imap_put_nstring(out, value_of(&f, "Message-ID"));
	buf_add_byte(out, ')');
}
