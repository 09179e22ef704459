/* fuzz_php_conf.c - config.php */

#include "base/must.h"
#include "base/why.h"
#include "config/php_conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* Values are nested 8 deep at most. */
static void
walk(const struct php_value *v, int depth)
{
	must(depth <= 12);
	if (v->type == PHP_STRING)
		must(v->text.p[v->text.n] == '\0');
	for (size_t i = 0; v->type == PHP_ARRAY && i < v->n; i++) {
		const struct php_item *item = &v->items[i];

		if (v->n < 100)
			must((item->key != NULL
				     ? php_value_key(v, item->key)
				     : php_value_index(v, item->index)) ==
			    &item->value);
		walk(&item->value, depth + 1);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct why why;
	struct php_conf *c;
	const struct php_value *v;
	const char *name, *text;
	size_t at = 0;
	int64_t number;
	bool yes;

	why_init(&why);
	c = php_conf_parse(
	    span_of((const char *)p, n), "config.php", "/sm/", &why);
	must(c != NULL || why.text.n > 0);
	while (c != NULL && php_conf_next(c, &at, &name, &v)) {
		walk(v, 0);
		(void)php_conf_string(c, name, "", &text, &why);
		(void)php_conf_bool(c, name, false, &yes, &why);
		(void)php_conf_int(c, name, 0, &number, &why);
	}
	php_conf_free(&c);
	why_free(&why);
	return 0;
}
