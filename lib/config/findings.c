/*
 * findings.c - what a main.cf says in vain
 *
 * A parameter is used when a program knows it, when another value refers to it
 * by $name, when it is a restriction class, when it belongs to a service
 * (NAME_destination_recipient_limit) or to a table that takes its settings
 * from main.cf (ldap:NAME). The rest is worth a word: most often it is
 * misspelt; or it asks for what Facteur has not.
 */

#include "config/findings.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/table.h"
#include "config/foreign.h"
#include "config/macro.h"
#include "config/param.h"
#include "config/served.h"

struct findings {
	const struct main_cf *m;
	struct table *used; /* names */
	struct table *services, *tables; /* what stands before _ */
	bool (*served)(struct span name);
	bool ready, looked;
	struct finding *rows;
	size_t n, cap;
	struct arena *arena;
};

/* Ends of parameters that a service's name stands before. */
static const char *const of_service[] = { "_delivery_slot_cost",
	"_delivery_slot_discount", "_delivery_slot_loan",
	"_destination_concurrency_failed_cohort_limit",
	"_destination_concurrency_limit",
	"_destination_concurrency_negative_feedback",
	"_destination_concurrency_positive_feedback", "_destination_rate_delay",
	"_destination_recipient_limit", "_extra_recipient_limit",
	"_host_concurrency_limit", "_initial_destination_concurrency",
	"_minimum_delivery_slots", "_recipient_limit",
	"_recipient_refill_delay", "_recipient_refill_limit", "_time_limit",
	"_transport_rate_delay" };

/* Tables whose settings may stand in main.cf, behind NAME_. */
static const char *const of_table[] = {
	"ldap:", "memcache:", "mysql:", "pgsql:", "sqlite:"
};

static char there[] = "";

struct findings *
findings_new(const struct main_cf *m)
{
	struct findings *f = mem_new(sizeof(*f));

	f->m = m;
	f->used = table_new();
	f->services = table_new();
	f->tables = table_new();
	f->arena = arena_new();
	f->served = param_served;
	return f;
}

void
findings_free(struct findings **f)
{
	if (*f == NULL)
		return;
	table_free(&(*f)->used, NULL);
	table_free(&(*f)->services, NULL);
	table_free(&(*f)->tables, NULL);
	arena_free(&(*f)->arena);
	free((*f)->rows);
	mem_free(f);
}

void
findings_served(struct findings *f, bool (*served)(struct span name))
{
	f->served = served;
}

void
findings_service(struct findings *f, const char *name)
{
	table_put(f->services, span_str(name), there);
}

/* "ldap:users" in an item of a list, behind proxy: or not. */
static void
note_table(struct findings *f, struct span item)
{
	if (span_starts(item, "proxy:"))
		item = span_skip(item, strlen("proxy:"));
	for (size_t i = 0; i < sizeof(of_table) / sizeof(of_table[0]); i++) {
		struct span name = span_skip(item, strlen(of_table[i]));

		if (span_starts(item, of_table[i]) && name.n > 0 &&
		    name.p[0] != '/')
			table_put(f->tables, name, there);
	}
}

void
findings_text(struct findings *f, const char *value)
{
	struct span rest = span_str(value), item;
	size_t at = 0;

	while (macro_name_next(span_str(value), &at, &item))
		table_put(f->used, item, there);
	while (param_list_next(&rest, &item))
		note_table(f, item);
}

static void
note_classes(struct findings *f)
{
	const char *classes = main_cf_raw(f->m, "smtpd_restriction_classes");
	struct span rest = span_str(classes), item;

	while (param_list_next(&rest, &item))
		table_put(f->used, item, there);
}

/* True when name is what stands before _ in the table and an end. */
static bool
has_known_begin(const struct table *begins, struct span name)
{
	for (size_t n = 1; n < name.n; n++)
		if (name.p[n] == '_' &&
		    table_get(begins, span_head(name, n)) != NULL)
			return true;
	return false;
}

static bool
is_of_service(const struct findings *f, struct span name)
{
	for (size_t i = 0; i < sizeof(of_service) / sizeof(of_service[0]);
	     i++) {
		struct span service;

		if (!span_ends(name, of_service[i]))
			continue;
		service = span_head(name, name.n - strlen(of_service[i]));
		if (table_count(f->services) == 0 ||
		    table_get(f->services, service) != NULL)
			return service.n > 0;
	}
	return false;
}

static bool
is_known(struct span name)
{
	return param_find(name) != NULL || foreign_param(name);
}

static bool
is_used(const struct findings *f, struct span name)
{
	return param_find(name) != NULL || table_get(f->used, name) != NULL ||
	    is_of_service(f, name) || has_known_begin(f->tables, name);
}

static void
row_add(struct findings *f, const struct finding *row)
{
	if (f->n == f->cap) {
		f->cap = f->cap == 0 ? 8 : f->cap * 2;
		f->rows = mem_resize(f->rows, f->cap, sizeof(*f->rows));
	}
	f->rows[f->n++] = *row;
}

/* Names in a value that are set nowhere. */
static void
look_into(struct findings *f, const char *name, const char *value)
{
	const struct param *row = param_find(span_str(name));
	struct span referred;
	size_t at = 0;

	/* What stands in such a value is known only when mail is there. */
	if (row != NULL && row->type == PARAM_RAW)
		return;
	while (macro_name_next(span_str(value), &at, &referred)) {
		char *copy = arena_span_str(f->arena, referred);

		if (!main_cf_is_set(f->m, copy) && !is_known(referred))
			row_add(f,
			    &(struct finding){ FINDING_UNDEFINED, copy, "",
				main_cf_where(f->m, name) });
	}
}

/* Blanks do not make a value another one. */
static bool
same_words(const char *a, const char *b)
{
	struct span left = span_str(a), right = span_str(b), x, y;
	bool more;

	do {
		more = span_word(&left, " \t,", &x);
		if (more != span_word(&right, " \t,", &y) ||
		    (more && !span_eq(x, y)))
			return false;
	} while (more);
	return true;
}

/* True when the name deserves a finding; value may be NULL: some value. */
static bool
judge(const struct findings *f, struct span name, const char *value,
    enum finding_kind *kind)
{
	const struct param *row = param_find(name);

	*kind = FINDING_UNSUPPORTED;
	if (row != NULL && !f->served(name) && table_get(f->used, name) == NULL)
		return value == NULL || !same_words(value, row->fallback);
	if (row == NULL && !foreign_param(name))
		*kind = FINDING_UNUSED;
	return !is_used(f, name);
}

/* Somebody reads the value of that name: a program, or another value. */
static bool
is_read(const struct findings *f, struct span name)
{
	return (param_find(name) != NULL && f->served(name)) ||
	    !is_known(name) || table_get(f->used, name) != NULL;
}

/* Gather what is used. What only a value names that nobody reads is not; two
 * rounds, as one may be read through another. */
static void
prepare(struct findings *f)
{
	const char *name, *value;

	if (f->ready)
		return;
	f->ready = true;
	note_classes(f);
	for (int round = 0; round < 2; round++) {
		size_t at = 0;

		for (size_t i = 0; i < param_all_count; i++)
			if (is_read(f, span_str(param_all[i].name)))
				findings_text(f, param_all[i].fallback);
		while (main_cf_next(f->m, &at, &name, &value))
			if (is_read(f, span_str(name)))
				findings_text(f, value);
	}
}

static void
look(struct findings *f)
{
	const char *name, *value;
	size_t at = 0;

	while (main_cf_next(f->m, &at, &name, &value)) {
		struct finding row = { FINDING_UNUSED, name, value,
			main_cf_where(f->m, name) };

		if (judge(f, span_str(name), value, &row.kind))
			row_add(f, &row);
		else
			look_into(f, name, value);
	}
}

bool
findings_undefined(
    const struct findings *f, const char *value, size_t *at, struct span *name)
{
	while (macro_name_next(span_str(value), at, name)) {
		char *copy = mem_span(*name);
		bool set = main_cf_is_set(f->m, copy) || is_known(*name);

		free(copy);
		if (!set)
			return true;
	}
	return false;
}

bool
findings_of_service(const struct findings *f, const char *name)
{
	return param_find(span_str(name)) == NULL &&
	    is_of_service(f, span_str(name));
}

bool
findings_judge(struct findings *f, const char *name, enum finding_kind *kind)
{
	prepare(f);
	return judge(f, span_str(name), NULL, kind);
}

bool
findings_next(struct findings *f, size_t *at, struct finding *found)
{
	prepare(f);
	if (!f->looked)
		look(f);
	f->looked = true;
	if (*at >= f->n)
		return false;
	*found = f->rows[(*at)++];
	return true;
}

const char *
finding_text(enum finding_kind kind)
{
	switch (kind) {
	case FINDING_UNUSED:
		return "unused parameter";
	case FINDING_UNSUPPORTED:
		return "parameter without effect in Facteur";
	case FINDING_UNDEFINED:
		break;
	}
	return "undefined parameter";
}
