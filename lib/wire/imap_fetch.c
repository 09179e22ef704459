/*
 * imap_fetch.c - what FETCH asks for (RFC 3501, 6.4.5; RFC 7162,
 * 8474, 8970)
 *
 * RFC822, RFC822.HEADER and RFC822.TEXT are sections under another name.
 */

#include "wire/imap_fetch.h"

#include <inttypes.h>

#include "base/arena.h"
#include "base/buf.h"
#include "wire/imap_parse.h"

static const struct {
	const char *word;
	enum imap_fetch_kind kind;
	enum imap_section section;
	bool peek;
} words[] = {
	{ "UID", FETCH_UID, SECTION_ALL, false },
	{ "FLAGS", FETCH_FLAGS, SECTION_ALL, false },
	{ "INTERNALDATE", FETCH_INTERNALDATE, SECTION_ALL, false },
	{ "RFC822.SIZE", FETCH_SIZE, SECTION_ALL, false },
	{ "ENVELOPE", FETCH_ENVELOPE, SECTION_ALL, false },
	{ "BODYSTRUCTURE", FETCH_BODYSTRUCTURE, SECTION_ALL, false },
	{ "MODSEQ", FETCH_MODSEQ, SECTION_ALL, false },
	{ "SAVEDATE", FETCH_SAVEDATE, SECTION_ALL, false },
	{ "EMAILID", FETCH_EMAILID, SECTION_ALL, false },
	{ "THREADID", FETCH_THREADID, SECTION_ALL, false },
	{ "RFC822", FETCH_SECTION, SECTION_ALL, false },
	{ "RFC822.HEADER", FETCH_SECTION, SECTION_HEADER, true },
	{ "RFC822.TEXT", FETCH_SECTION, SECTION_TEXT, false },
};

static struct imap_fetch_item *
add(struct imap_fetch *f)
{
	return f->count < FETCH_ITEMS_MAX ? &f->items[f->count++] : NULL;
}

static bool
add_kind(struct imap_fetch *f, enum imap_fetch_kind kind)
{
	struct imap_fetch_item *item = add(f);

	if (item == NULL)
		return false;
	*item = (struct imap_fetch_item){ .kind = kind };
	return true;
}

/* "1.2.3" at the front, the '.' before a word left. */
static bool
part_numbers(struct arena *a, struct span *rest, struct imap_fetch_item *item)
{
	unsigned *list = arena_array(a, FETCH_DEPTH_MAX, sizeof(unsigned));
	struct span at = *rest;
	uint32_t n;

	item->numbers = list;
	while (imap_number(&at, &n)) {
		if (n == 0 || item->number_count == FETCH_DEPTH_MAX)
			return false;
		list[item->number_count++] = n;
		*rest = at;
		if (!imap_char(&at, '.'))
			break;
	}
	return true;
}

static bool
field_names(struct arena *a, struct span *rest, struct imap_fetch_item *item)
{
	struct span *list =
	    arena_array(a, FETCH_FIELDS_MAX, sizeof(struct span));

	item->fields = list;
	if (!imap_space(rest) || !imap_char(rest, '('))
		return false;
	do {
		if (item->field_count == FETCH_FIELDS_MAX ||
		    !imap_astring(a, rest, &list[item->field_count]))
			return false;
		item->field_count++;
	} while (imap_space(rest));
	return imap_char(rest, ')');
}

/* The word behind the numbers; none is the part itself. */
static bool
section_text(struct arena *a, struct span *rest, struct imap_fetch_item *item)
{
	if (item->number_count > 0 && !imap_char(rest, '.'))
		return true;
	if (imap_is_word(rest, "HEADER.FIELDS.NOT")) {
		item->section = SECTION_FIELDS_NOT;
		return field_names(a, rest, item);
	}
	if (imap_is_word(rest, "HEADER.FIELDS")) {
		item->section = SECTION_FIELDS;
		return field_names(a, rest, item);
	}
	if (imap_is_word(rest, "HEADER"))
		item->section = SECTION_HEADER;
	else if (imap_is_word(rest, "TEXT"))
		item->section = SECTION_TEXT;
	else if (item->number_count > 0 && imap_is_word(rest, "MIME"))
		item->section = SECTION_MIME;
	else
		return item->number_count == 0;
	return true;
}

/* "<0.512>" */
static bool
partial(struct span *rest, struct imap_fetch_item *item)
{
	if (!imap_char(rest, '<'))
		return true;
	item->partial = true;
	return imap_number64(rest, &item->from) && imap_char(rest, '.') &&
	    imap_number64(rest, &item->length) && item->length > 0 &&
	    imap_char(rest, '>');
}

static bool
body(struct arena *a, struct span *rest, struct imap_fetch *f, bool peek)
{
	struct imap_fetch_item *item;

	if (!peek && span_at(*rest, 0) != '[')
		return add_kind(f, FETCH_BODY);
	if (!imap_char(rest, '[') || !add_kind(f, FETCH_SECTION))
		return false;
	item = &f->items[f->count - 1];
	item->peek = peek;
	return part_numbers(a, rest, item) && section_text(a, rest, item) &&
	    imap_char(rest, ']') && partial(rest, item);
}

static bool
binary(struct arena *a, struct span *rest, struct imap_fetch *f,
    enum imap_fetch_kind kind, bool peek)
{
	struct imap_fetch_item *item;

	if (!imap_char(rest, '[') || !add_kind(f, kind))
		return false;
	item = &f->items[f->count - 1];
	item->peek = peek;
	return part_numbers(a, rest, item) && imap_char(rest, ']') &&
	    (kind == FETCH_BINARY_SIZE || partial(rest, item));
}

/* PREVIEW [SP "(LAZY)"]: a blank in a list may lead to the next item too. */
static bool
preview(struct span *rest, struct imap_fetch *f)
{
	struct span at = *rest;

	if (!add_kind(f, FETCH_PREVIEW))
		return false;
	if (!imap_space(&at) || !imap_char(&at, '('))
		return true;
	do {
		if (!imap_is_word(&at, "LAZY"))
			return false;
	} while (imap_space(&at));
	f->items[f->count - 1].lazy = true;
	*rest = at;
	return imap_char(rest, ')');
}

static bool
one_item(struct arena *a, struct span *rest, struct imap_fetch *f)
{
	struct span word = *rest, name;

	if (!imap_atom(&word, &name))
		return false;
	/* '[' is no end of an atom: the name ends before it */
	name = span_head(name, span_find(name, '['));
	*rest = span_skip(*rest, name.n);
	if (span_iis(name, "BODY"))
		return body(a, rest, f, false);
	if (span_iis(name, "BODY.PEEK"))
		return body(a, rest, f, true);
	if (span_iis(name, "BINARY"))
		return binary(a, rest, f, FETCH_BINARY, false);
	if (span_iis(name, "BINARY.PEEK"))
		return binary(a, rest, f, FETCH_BINARY, true);
	if (span_iis(name, "BINARY.SIZE"))
		return binary(a, rest, f, FETCH_BINARY_SIZE, true);
	if (span_iis(name, "PREVIEW"))
		return preview(rest, f);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct imap_fetch_item *item;

		if (!span_iis(name, words[i].word))
			continue;
		if (!add_kind(f, words[i].kind))
			return false;
		item = &f->items[f->count - 1];
		item->section = words[i].section;
		item->peek = words[i].peek;
		if (words[i].kind == FETCH_SECTION)
			item->name = words[i].word;
		return true;
	}
	return false;
}

static bool
macro(struct span *rest, struct imap_fetch *f)
{
	bool full = imap_is_word(rest, "FULL");
	bool all = full || imap_is_word(rest, "ALL");

	if (!all && !imap_is_word(rest, "FAST"))
		return false;
	(void)add_kind(f, FETCH_FLAGS);
	(void)add_kind(f, FETCH_INTERNALDATE);
	(void)add_kind(f, FETCH_SIZE);
	if (all)
		(void)add_kind(f, FETCH_ENVELOPE);
	if (full)
		(void)add_kind(f, FETCH_BODY);
	return true;
}

bool
imap_fetch_items(struct arena *a, struct span *rest, struct imap_fetch *out)
{
	out->count = 0;
	out->items = arena_array(a, FETCH_ITEMS_MAX, sizeof(*out->items));
	if (macro(rest, out))
		return true;
	if (!imap_char(rest, '('))
		return one_item(a, rest, out);
	do {
		if (!one_item(a, rest, out))
			return false;
	} while (imap_space(rest));
	return imap_char(rest, ')');
}

void
imap_fetch_copy(
    struct arena *a, const struct imap_fetch *from, struct imap_fetch *to)
{
	to->count = from->count;
	to->items = arena_array(a, from->count + 1, sizeof(*to->items));
	for (size_t i = 0; i < from->count; i++) {
		struct imap_fetch_item *it = &to->items[i];
		unsigned *numbers;
		struct span *fields;

		*it = from->items[i];
		numbers =
		    arena_array(a, it->number_count + 1, sizeof(*numbers));
		for (size_t k = 0; k < it->number_count; k++)
			numbers[k] = it->numbers[k];
		it->numbers = numbers;
		fields = arena_array(a, it->field_count + 1, sizeof(*fields));
		for (size_t k = 0; k < it->field_count; k++)
			fields[k] = arena_span(a, it->fields[k]);
		it->fields = fields;
	}
}

static void
put_section(struct buf *out, const struct imap_fetch_item *item)
{
	static const char *const texts[] = {
		[SECTION_ALL] = "",
		[SECTION_HEADER] = "HEADER",
		[SECTION_FIELDS] = "HEADER.FIELDS (",
		[SECTION_FIELDS_NOT] = "HEADER.FIELDS.NOT (",
		[SECTION_TEXT] = "TEXT",
		[SECTION_MIME] = "MIME",
	};

	for (size_t i = 0; i < item->number_count; i++)
		buf_printf(out, "%s%u", i == 0 ? "" : ".", item->numbers[i]);
	if (item->number_count > 0 && item->section != SECTION_ALL)
		buf_add_byte(out, '.');
	buf_add_str(out, texts[item->section]);
	for (size_t i = 0; i < item->field_count; i++) {
		if (i > 0)
			buf_add_byte(out, ' ');
		imap_put_astring(out, item->fields[i]);
	}
	if (item->section == SECTION_FIELDS ||
	    item->section == SECTION_FIELDS_NOT)
		buf_add_byte(out, ')');
}

void
imap_fetch_name(struct buf *out, const struct imap_fetch_item *item)
{
	static const char *const names[] = {
		[FETCH_UID] = "UID",
		[FETCH_FLAGS] = "FLAGS",
		[FETCH_INTERNALDATE] = "INTERNALDATE",
		[FETCH_SIZE] = "RFC822.SIZE",
		[FETCH_ENVELOPE] = "ENVELOPE",
		[FETCH_BODY] = "BODY",
		[FETCH_BODYSTRUCTURE] = "BODYSTRUCTURE",
		[FETCH_MODSEQ] = "MODSEQ",
		[FETCH_SAVEDATE] = "SAVEDATE",
		[FETCH_EMAILID] = "EMAILID",
		[FETCH_THREADID] = "THREADID",
		[FETCH_PREVIEW] = "PREVIEW",
		[FETCH_SECTION] = "BODY[",
		[FETCH_BINARY] = "BINARY[",
		[FETCH_BINARY_SIZE] = "BINARY.SIZE[",
	};

	if (item->name != NULL) {
		buf_add_str(out, item->name);
		return;
	}
	buf_add_str(out, names[item->kind]);
	if (item->kind < FETCH_SECTION)
		return;
	put_section(out, item);
	buf_add_byte(out, ']');
	if (item->partial)
		buf_printf(out, "<%" PRIu64 ">", item->from);
}
