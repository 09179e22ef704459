/* plugin_filter.c - may a database know this key at all? */

#include "maps/plugin_filter.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "maps/map_pool.h"
#include "maps/match_list.h"
#include "maps/plugin_conf.h"
#include "maps/plugin_expand.h"

struct plugin_filter {
	const struct plugin_conf *conf;
	struct map_pool *pool; /* of domains */
	struct match_list *domains; /* NULL: all */
};

struct plugin_filter *
plugin_filter_new(const struct plugin_conf *conf)
{
	struct plugin_filter *f = mem_new(sizeof(*f));

	f->conf = conf;
	if (plugin_conf_is_set(conf, "domain")) {
		f->pool = map_pool_new("hash", false);
		f->domains = match_list_new(f->pool, "domain",
		    span_str(plugin_conf_get(conf, "domain")), MATCH_STRINGS,
		    false);
	}
	return f;
}

void
plugin_filter_free(struct plugin_filter **f)
{
	if (*f == NULL)
		return;
	match_list_free(&(*f)->domains);
	map_pool_free(&(*f)->pool);
	mem_free(f);
}

/* Has the key all that a template wants of it? */
static bool
possible(const struct plugin_conf *conf, const char *name, struct span key,
    struct span value)
{
	const char *template = plugin_conf_get(conf, name);
	struct plugin_expand e = {
		.template = span_str(template), .key = key, .value = value
	};
	struct buf out = BUF_EMPTY;
	bool all = template == NULL || plugin_expand(&e, &out);

	buf_free(&out);
	return all;
}

static enum map_result
domain_test(const struct plugin_filter *f, struct span key, struct why *why)
{
	size_t at = span_rfind(key, '@');

	if (f->domains == NULL)
		return MAP_FOUND;
	if (at == 0 || at + 1 >= key.n)
		return MAP_NONE;
	switch (match_list_test(f->domains, span_skip(key, at + 1), why)) {
	case MATCH_YES:
		return MAP_FOUND;
	case MATCH_NO:
		return MAP_NONE;
	case MATCH_ERROR:
		break;
	}
	return MAP_ERROR;
}

enum map_result
plugin_filter_test(
    const struct plugin_filter *f, struct span key, struct why *why)
{
	static const char *const asked[] = { "query", "search_base",
		"query_filter" };

	if (!utf8_valid(key) ||
	    !possible(f->conf, "result_format", key, SPAN("a@b")))
		return MAP_NONE;
	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++)
		if (!possible(f->conf, asked[i], key, span_of(NULL, 0)))
			return MAP_NONE;
	return domain_test(f, key, why);
}

bool
plugin_filter_changed(const struct plugin_filter *f)
{
	return f->pool != NULL && map_pool_changed(f->pool) != NULL;
}
