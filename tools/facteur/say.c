/*
 * say.c - the steps of an explanation, as text or as JSON
 *
 * JSON is one object: what was asked, and "steps", an array of objects that
 * each have "step", "about", "text" and the facts of their kind.
 */

#include "tools/facteur/say.h"

#include <stdio.h>

#include "base/json.h"
#include "base/log.h"

enum { LINE_MAX_BYTES = 4000 };

static void
put(struct buf *text)
{
	(void)fwrite(text->p, 1, text->n, stdout);
	buf_free(text);
}

static void
add_field(struct buf *out, const char *name, struct span value)
{
	if (out->n > 1)
		buf_add_str(out, ", ");
	buf_printf(out, "\"%s\": ", name);
	json_string(out, value);
}

static void
add_fields(struct buf *out, struct say_fields fields)
{
	for (size_t i = 0; i < fields.count; i++)
		add_field(out, fields.list[i].name, fields.list[i].value);
}

void
say_begin(struct say *s, struct say_fields fields)
{
	struct buf out = BUF_EMPTY;

	if (!s->json)
		return;
	buf_add_byte(&out, '{');
	add_fields(&out, fields);
	buf_add_str(&out, ", \"steps\": [");
	put(&out);
}

void
say_end(struct say *s)
{
	if (s->json)
		puts("]}");
	buf_free(&s->about);
}

void
say_about(struct say *s, struct span address)
{
	struct buf line = BUF_EMPTY;

	buf_clear(&s->about);
	buf_add_span(&s->about, address);
	if (s->json)
		return;
	log_quote(&line, address, LINE_MAX_BYTES);
	buf_add_byte(&line, '\n');
	put(&line);
}

void
say_step(struct say *s, const char *step, struct say_fields fields,
    const char *format, ...)
{
	struct buf text = BUF_EMPTY, out = BUF_EMPTY;
	va_list args;

	va_start(args, format);
	buf_vprintf(&text, format, args);
	va_end(args);
	if (s->json) {
		buf_add_str(&out, s->open ? ",\n  {" : "\n  {");
		buf_printf(&out, "\"step\": \"%s\"", step);
		add_field(&out, "about", buf_span(&s->about));
		add_field(&out, "text", buf_span(&text));
		add_fields(&out, fields);
		buf_add_byte(&out, '}');
	} else {
		buf_printf(&out, "  %-10s ", step);
		log_quote(&out, buf_span(&text), LINE_MAX_BYTES);
		buf_add_byte(&out, '\n');
	}
	s->open = true;
	put(&out);
	buf_free(&text);
}
