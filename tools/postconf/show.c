/*
 * show.c - parameters of main.cf, as postconf prints them
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "config/findings.h"
#include "config/macro.h"
#include "config/master_cf.h"
#include "config/notes.h"
#include "config/param.h"
#include "config/places.h"
#include "tools/postconf/postconf.h"

static struct main_cf *
main_read(const struct request *r)
{
	struct why why;
	struct main_cf *m;

	why_init(&why);
	m = r->defaults ? main_cf_empty(PLACES_FOLDER)
			: main_cf_load(r->folder, false, &why);
	if (m == NULL)
		fatal_why(&why);
	warn_notes(main_cf_notes(m));
	for (int i = 0; i < r->n_overrides; i++) {
		struct span text = span_str(r->overrides[i]);
		size_t sign = span_find(text, '=');
		char *name = mem_span(span_trim(span_head(text, sign)));
		char *value = mem_span(span_trim(span_skip(text, sign + 1)));

		main_cf_set(m, name, value);
		free(name);
		free(value);
	}
	why_free(&why);
	return m;
}

static void
print_one(const struct request *r, const struct main_cf *m, const char *name)
{
	const struct param *row = param_find(span_str(name));
	struct buf value = BUF_EMPTY, out = BUF_EMPTY;
	struct why why;

	why_init(&why);
	if (r->expand && (row == NULL || row->type != PARAM_RAW)) {
		if (!main_cf_value(m, name, &value, &why))
			fatal_why(&why);
	} else {
		buf_add_str(&value, main_cf_raw(m, name));
	}
	print_param(&r->style, name, buf_span(&value), &out);
	fwrite(out.p, 1, out.n, stdout);
	buf_free(&value);
	buf_free(&out);
	why_free(&why);
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names to print: all that are known, or set and used. */
static const char **
names_gather(const struct request *r, const struct main_cf *m,
    struct findings *f, size_t *n)
{
	const char **names, *name, *value;
	enum finding_kind kind;
	size_t at = 0, count = 0;

	while (main_cf_next(m, &at, &name, &value))
		count++;
	names = mem_array(count + param_all_count + 1, sizeof(*names));
	*n = 0;
	for (at = 0; main_cf_next(m, &at, &name, &value);)
		if (!findings_judge(f, name, &kind) || kind != FINDING_UNUSED)
			names[(*n)++] = name;
	for (size_t i = 0; i < param_all_count && !r->set_only; i++)
		if (!main_cf_is_set(m, param_all[i].name))
			names[(*n)++] = param_all[i].name;
	/* The folder counts as set when it is not the usual one. */
	if (r->set_only && !main_cf_is_set(m, "config_directory") &&
	    strcmp(r->folder, PLACES_FOLDER) != 0)
		names[(*n)++] = "config_directory";
	qsort((void *)names, *n, sizeof(*names), compare_names);
	return names;
}

/* NULL: there is none, or it makes no sense; that is no matter here. */
static struct master_cf *
master_of(const struct request *r)
{
	struct why why;
	struct master_cf *m;

	why_init(&why);
	m = master_cf_load(r->folder, &why);
	why_free(&why);
	return m;
}

static void
warn_findings(const struct main_cf *m, struct findings *f)
{
	struct finding found;
	size_t at = 0;

	while (findings_next(f, &at, &found))
		warn_user("%s: %s: %s%s%s", main_cf_file(m),
		    finding_text(found.kind), found.name,
		    found.kind == FINDING_UNDEFINED ? "" : "=", found.value);
}

/* -C */
static bool
of_class(const struct request *r, const struct findings *f, const char *name)
{
	enum class class = param_find(span_str(name)) != NULL ? OF_BUILTIN
	    : findings_of_service(f, name)                    ? OF_SERVICE
							      : OF_USER;

	return r->classes == 0 || (r->classes & class) != 0;
}

static void
print_named(const struct request *r, const struct main_cf *m)
{
	for (int i = 0; i < r->n_names; i++) {
		const char *name = r->names[i];

		if (main_cf_raw(m, name) == NULL)
			warn_user("%s: unknown parameter", name);
		else if (!r->set_only || main_cf_is_set(m, name))
			print_one(r, m, name);
	}
}

void
show_main(const struct request *r)
{
	struct main_cf *m = main_read(r);
	struct findings *f = findings_new(m);
	struct master_cf *services = master_of(r);
	size_t n;

	if (services != NULL)
		learn_options(services, f);
	if (r->n_names > 0) {
		print_named(r, m);
	} else {
		const char **names = names_gather(r, m, f, &n);

		for (size_t i = 0; i < n; i++)
			if (of_class(r, f, names[i]))
				print_one(r, m, names[i]);
		free((void *)names);
	}
	fflush(stdout);
	if (!r->defaults)
		warn_findings(m, f);
	if (!r->defaults && services != NULL)
		warn_options(r, services, f);
	master_cf_free(&services);
	findings_free(&f);
	main_cf_free(&m);
}
