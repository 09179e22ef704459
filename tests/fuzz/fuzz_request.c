/* fuzz_request.c - a browser's request: NAME=VALUE lines of the environment,
 * an empty line, the body; or a packed request */

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/must.h"
#include "base/utf8.h"
#include "webmail-cgi/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void
set(struct arena *a, struct request_env *env, struct span line)
{
	struct span name, value = line;
	const char *text;

	(void)span_cut(&value, '=', &name);
	text = arena_span_str(a, value);
	if (span_is(name, "m"))
		env->method = text;
	else if (span_is(name, "p"))
		env->path_info = text;
	else if (span_is(name, "q"))
		env->query_string = text;
	else if (span_is(name, "t"))
		env->content_type = text;
	else if (span_is(name, "c"))
		env->cookie = text;
	else if (span_is(name, "s"))
		env->script_name = text;
	else if (span_is(name, "h"))
		env->https = text;
}

static void
look(const struct request *r)
{
	must(r->field_count <= REQUEST_FIELDS_MAX);
	must(r->cookie_count <= REQUEST_COOKIE_MAX / 2);
	for (size_t i = 0; i < r->field_count; i++) {
		const struct request_field *f = &r->fields[i];

		must(utf8_valid(f->name) && utf8_valid(f->filename));
		must(!span_has_break(f->filename) && !span_has_break(f->type));
		must(f->is_file || utf8_valid(f->value));
		must(f->is_file || span_find(f->value, '\0') == f->value.n);
	}
	(void)request_get(r, "token");
	(void)request_cookie(r, "SQMSESSID");
}

/* What was parsed comes through, and what a reader that was taken over may
 * write is looked at. */
static void
pack(struct arena *a, enum request_result result, const struct request *r)
{
	struct buf packed = BUF_EMPTY;
	enum request_result got;
	struct request other;

	request_pack(&packed, result, r);
	must(request_unpack(a, buf_span(&packed), &got, &other));
	must(got == result);
	if (result == REQUEST_OK) {
		look(&other);
		must(other.field_count == r->field_count);
		must(other.cookie_count == r->cookie_count);
		must(span_eq(other.path, r->path));
	}
	buf_free(&packed);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct request_env env = { .method = "POST" };
	struct span rest = span_of((const char *)p, n), line;
	struct arena *a = arena_new();
	enum request_result got;
	struct request r;

	if (request_unpack(a, rest, &got, &r) && got == REQUEST_OK)
		look(&r);
	while (span_line(&rest, &line) && line.n > 0)
		set(a, &env, line);
	got = request_parse(a, &env, rest, &r);
	pack(a, got, &r);
	if (got == REQUEST_OK) {
		must(r.path.n > 0);
		look(&r);
	}
	must(request_place(&env, &r) || r.script.n == 0);
	must(!span_has_break(r.script));
	arena_free(&a);
	return 0;
}
