/*
 * agent_cache.c - rc files parsed and regexes compiled, kept for next time
 *
 * A file is known by its bytes, a regex by its text: nothing here can be out of
 * date. Both are dropped whole when there are many.
 */

#include <stdlib.h>

#include "base/mem.h"
#include "base/table.h"
#include "rules/regex.h"
#include "rules/run.h"

enum { REGEXES_MAX = 500, FILES_KEPT_MAX = 50 };

struct agent_cache {
	struct table *regexes, *files;
};

struct kept_regex {
	struct regex *re; /* NULL: too large */
	bool unbalanced;
	char *shown;
};

static void
kept_free(void *p)
{
	struct kept_regex *k = p;

	regex_free(&k->re);
	free(k->shown);
	free(k);
}

static void
file_free(void *p)
{
	struct rc *r = p;

	rc_free(&r);
}

struct agent_cache *
agent_cache_new(void)
{
	struct agent_cache *c = mem_new(sizeof(*c));

	c->regexes = table_new();
	c->files = table_new();
	return c;
}

void
agent_cache_free(struct agent_cache **c)
{
	if (*c == NULL)
		return;
	table_free(&(*c)->regexes, kept_free);
	table_free(&(*c)->files, file_free);
	mem_free(c);
}

/* Runs hold files while they run, so room is made between runs only. */
void
cache_trim(struct agent_cache *c)
{
	if (table_count(c->regexes) > REGEXES_MAX) {
		table_free(&c->regexes, kept_free);
		c->regexes = table_new();
	}
	if (table_count(c->files) > FILES_KEPT_MAX) {
		table_free(&c->files, file_free);
		c->files = table_new();
	}
}

const struct rc *
cache_rc(struct agent_cache *c, struct span bytes)
{
	struct rc *rc = table_get(c->files, bytes);

	if (rc == NULL) {
		rc = rc_parse(bytes);
		(void)table_put(c->files, bytes, rc);
	}
	return rc;
}

static struct kept_regex *
compile(struct span pattern, bool fold, bool macros)
{
	struct kept_regex *k = mem_new(sizeof(*k));
	struct buf plain = BUF_EMPTY;
	enum regex_error error;

	if (macros)
		regex_macros(&plain, pattern, &fold);
	else
		buf_add_span(&plain, pattern);
	k->re = regex_new(buf_span(&plain), fold, &error);
	k->unbalanced = error == REGEX_UNBALANCED;
	k->shown = buf_take(&plain);
	return k;
}

struct regex *
cache_regex(struct agent *a, struct span pattern, bool fold, bool macros)
{
	struct buf key = BUF_EMPTY;
	struct kept_regex *k;

	buf_add_byte(&key, fold ? 'f' : 'c');
	buf_add_byte(&key, macros ? 'm' : 'p');
	buf_add_span(&key, pattern);
	k = table_get(a->cache->regexes, buf_span(&key));
	if (k == NULL) {
		k = compile(pattern, fold, macros);
		(void)table_put(a->cache->regexes, buf_span(&key), k);
	}
	buf_free(&key);
	if (k->re == NULL)
		agent_say(a, "Regexp too large");
	else if (k->unbalanced)
		run_say_name(a, "Invalid regexp", span_str(k->shown));
	return k->re;
}
