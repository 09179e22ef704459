/*
 * request_pack.c - a parsed request between two processes
 *
 * The one that parsed it may have been taken over by what it parsed, so that
 * everything is checked again here. A number or a text is written as a
 * netstring: its length in digits, ':', its bytes, ','. A file's bytes are not
 * copied by the reader.
 */

#include "webmail-cgi/request.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/number.h"
#include "base/utf8.h"

static void
put(struct buf *out, struct span s)
{
	buf_printf(out, "%zu:", s.n);
	buf_add_span(out, s);
	buf_add_byte(out, ',');
}

static void
put_number(struct buf *out, uint64_t n)
{
	struct buf text = BUF_EMPTY;

	buf_printf(&text, "%llu", (unsigned long long)n);
	put(out, buf_span(&text));
	buf_free(&text);
}

static void
put_fields(struct buf *out, const struct request_field *f, size_t count)
{
	put_number(out, count);
	for (size_t i = 0; i < count; i++) {
		put(out, f[i].name);
		put(out, f[i].value);
		put_number(out, f[i].is_file);
		put(out, f[i].filename);
		put(out, f[i].type);
	}
}

void
request_pack(
    struct buf *out, enum request_result result, const struct request *r)
{
	put_number(out, result);
	if (result != REQUEST_OK)
		return;
	put_number(out, r->method);
	put(out, r->path);
	put(out, r->language);
	put_fields(out, r->fields, r->field_count);
	put_fields(out, r->cookies, r->cookie_count);
}

static bool
take(struct span *in, struct span *out)
{
	size_t colon = span_find(span_head(*in, 12), ':');
	uint64_t n;

	if (!number_parse(span_head(*in, colon), 0, REQUEST_BODY_MAX, &n) ||
	    span_at(*in, colon + 1 + (size_t)n) != ',')
		return false;
	*out = span_head(span_skip(*in, colon + 1), (size_t)n);
	*in = span_skip(*in, colon + 1 + (size_t)n + 1);
	return true;
}

static bool
take_number(struct span *in, uint64_t max, uint64_t *n)
{
	struct span text;

	return take(in, &text) && number_parse(text, 0, max, n);
}

static bool
is_text(struct span s)
{
	return utf8_valid(s) && span_find(s, '\0') == s.n;
}

static bool
take_one(struct span *in, struct request_field *f)
{
	uint64_t is_file;

	if (!take(in, &f->name) || !take(in, &f->value) ||
	    !take_number(in, 1, &is_file) || !take(in, &f->filename) ||
	    !take(in, &f->type))
		return false;
	f->is_file = is_file == 1;
	return true;
}

static bool
field_ok(const struct request_field *f)
{
	return is_text(f->name) && (f->is_file || is_text(f->value)) &&
	    is_text(f->filename) && !span_has_break(f->filename) &&
	    !span_has_break(f->type);
}

/* Cookies are whatever other pages of the site made them. */
static bool
cookie_ok(const struct request_field *f)
{
	return !f->is_file && span_find(f->value, '\0') == f->value.n;
}

static bool
take_list(struct arena *a, struct span *in, size_t max,
    struct request_field **list, size_t *count)
{
	uint64_t n;

	if (!take_number(in, max, &n))
		return false;
	*count = (size_t)n;
	*list = arena_array(a, *count + 1, sizeof(**list));
	for (size_t i = 0; i < *count; i++)
		if (!take_one(in, *list + i))
			return false;
	return true;
}

static bool
all_ok(const struct request *r)
{
	for (size_t i = 0; i < r->field_count; i++)
		if (!field_ok(&r->fields[i]))
			return false;
	for (size_t i = 0; i < r->cookie_count; i++)
		if (!cookie_ok(&r->cookies[i]))
			return false;
	return true;
}

bool
request_unpack(struct arena *a, struct span in, enum request_result *result,
    struct request *out)
{
	uint64_t n = REQUEST_BAD, method;

	*out = (struct request){ .method = METHOD_GET };
	if (!take_number(&in, REQUEST_TOO_LARGE, &n))
		return false;
	*result = (enum request_result)n;
	if (*result != REQUEST_OK)
		return in.n == 0;
	if (!take_number(&in, METHOD_POST, &method) || !take(&in, &out->path) ||
	    !take(&in, &out->language))
		return false;
	out->method = (enum request_method)method;
	return take_list(a, &in, REQUEST_FIELDS_MAX, &out->fields,
		   &out->field_count) &&
	    take_list(a, &in, REQUEST_COOKIE_MAX / 2, &out->cookies,
		&out->cookie_count) &&
	    in.n == 0 && all_ok(out);
}
