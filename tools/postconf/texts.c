/*
 * texts.c - postconf -b and -t: the texts of reports to senders
 *
 * What the file given has, else bounce_template_file; for what it lacks, or
 * with an empty name, what the suite brings along in the first language of
 * bounce_language.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "config/param.h"
#include "config/template.h"
#include "os/file.h"
#include "tools/postconf/postconf.h"

struct texts {
	struct buf builtin, file; /* what the templates point into */
	struct template of[TEMPLATES];
};

static void
take(struct texts *t, struct span text, const char *name)
{
	struct template_reader r;
	struct template one;
	enum template_came came;
	struct why why;

	why_init(&why);
	template_reader_init(&r, text, name);
	while ((came = template_next(&r, &one, &why)) != TEMPLATE_END) {
		if (came == TEMPLATE_GOT)
			t->of[one.kind] = one;
		else
			warn_user("%s", why_text(&why));
	}
	why_free(&why);
}

static void
value_of(const struct main_cf *m, const char *name, struct buf *out)
{
	struct why why;

	why_init(&why);
	if (!main_cf_value(m, name, out, &why))
		fatal_why(&why);
	why_free(&why);
}

static void
texts_read(struct texts *t, const struct main_cf *m, const char *path)
{
	struct buf value = BUF_EMPTY;
	struct span rest, language;

	value_of(m, "bounce_language", &value);
	rest = buf_span(&value);
	if (!param_list_next(&rest, &language) ||
	    !template_builtin(language, &t->builtin))
		(void)template_builtin(SPAN("en"), &t->builtin);
	take(t, buf_span(&t->builtin), "built-in");
	buf_clear(&value);
	if (path == NULL) {
		value_of(m, "bounce_template_file", &value);
		path = value.n == 0 ? "" : buf_str(&value);
	}
	if (path[0] != '\0') {
		if (file_read_path(path, TEMPLATE_FILE_MAX, &t->file) == -1)
			fatal("open %s: %s", path, strerror(errno));
		take(t, buf_span(&t->file), path);
	}
	buf_free(&value);
}

static void
print(const char *name, struct span s)
{
	printf("%s%.*s\n", name, (int)s.n, s.p);
}

static void
show_template(const struct template *t)
{
	printf("%s = <<EOF\n", template_name(t->kind));
	print("Charset: ", t->charset);
	print("From: ", t->from);
	print("Subject: ", t->subject);
	if (!span_eq(t->postmaster_subject, t->subject))
		print("Postmaster-Subject: ", t->postmaster_subject);
	printf("\n%.*sEOF\n\n", (int)t->body.n, t->body.p);
}

static void
show_expanded(const struct main_cf *m, const struct template *t)
{
	const char *name = template_name(t->kind);
	struct buf out = BUF_EMPTY;
	struct why why;

	why_init(&why);
	if (!template_expand(m, t->body, &out, &why))
		fatal_why(&why);
	printf("expanded_%.*s_text = <<EOF\n%.*sEOF\n\n",
	    (int)span_find(span_str(name), '_'), name, (int)out.n, out.p);
	why_free(&why);
	buf_free(&out);
}

void
show_texts(const struct request *r)
{
	struct texts t = { .builtin = BUF_EMPTY };
	struct main_cf *m;
	struct why why;

	if (r->n_names > 1)
		fatal("-b and -t take one file");
	why_init(&why);
	m = main_cf_load(r->folder, false, &why);
	if (m == NULL)
		fatal_why(&why);
	texts_read(&t, m, r->n_names == 1 ? r->names[0] : NULL);
	for (size_t i = 0; i < TEMPLATES; i++) {
		if (r->texts == 't')
			show_template(&t.of[i]);
		else
			show_expanded(m, &t.of[i]);
	}
	main_cf_free(&m);
	buf_free(&t.builtin);
	buf_free(&t.file);
	why_free(&why);
}
