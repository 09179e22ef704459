/*
 * param.c - typed values out of main.cf
 *
 * One table of rows says which parameter fills which field of a program's
 * struct. A value that is no good stops the program at its start, with the
 * place, the administrator's words and what is wanted.
 */

#include "config/param.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/number.h"
#include "base/why.h"
#include "config/served.h"

static const char units[] = "smhdw";
static const int64_t unit_seconds[] = { 1, 60, 3600, 86400, 604800 };

/* Seconds of a unit, 0 for none. */
static int64_t
unit_length(int unit)
{
	for (size_t i = 0; units[i] != '\0'; i++)
		if (ascii_lower(unit) == units[i])
			return unit_seconds[i];
	return 0;
}

bool
param_parse_time(struct span text, char unit, int64_t *seconds)
{
	int64_t each = unit_length(unit);
	uint64_t number;

	text = span_trim(text);
	if (text.n > 0 && !ascii_digit(text.p[text.n - 1])) {
		each = unit_length((unsigned char)text.p[text.n - 1]);
		text = span_trim_right(span_head(text, text.n - 1));
	}
	if (each == 0 ||
	    !number_parse(text, 0, (uint64_t)(INT64_MAX / each), &number))
		return false;
	*seconds = (int64_t)number * each;
	return true;
}

/* The same in milliseconds, "ms" too. */
static bool
parse_time_ms(struct span text, char unit, int64_t *ms)
{
	int64_t seconds;
	uint64_t number;

	text = span_trim(text);
	if (span_iends(text, "ms")) {
		text = span_trim_right(span_head(text, text.n - 2));
		if (!number_parse(text, 0, INT64_MAX, &number))
			return false;
		*ms = (int64_t)number;
		return true;
	}
	return param_parse_time(text, unit, &seconds) &&
	    !__builtin_mul_overflow(seconds, (int64_t)1000, ms);
}

static bool
parse_bool(struct span text, bool *value)
{
	static const struct {
		const char *word;
		bool value;
	} words[] = { { "yes", true }, { "no", false }, { "true", true },
		{ "false", false }, { "on", true }, { "off", false } };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (span_iis(span_trim(text), words[i].word)) {
			*value = words[i].value;
			return true;
		}
	}
	return false;
}

/* The bounds that hold for a row. */
static void
row_bounds(const struct param *row, int64_t *min, int64_t *max)
{
	*min = row->min;
	*max = row->max;
	if (row->min == 0 && row->max == 0)
		*max = row->type == PARAM_INT ? INT_MAX : INT64_MAX;
}

static bool
in_bounds(const struct param *row, int64_t value)
{
	int64_t min, max;

	row_bounds(row, &min, &max);
	return value >= min && value <= max;
}

/* The number of a row whose type is one, checked against its bounds. */
static bool
parse_number(const struct param *row, struct span text, int64_t *value)
{
	char unit = row->unit == NULL ? 's' : row->unit[0];
	bool ok;

	if (row->type == PARAM_TIME)
		ok = param_parse_time(text, unit, value);
	else if (row->type == PARAM_TIME_MS)
		ok = parse_time_ms(text, unit, value);
	else
		ok = number_parse_signed(
		    span_trim(text), INT64_MIN, INT64_MAX, value);
	return ok && in_bounds(row, *value);
}

/* Put the expanded text into the row's field; false when it is ill-formed. */
static bool
field_set(
    const struct param *row, struct span text, struct arena *a, void *field)
{
	int64_t number;

	switch (row->type) {
	case PARAM_STR:
	case PARAM_RAW:
		*(const char **)field = arena_span_str(a, text);
		return true;
	case PARAM_BOOL:
		return parse_bool(text, field);
	case PARAM_INT:
	case PARAM_BYTES:
	case PARAM_TIME:
	case PARAM_TIME_MS:
		break;
	}
	if (!parse_number(row, text, &number))
		return false;
	if (row->type == PARAM_INT)
		*(int *)field = (int)number;
	else if (row->type == PARAM_BYTES)
		*(uint64_t *)field = (uint64_t)number;
	else
		*(int64_t *)field = number;
	return true;
}

static const char *
type_wanted(const struct param *row)
{
	switch (row->type) {
	case PARAM_STR:
	case PARAM_RAW:
		break;
	case PARAM_BOOL:
		return "yes or no";
	case PARAM_INT:
		return "a whole number";
	case PARAM_BYTES:
		return "a number of octets, digits only";
	case PARAM_TIME:
		return "a time such as 30s, 5m, 2h, 1d or 1w";
	case PARAM_TIME_MS:
		return "a time such as 100ms, 30s or 5m";
	}
	return "text";
}

static void
refuse(const struct param *row, const struct main_cf *m, struct span text,
    struct why *why)
{
	const char *where = main_cf_where(m, row->name);
	int64_t min, max;
	struct buf range = BUF_EMPTY;

	row_bounds(row, &min, &max);
	if (row->min != 0 || row->max != 0)
		buf_printf(&range, " from %lld to %lld", (long long)min,
		    (long long)max);
	why_set(why, "4.3.5", "%s: %s = %.*s: wanted %s%s",
	    where == NULL ? "default" : where, row->name,
	    text.n < 80 ? (int)text.n : 80, text.p == NULL ? "" : text.p,
	    type_wanted(row), buf_str(&range));
	buf_free(&range);
}

static const char *
row_fallback(const struct param *row)
{
	const struct param *shared;

	if (row->fallback != NULL)
		return row->fallback;
	shared = param_find(span_str(row->name));
	return shared == NULL ? "" : shared->fallback;
}

/* The row's text: set, or its own default; as written or expanded. */
static bool
row_text(const struct param *row, const struct main_cf *m, struct buf *out,
    struct why *why)
{
	bool own = !main_cf_is_set(m, row->name) && row->fallback != NULL &&
	    row->fallback[0] != '\0';

	if (row->type == PARAM_RAW) {
		buf_add_str(out,
		    main_cf_is_set(m, row->name) ? main_cf_raw(m, row->name)
						 : row_fallback(row));
		return true;
	}
	if (own)
		return main_cf_expand(m, span_str(row->fallback), out, why);
	return main_cf_value(m, row->name, out, why);
}

/* The row with what it leaves to the shared table: unit and bounds. */
static struct param
whole(const struct param *row)
{
	const struct param *shared = param_find(span_str(row->name));
	struct param out = *row;

	if (shared == NULL || shared->type != row->type)
		return out;
	if (out.unit == NULL)
		out.unit = shared->unit;
	if (out.min == 0 && out.max == 0) {
		out.min = shared->min;
		out.max = shared->max;
	}
	return out;
}

bool
param_fill(const struct param *table, const struct main_cf *m, struct arena *a,
    void *conf, struct why *why)
{
	struct buf text = BUF_EMPTY;
	bool ok = true;

	for (; ok && table->name != NULL; table++) {
		struct param row = whole(table);

		buf_clear(&text);
		ok = row_text(&row, m, &text, why);
		if (ok &&
		    !field_set(
			&row, buf_span(&text), a, (char *)conf + row.where)) {
			refuse(&row, m, buf_span(&text), why);
			ok = false;
		}
	}
	buf_free(&text);
	return ok;
}

static bool
ill_formed(const struct param *row, const struct main_cf *m, struct arena *a,
    struct why *why)
{
	union {
		const char *text;
		bool yes;
		int small;
		uint64_t octets;
		int64_t large;
	} field;
	struct buf text = BUF_EMPTY;
	bool bad = !row_text(row, m, &text, why);

	if (!bad && !field_set(row, buf_span(&text), a, &field)) {
		refuse(row, m, buf_span(&text), why);
		bad = true;
	}
	buf_free(&text);
	return bad;
}

bool
param_check_next(const struct main_cf *m, size_t *at, struct why *why)
{
	struct arena *a = arena_new();
	bool found = false;

	while (!found && *at < param_all_count) {
		const struct param *row = &param_all[(*at)++];

		if (main_cf_is_set(m, row->name) &&
		    param_served(span_str(row->name)))
			found = ill_formed(row, m, a, why);
	}
	arena_free(&a);
	return found;
}

static int
compare_name(const void *key, const void *row)
{
	const struct span *name = key;
	const struct param *p = row;

	return span_cmp(*name, span_str(p->name));
}

const struct param *
param_find(struct span name)
{
	return bsearch(&name, param_all, param_all_count, sizeof(param_all[0]),
	    compare_name);
}

struct span
param_item_bare(struct span item)
{
	if (item.n < 2 || item.p[0] != '{' || item.p[item.n - 1] != '}')
		return item;
	return span_trim(span_of(item.p + 1, item.n - 2));
}

bool
param_list_next(struct span *rest, struct span *item)
{
	size_t n = 0, level = 0;

	while (rest->n > 0 &&
	    (rest->p[0] == ',' || ascii_space((unsigned char)rest->p[0])))
		*rest = span_skip(*rest, 1);
	if (rest->n == 0)
		return false;
	for (n = 0; n < rest->n; n++) {
		int c = (unsigned char)rest->p[n];

		if (level == 0 && (c == ',' || ascii_space(c)))
			break;
		if (c == '{')
			level++;
		else if (c == '}' && level > 0)
			level--;
	}
	*item = span_head(*rest, n);
	*rest = span_skip(*rest, n);
	return true;
}

bool
param_list_has(const char *list, const char *word)
{
	struct span rest = span_str(list), item;

	while (param_list_next(&rest, &item))
		if (span_iis(item, word))
			return true;
	return false;
}
