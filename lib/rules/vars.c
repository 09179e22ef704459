/*
 * vars.c - the variables of a run
 *
 * Kept as "NAME=value", so the environment of a program is a list of pointers.
 */

#include "rules/vars.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/table.h"

enum { PAIR_MAX = 131071 }; /* the kernel's, for one string */

struct vars {
	struct table *all; /* name to "NAME=value" */
	size_t bytes;
};

struct vars *
vars_new(void)
{
	struct vars *v = mem_new(sizeof(*v));

	v->all = table_new();
	return v;
}

static void
value_free(void *value)
{
	free(value);
}

void
vars_free(struct vars **v)
{
	if (*v == NULL)
		return;
	table_free(&(*v)->all, value_free);
	mem_free(v);
}

static void
drop(struct vars *v, char *pair)
{
	if (pair != NULL)
		v->bytes -= strlen(pair) - 1;
	free(pair);
}

void
vars_set(struct vars *v, struct span name, struct span value)
{
	char *pair;

	name = span_head(name, span_find(name, '\0'));
	value = span_head(value, span_find(value, '\0'));
	pair = mem_new(name.n + value.n + 2);
	memcpy(pair, name.p, name.n);
	pair[name.n] = '=';
	if (value.n > 0)
		memcpy(pair + name.n + 1, value.p, value.n);
	v->bytes += name.n + value.n;
	drop(v, table_put(v->all, name, pair));
}

size_t
vars_bytes(const struct vars *v)
{
	return v->bytes;
}

void
vars_set_str(struct vars *v, const char *name, const char *value)
{
	vars_set(v, span_str(name), span_str(value));
}

void
vars_unset(struct vars *v, const char *name)
{
	drop(v, table_remove(v->all, span_str(name)));
}

const char *
vars_get(const struct vars *v, struct span name)
{
	const char *pair = table_get(v->all, name);

	return pair == NULL ? NULL : pair + name.n + 1;
}

const char *
vars_get_str(const struct vars *v, const char *name)
{
	return vars_get(v, span_str(name));
}

const char *
vars_text(const struct vars *v, const char *name)
{
	const char *value = vars_get_str(v, name);

	return value == NULL ? "" : value;
}

char **
vars_environment(const struct vars *v, struct arena *a)
{
	size_t at = 0, n = 0;
	char **env = arena_array(a, table_count(v->all) + 1, sizeof(*env));
	struct span name;
	void *pair;

	while (table_next(v->all, &at, &name, &pair))
		if (strlen(pair) <= PAIR_MAX)
			env[n++] = pair;
	return env;
}

static int
word_value(const char *text)
{
	int c = ascii_lower((unsigned char)text[0]);

	if (c == 'o' && text[1] != '\0')
		return ascii_lower((unsigned char)text[1]) == 'n' ? 1
		    : ascii_lower((unsigned char)text[1]) == 'f'  ? 0
								  : -1;
	if (c == 'y' || c == 't' || c == 'e')
		return 1;
	if (c == 'n' || c == 'f' || c == 'd')
		return 0;
	return c == 'a' ? 2 : -1;
}

long
vars_number(const char *text, long before)
{
	char *end;
	long n;
	int word;

	errno = 0;
	n = strtol(text, &end, 10);
	if (end != text)
		return n;
	while (ascii_space((unsigned char)*text))
		text++;
	word = word_value(text);
	return word == -1 ? before : word;
}

bool
vars_is_name(struct span s)
{
	if (s.n == 0 || ascii_digit((unsigned char)s.p[0]))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_alnum((unsigned char)s.p[i]) && s.p[i] != '_')
			return false;
	return true;
}
