/*
 * words.c - what a report says to people, and in which language
 *
 * A report goes to whoever wrote the original, so the language that his mail
 * program put into its header is asked first (RFC 3282).
 */

#include "bounce/words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/why.h"
#include "bounce/conf.h"
#include "config/param.h"
#include "message/charset.h"
#include "message/header.h"
#include "os/file.h"

enum { LANGUAGES_MAX = 8, TAGS_LOOKED_AT = 20 };

struct tongue {
	char *name; /* "fr" */
	struct words words[TEMPLATES];
};

struct all_words {
	size_t count;
	struct tongue tongues[LANGUAGES_MAX];
};

static void
convert(struct buf *out, struct span text, struct span charset)
{
	buf_clear(out);
	(void)charset_to_utf8(out, text, charset);
}

static void
words_take(struct words *w, const struct template *t, const struct main_cf *m,
    const char *file)
{
	struct buf text = BUF_EMPTY;
	struct why why;

	why_init(&why);
	if (!template_expand(m, t->body, &text, &why)) {
		log_warning("%s: %s: %s; the text is used as it is", file,
		    template_name(t->kind), why_text(&why));
		buf_clear(&text);
		buf_add_span(&text, t->body);
	}
	convert(&w->text, buf_span(&text), t->charset);
	convert(&w->from, t->from, t->charset);
	convert(&w->subject, t->subject, t->charset);
	convert(&w->postmaster_subject, t->postmaster_subject, t->charset);
	why_free(&why);
	buf_free(&text);
}

static void
templates_take(struct tongue *to, const struct main_cf *m, struct span text,
    const char *file)
{
	struct template_reader r;
	struct template t;
	enum template_came came;
	struct why why;

	why_init(&why);
	template_reader_init(&r, text, file);
	while ((came = template_next(&r, &t, &why)) != TEMPLATE_END) {
		if (came == TEMPLATE_GOT)
			words_take(&to->words[t.kind], &t, m, file);
		else
			log_warning("%s", why_text(&why));
	}
	why_free(&why);
}

static void
tongue_add(struct all_words *w, const struct main_cf *m, struct span language)
{
	struct buf text = BUF_EMPTY;
	struct tongue *to = &w->tongues[w->count];

	if (w->count == LANGUAGES_MAX || !template_builtin(language, &text)) {
		log_warning("bounce_language: there are no texts in \"%.*s\"",
		    (int)span_head(language, 40).n, language.p);
	} else {
		to->name = mem_span(language);
		templates_take(to, m, buf_span(&text), to->name);
		w->count++;
	}
	buf_free(&text);
}

static void
file_take(struct all_words *w, const struct main_cf *m, const char *path)
{
	struct buf text = BUF_EMPTY;

	if (file_read_path(path, TEMPLATE_FILE_MAX, &text) == -1)
		log_warning("bounce_template_file: %s: %s; the texts of the "
			    "suite are used",
		    path, strerror(errno));
	else
		templates_take(&w->tongues[0], m, buf_span(&text), path);
	buf_free(&text);
}

struct all_words *
words_load(const struct bounce_conf *conf, const struct main_cf *m)
{
	struct all_words *w = mem_new(sizeof(*w));
	struct span rest = span_str(conf->bounce_language), language;

	while (param_list_next(&rest, &language))
		tongue_add(w, m, language);
	if (w->count == 0)
		tongue_add(w, m, SPAN("en"));
	if (conf->bounce_template_file[0] != '\0')
		file_take(w, m, conf->bounce_template_file);
	return w;
}

void
words_free(struct all_words **wp)
{
	struct all_words *w = *wp;

	for (size_t i = 0; w != NULL && i < w->count; i++) {
		for (size_t k = 0; k < TEMPLATES; k++) {
			struct words *at = &w->tongues[i].words[k];

			buf_free(&at->from);
			buf_free(&at->subject);
			buf_free(&at->postmaster_subject);
			buf_free(&at->text);
		}
		free(w->tongues[i].name);
	}
	mem_free(wp);
}

/* "fr-CA;q=0.8, en": the first tag that we have texts for. */
static const struct tongue *
asked_for(const struct all_words *w, struct span value)
{
	struct span tag;

	for (int n = 0; n < TAGS_LOOKED_AT && span_cut(&value, ',', &tag);
	     n++) {
		tag = span_trim(tag);
		tag = span_head(tag, span_find_any(tag, "-; \t\r\n"));
		for (size_t i = 0; i < w->count; i++)
			if (span_iis(tag, w->tongues[i].name))
				return &w->tongues[i];
	}
	return NULL;
}

const struct words *
words_choose(
    const struct all_words *w, enum template_kind kind, struct span header)
{
	static const char *const fields[] = { "Content-Language",
		"Accept-Language" };
	const struct tongue *got = NULL;
	struct header_field f;

	for (size_t i = 0; w->count > 1 && got == NULL && i < 2; i++)
		if (header_find(header, fields[i], &f))
			got = asked_for(w, f.value);
	return got == NULL ? &w->tongues[0].words[kind] : &got->words[kind];
}
