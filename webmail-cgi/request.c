/* request.c - what the browser asks, as the web server hands it to us */

#include "webmail-cgi/request.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/number.h"
#include "base/utf8.h"
#include "message/encode.h"
#include "message/header.h"

enum { BOUNDARY_MAX = 200 };

static struct span
or_empty(const char *s)
{
	return s == NULL ? SPAN("") : span_str(s);
}

/* %XX and, in forms, '+'. NUL and what is no hexadecimal are refused. */
static bool
decode_percent(struct arena *a, struct span in, bool plus, struct span *out)
{
	char *p = arena_alloc(a, in.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < in.n; i++) {
		char c = in.p[i];

		if (c == '%') {
			int high = number_hex_digit(span_at(in, i + 1));
			int low = number_hex_digit(span_at(in, i + 2));

			if (high == -1 || low == -1 || (high | low) == 0)
				return false;
			c = (char)(high << 4 | low);
			i += 2;
		} else if (c == '+' && plus) {
			c = ' ';
		} else if (c == '\0') {
			return false;
		}
		p[n++] = c;
	}
	*out = span_of(p, n);
	return utf8_valid(*out);
}

static bool
field_add(struct request *r, const struct request_field *f)
{
	if (r->field_count == REQUEST_FIELDS_MAX)
		return false;
	r->fields[r->field_count++] = *f;
	return true;
}

static bool
parse_pairs(struct arena *a, struct span text, struct request *r)
{
	struct span pair, rest = text;

	while (rest.n > 0 && span_cut(&rest, '&', &pair)) {
		struct request_field f = { .is_file = false };
		struct span name, value = pair;

		if (pair.n == 0)
			continue;
		if (!span_cut(&value, '=', &name) ||
		    !decode_percent(a, name, true, &f.name) ||
		    !decode_percent(a, value, true, &f.value) ||
		    !field_add(r, &f))
			return false;
	}
	return true;
}

/* A parameter behind the first ';' of a header's value. */
static bool
parameter(
    struct arena *a, struct span value, const char *name, struct span *out)
{
	struct encode_params params;
	struct buf text = BUF_EMPTY;
	bool has;

	encode_params_parse(
	    a, span_skip(value, span_find(value, ';')), &params);
	has = encode_param_get(&params, name, &text);
	if (has)
		*out = arena_span(a, buf_span(&text));
	buf_free(&text);
	return has;
}

/* name="..." and filename="..." of a Content-Disposition. */
static bool
disposition(struct arena *a, struct span header, struct request_field *f)
{
	struct header_field h;

	if (!header_find(header, "Content-Disposition", &h) ||
	    !span_istarts(span_trim(h.value), "form-data") ||
	    !parameter(a, h.value, "name", &f->name))
		return false;
	f->is_file = parameter(a, h.value, "filename", &f->filename);
	if (header_find(header, "Content-Type", &h))
		f->type = header_unfold_arena(a, h.value);
	return true;
}

static bool
parse_part(struct arena *a, struct span part, struct request *r)
{
	struct request_field f = { .is_file = false };
	size_t body = header_end(part);

	if (!disposition(a, span_head(part, body), &f))
		return false;
	f.value = span_skip(part, body);
	if (!f.is_file &&
	    (span_find(f.value, '\0') < f.value.n || !utf8_valid(f.value)))
		return false;
	return field_add(r, &f);
}

static bool
parse_multipart(
    struct arena *a, struct span type, struct span body, struct request *r)
{
	struct span mark, boundary;
	size_t at;

	if (!parameter(a, type, "boundary", &boundary) || boundary.n == 0 ||
	    boundary.n > BOUNDARY_MAX)
		return false;
	mark = span_str(
	    arena_printf(a, "\r\n--%.*s", (int)boundary.n, boundary.p));
	/* the first boundary has no line end before it */
	if (!span_starts(body, mark.p + 2))
		return false;
	body = span_skip(body, mark.n - 2);
	for (;;) {
		if (span_starts(body, "--"))
			return true;
		if (!span_starts(body, "\r\n"))
			return false;
		body = span_skip(body, 2);
		at = span_search(body, mark);
		if (at == body.n || !parse_part(a, span_head(body, at), r))
			return false;
		body = span_skip(body, at + mark.n);
	}
}

static bool
parse_body(struct arena *a, const struct request_env *env, struct span body,
    struct request *r)
{
	struct span type = or_empty(env->content_type);

	if (body.n == 0)
		return true;
	if (span_istarts(type, "multipart/form-data"))
		return parse_multipart(a, type, body, r);
	return span_istarts(type, "application/x-www-form-urlencoded") &&
	    parse_pairs(a, body, r);
}

static void
parse_cookies(struct arena *a, struct span text, struct request *r)
{
	struct span pair, rest = text;

	r->cookies =
	    arena_array(a, REQUEST_COOKIE_MAX / 2, sizeof(*r->cookies));
	while (rest.n > 0 && span_cut(&rest, ';', &pair)) {
		struct span name, value = span_trim(pair);

		if (span_cut(&value, '=', &name) && value.p != NULL)
			r->cookies[r->cookie_count++] =
			    (struct request_field){ .name = name,
				    .value = value };
	}
}

static bool
method_of(struct span name, enum request_method *out)
{
	static const struct {
		const char *name;
		enum request_method method;
	} methods[] = { { "GET", METHOD_GET }, { "HEAD", METHOD_HEAD },
		{ "POST", METHOD_POST } };

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (span_is(name, methods[i].name)) {
			*out = methods[i].method;
			return true;
		}
	return false;
}

/* It begins every link and Location, where "//host" would lead elsewhere, and
 * is the cookie's path: only what a sane alias is made of. */
static bool
script_ok(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_alnum((unsigned char)s.p[i]) &&
		    memchr("/-._~", s.p[i], 5) == NULL)
			return false;
	return s.n == 0 || (s.p[0] == '/' && span_search(s, SPAN("//")) == s.n);
}

bool
request_place(const struct request_env *env, struct request *out)
{
	struct span https = or_empty(env->https);

	out->script = or_empty(env->script_name);
	out->remote_addr = or_empty(env->remote_addr);
	out->https = span_iis(https, "on") || span_is(https, "1");
	if (script_ok(out->script))
		return true;
	out->script = SPAN("");
	return false;
}

enum request_result
request_parse(struct arena *a, const struct request_env *env, struct span body,
    struct request *out)
{
	struct span query = or_empty(env->query_string);
	struct span cookie = or_empty(env->cookie);

	*out = (struct request){ .path = or_empty(env->path_info),
		.language = or_empty(env->language) };
	if (!method_of(or_empty(env->method), &out->method))
		return REQUEST_METHOD;
	if (query.n > REQUEST_QUERY_MAX || cookie.n > REQUEST_COOKIE_MAX ||
	    body.n > REQUEST_BODY_MAX)
		return REQUEST_TOO_LARGE;
	if (out->path.n == 0)
		out->path = SPAN("/");
	out->fields = arena_array(a, REQUEST_FIELDS_MAX, sizeof(*out->fields));
	if (!parse_pairs(a, query, out))
		return REQUEST_BAD;
	if (out->method == METHOD_POST && !parse_body(a, env, body, out))
		return REQUEST_BAD;
	parse_cookies(a, cookie, out);
	return REQUEST_OK;
}

const struct request_field *
request_next(const struct request *r, const char *name, size_t *at)
{
	while (*at < r->field_count) {
		const struct request_field *f = &r->fields[(*at)++];

		if (span_is(f->name, name))
			return f;
	}
	return NULL;
}

struct span
request_get(const struct request *r, const char *name)
{
	size_t at = 0;
	const struct request_field *f = request_next(r, name, &at);

	return f == NULL ? SPAN("") : f->value;
}

bool
request_has(const struct request *r, const char *name)
{
	size_t at = 0;

	return request_next(r, name, &at) != NULL;
}

struct span
request_cookie(const struct request *r, const char *name)
{
	for (size_t i = 0; i < r->cookie_count; i++)
		if (span_is(r->cookies[i].name, name))
			return r->cookies[i].value;
	return SPAN("");
}
