/* fuzz_request.c - a browser's request: NAME=VALUE lines of the environment,
 * an empty line, the body */

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
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

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct request_env env = { .method = "POST" };
	struct span rest = span_of((const char *)p, n), line;
	struct arena *a = arena_new();
	struct request r;

	while (span_line(&rest, &line) && line.n > 0)
		set(a, &env, line);
	if (request_parse(a, &env, rest, &r) == REQUEST_OK) {
		must(r.path.n > 0 && r.field_count <= REQUEST_FIELDS_MAX);
		must(!span_has_break(r.script));
		must(r.cookie_count <= REQUEST_COOKIE_MAX / 2);
		for (size_t i = 0; i < r.field_count; i++) {
			const struct request_field *f = &r.fields[i];

			must(utf8_valid(f->name) && utf8_valid(f->filename));
			must(!span_has_break(f->filename));
			must(f->is_file || utf8_valid(f->value));
			must(f->is_file ||
			    span_find(f->value, '\0') == f->value.n);
		}
		(void)request_get(&r, "token");
		(void)request_cookie(&r, "SQMSESSID");
	}
	arena_free(&a);
	return 0;
}
