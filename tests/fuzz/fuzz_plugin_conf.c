/* fuzz_plugin_conf.c - the files of databases' tables, and a key */

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/must.h"
#include "base/why.h"
#include "maps/plugin_conf.h"
#include "maps/plugin_filter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first line is the type's number and a key, the rest the file. domain may
 * name files and tables: it is left out. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span rest = span_of((const char *)data, size), key;
	struct buf first = BUF_EMPTY, second = BUF_EMPTY;
	struct plugin_filter *f;
	struct plugin_conf *c;
	struct why why;
	const char *type;

	if (!span_line(&rest, &key) || key.n < 2)
		return 0;
	type = plugin_type((unsigned char)key.p[0] % 4);
	why_init(&why);
	c = plugin_conf_parse(type, rest, "x", true, &why);
	if (c != NULL && !plugin_conf_is_set(c, "domain")) {
		f = plugin_filter_new(c);
		(void)plugin_filter_test(f, span_skip(key, 1), &why);
		plugin_filter_free(&f);
		plugin_conf_text(c, &first);
		plugin_conf_free(&c);
		c = plugin_conf_parse(type, buf_span(&first), "x", true, &why);
		must(c != NULL);
		plugin_conf_text(c, &second);
		must(span_eq(buf_span(&first), buf_span(&second)));
	}
	plugin_conf_free(&c);
	buf_free(&first);
	buf_free(&second);
	why_free(&why);
	return 0;
}
