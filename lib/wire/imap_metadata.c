/* imap_metadata.c - GETMETADATA and SETMETADATA (RFC 5464) */

#include "wire/imap_metadata.h"

#include "base/arena.h"
#include "wire/imap_parse.h"

/* --- names (section 3.2) --- */

static bool
characters_fit(struct span name)
{
	for (size_t i = 0; i < name.n; i++) {
		int c = span_at(name, i);

		if (c < 0x1a || c >= 127 || c == '*' || c == '%' ||
		    (c == '/' && (i + 1 == name.n || name.p[i + 1] == '/')))
			return false;
	}
	return true;
}

/* Below one of both scopes, or one of these itself: how many parts it has;
 * 0: no name at all. */
static size_t
parts_of(struct span name)
{
	size_t parts = 0;

	if (!characters_fit(name))
		return 0;
	if (!span_iis(name, "/private") && !span_iis(name, "/shared") &&
	    !span_istarts(name, "/private/") && !span_istarts(name, "/shared/"))
		return 0;
	for (size_t i = 0; i < name.n; i++)
		parts += name.p[i] == '/';
	return parts;
}

/* A vendor's names have two parts more. */
static bool
can_be_set(struct span name)
{
	size_t parts = parts_of(name);
	bool vendor = span_istarts(name, "/private/vendor/") ||
	    span_istarts(name, "/shared/vendor/") ||
	    span_iis(name, "/private/vendor") ||
	    span_iis(name, "/shared/vendor");

	return parts >= (vendor ? 4 : 2);
}

bool
imap_metadata_below(
    struct span name, struct span asked, enum imap_metadata_depth depth)
{
	struct span tail;

	if (name.n < asked.n || !span_ieq(span_head(name, asked.n), asked))
		return false;
	tail = span_skip(name, asked.n);
	if (tail.n == 0)
		return true;
	if (depth == METADATA_SELF || tail.p[0] != '/')
		return false;
	tail = span_skip(tail, 1);
	return depth == METADATA_ALL || span_find(tail, '/') == tail.n;
}

static bool
one_name(struct arena *a, struct span *rest, struct span *out)
{
	return imap_astring(a, rest, out) && parts_of(*out) > 0;
}

bool
imap_metadata_names(
    struct arena *a, struct span *rest, struct span **names, size_t *count)
{
	*names = arena_array(a, METADATA_NAMES_MAX, sizeof(**names));
	*count = 0;
	if (!imap_char(rest, '('))
		return false;
	do {
		if (*count == METADATA_NAMES_MAX ||
		    !one_name(a, rest, &(*names)[*count]))
			return false;
		++*count;
	} while (imap_space(rest));
	return imap_char(rest, ')');
}

/* --- GETMETADATA --- */

static bool
depth_option(struct span *rest, enum imap_metadata_depth *out)
{
	struct span word;

	if (!imap_space(rest) || !imap_atom(rest, &word))
		return false;
	if (span_is(word, "0"))
		*out = METADATA_SELF;
	else if (span_is(word, "1"))
		*out = METADATA_CHILDREN;
	else if (span_iis(word, "INFINITY"))
		*out = METADATA_ALL;
	else
		return false;
	return true;
}

static bool
options(struct span *rest, struct imap_getmetadata *out)
{
	bool has_depth = false;

	if (!imap_char(rest, '('))
		return false;
	do {
		if (!has_depth && imap_is_word(rest, "DEPTH")) {
			has_depth = true;
			if (!depth_option(rest, &out->depth))
				return false;
		} else if (!out->has_max && imap_is_word(rest, "MAXSIZE")) {
			out->has_max = true;
			if (!imap_space(rest) || !imap_number(rest, &out->max))
				return false;
		} else {
			return false;
		}
	} while (imap_space(rest));
	return imap_char(rest, ')');
}

static bool
entries(struct arena *a, struct span *rest, struct imap_getmetadata *out)
{
	if (span_at(*rest, 0) == '(')
		return imap_metadata_names(a, rest, &out->names, &out->count);
	out->names = arena_alloc(a, sizeof(*out->names));
	out->count = 1;
	return one_name(a, rest, out->names);
}

bool
imap_getmetadata_parse(
    struct arena *a, struct span rest, struct imap_getmetadata *out)
{
	struct span at;
	bool early;

	*out = (struct imap_getmetadata){ .count = 0 };
	if (!imap_space(&rest))
		return false;
	early = span_at(rest, 0) == '(';
	if (early && (!options(&rest, out) || !imap_space(&rest)))
		return false;
	if (!imap_astring(a, &rest, &out->mailbox) || !imap_space(&rest))
		return false;
	at = rest;
	if (!early && options(&at, out) && imap_space(&at))
		rest = at;
	return entries(a, &rest, out) && imap_end(rest);
}

/* --- SETMETADATA --- */

/* Text has whole line ends; what has others goes as literal8 (4.3). */
static bool
is_text(struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\r' && span_at(s, i + 1) != '\n')
			return false;
		if (s.p[i] == '\n' && (i == 0 || s.p[i - 1] != '\r'))
			return false;
	}
	return true;
}

static bool
value(struct arena *a, struct span *rest, struct span *out)
{
	*out = (struct span){ NULL, 0 };
	if (imap_is_word(rest, "NIL"))
		return true;
	if (span_at(*rest, 0) != '~')
		return imap_string(a, rest, out) && is_text(*out);
	return imap_literal8(rest, out);
}

bool
imap_setmetadata_parse(
    struct arena *a, struct span rest, struct imap_setmetadata *out)
{
	*out = (struct imap_setmetadata){
		.list = arena_array(a, METADATA_NAMES_MAX, sizeof(*out->list))
	};
	if (!imap_space(&rest) || !imap_astring(a, &rest, &out->mailbox) ||
	    !imap_space(&rest) || !imap_char(&rest, '('))
		return false;
	do {
		struct imap_metadata_pair *p = &out->list[out->count];

		if (out->count == METADATA_NAMES_MAX ||
		    !one_name(a, &rest, &p->name) || !can_be_set(p->name) ||
		    !imap_space(&rest) || !value(a, &rest, &p->value))
			return false;
		out->count++;
	} while (imap_space(&rest));
	return imap_char(&rest, ')') && imap_end(rest);
}
