/*
 * php_value.c - values of PHP: scalars and ordered arrays
 *
 * An array keeps its items in the order they were set and finds them by
 * walking: the arrays of a configuration are short, and their length is
 * bounded.
 */

#include "config/php_value.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/number.h"

bool
php_value_text(const struct php_value *value, struct buf *out)
{
	switch (value->type) {
	case PHP_NULL:
		return true;
	case PHP_BOOL:
		if (value->number != 0)
			buf_add_byte(out, '1');
		return true;
	case PHP_INT:
		buf_printf(out, "%lld", (long long)value->number);
		return true;
	case PHP_STRING:
		buf_add_span(out, value->text);
		return true;
	case PHP_ARRAY:
		break;
	}
	return false;
}

static bool
is_canonical(struct span text)
{
	return text.n > 0 && (text.n == 1 || text.p[0] != '0');
}

bool
php_key_of(struct arena *a, const struct php_value *value, struct php_key *key)
{
	uint64_t number;

	*key = (struct php_key){ false, NULL, value->number };
	if (value->type == PHP_ARRAY || value->type == PHP_NULL)
		return false;
	if (value->type != PHP_STRING)
		return true;
	if (is_canonical(value->text) &&
	    number_parse(value->text, 0, INT64_MAX, &number))
		key->index = (int64_t)number;
	else
		key->text = arena_span_str(a, value->text);
	return true;
}

static struct php_item *
item_find(const struct php_value *array, const struct php_key *key)
{
	for (size_t i = 0; i < array->n; i++) {
		struct php_item *item = &array->items[i];

		if (key->text == NULL
			? item->key == NULL && item->index == key->index
			: item->key != NULL &&
			    strcmp(item->key, key->text) == 0)
			return item;
	}
	return NULL;
}

static int64_t
next_index(const struct php_value *array)
{
	int64_t next = 0;

	for (size_t i = 0; i < array->n; i++)
		if (array->items[i].key == NULL &&
		    array->items[i].index >= next &&
		    array->items[i].index < INT64_MAX)
			next = array->items[i].index + 1;
	return next;
}

struct php_item *
php_item_make(
    struct arena *a, struct php_value *array, const struct php_key *key)
{
	struct php_item *item = key->next ? NULL : item_find(array, key);

	if (item != NULL)
		return item;
	if (array->n == PHP_ITEMS_MAX)
		return NULL;
	if (array->n == array->room) {
		size_t room = array->room == 0 ? 4 : array->room * 2;
		struct php_item *items = arena_array(a, room, sizeof(*items));

		if (array->n > 0)
			memcpy(items, array->items, array->n * sizeof(*items));
		array->items = items;
		array->room = room;
	}
	item = &array->items[array->n];
	item->key = key->text;
	item->index = key->next ? next_index(array) : key->index;
	array->n++;
	return item;
}

const struct php_value *
php_value_key(const struct php_value *array, const char *key)
{
	struct php_key wanted = { false, key, 0 };
	const struct php_item *item;

	if (array == NULL || array->type != PHP_ARRAY)
		return NULL;
	item = item_find(array, &wanted);
	return item == NULL ? NULL : &item->value;
}

const struct php_value *
php_value_index(const struct php_value *array, int64_t index)
{
	struct php_key wanted = { false, NULL, index };
	const struct php_item *item;

	if (array == NULL || array->type != PHP_ARRAY)
		return NULL;
	item = item_find(array, &wanted);
	return item == NULL ? NULL : &item->value;
}
