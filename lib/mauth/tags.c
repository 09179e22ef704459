/*
 * tags.c - tag=value lists (RFC 6376, 3.2)
 *
 * UTF-8 is let through in values (RFC 8616); control bytes never are.
 */

#include "mauth/tags.h"

#include "base/base64.h"
#include "base/buf.h"

static bool
name_valid(struct span name)
{
	if (name.n == 0 || !ascii_alpha(span_at(name, 0)))
		return false;
	for (size_t i = 1; i < name.n; i++)
		if (!ascii_alnum(span_at(name, i)) && name.p[i] != '_')
			return false;
	return true;
}

static bool
value_valid(struct span value)
{
	for (size_t i = 0; i < value.n; i++) {
		int c = span_at(value, i);

		if (ascii_control(c) && c != '\t' && c != '\r' && c != '\n')
			return false;
	}
	return true;
}

static bool
tag_add(struct tags *out, struct span item)
{
	size_t equal = span_find(item, '=');
	struct tag t = { span_trim(span_head(item, equal)),
		span_trim(span_skip(item, equal + 1)) };

	if (equal == item.n || !name_valid(t.name) || !value_valid(t.value) ||
	    out->count == TAGS_MAX)
		return false;
	for (size_t i = 0; i < out->count; i++)
		if (span_eq(out->list[i].name, t.name))
			return false;
	out->list[out->count++] = t;
	return true;
}

bool
tags_parse(struct span text, struct tags *out)
{
	struct span item;

	out->count = 0;
	while (span_cut(&text, ';', &item)) {
		/* only the last may be empty, behind a closing ';' */
		if (span_trim(item).n == 0 && text.p == NULL)
			break;
		if (!tag_add(out, item))
			return false;
	}
	return out->count > 0;
}

bool
tags_get(const struct tags *t, const char *name, struct span *value)
{
	for (size_t i = 0; i < t->count; i++)
		if (span_is(t->list[i].name, name)) {
			*value = t->list[i].value;
			return true;
		}
	return false;
}

bool
tags_listed(struct span list, const char *word)
{
	struct span one;

	while (span_cut(&list, ':', &one))
		if (span_iis(span_trim(one), word))
			return true;
	return false;
}

bool
tags_base64(struct span text, struct buf *out)
{
	struct buf plain = BUF_EMPTY;
	bool good;

	for (size_t i = 0; i < text.n; i++)
		if (!ascii_space(span_at(text, i)))
			buf_add_byte(&plain, text.p[i]);
	good = base64_decode(out, buf_span(&plain));
	buf_free(&plain);
	return good;
}
