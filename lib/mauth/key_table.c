/*
 * key_table.c - which keys sign for which domain
 */

#include "mauth/key_table.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/why.h"
#include "dns/name.h"
#include "mauth/suffixes.h"
#include "os/file.h"

enum { FILE_MAX = 4 * 1024 * 1024 };

static const char *
row_read(struct span line, struct key_row *row, struct arena *a)
{
	struct span domain, algorithm, more;
	struct buf ascii = BUF_EMPTY;

	if (!span_word(&line, " \t\r", &domain) ||
	    !span_word(&line, " \t\r", &row->selector) ||
	    !span_word(&line, " \t\r", &row->file))
		return "wanted: DOMAIN SELECTOR FILE [rsa|ed25519]";
	row->below = span_starts(domain, ".");
	if (suffixes_ascii(span_skip(domain, row->below ? 1 : 0), &ascii))
		row->domain = arena_span(a, buf_span(&ascii));
	buf_free(&ascii);
	if (!dns_name_is_host(row->domain))
		return "not a domain";
	if (!dns_name_askable(row->selector))
		return "not a selector";
	if (!span_starts(row->file, "/"))
		return "the file must have an absolute path";
	row->selector = arena_span(a, row->selector);
	row->file = arena_span(a, row->file);
	if (!span_word(&line, " \t\r", &algorithm))
		return NULL;
	if (span_iis(algorithm, "ed25519"))
		row->algorithm = MAUTH_ED25519_SHA256;
	else if (!span_iis(algorithm, "rsa"))
		return "neither rsa nor ed25519";
	return span_word(&line, " \t\r", &more) ? "more than four words" : NULL;
}

static size_t
lines_count(struct span text)
{
	struct span line;
	size_t n = 0;

	while (span_line(&text, &line))
		n++;
	return n;
}

struct key_table *
key_table_parse(
    struct span text, const char *name, struct arena *a, struct why *why)
{
	struct key_table *t = arena_alloc(a, sizeof(*t));
	size_t lines = lines_count(text), number = 0;
	const char *wrong = NULL;
	struct span line;

	if (lines > KEY_TABLE_MAX) {
		why_set(why, "4.3.5", "%s: more than %d lines", name,
		    KEY_TABLE_MAX);
		return NULL;
	}
	t->rows = arena_array(a, lines, sizeof(*t->rows));
	while (wrong == NULL && span_line(&text, &line)) {
		number++;
		line = span_trim(span_head(line, span_find(line, '#')));
		if (line.n > 0)
			wrong = row_read(line, &t->rows[t->count++], a);
	}
	if (wrong == NULL)
		return t;
	why_set(why, "4.3.5", "%s, line %zu: %s", name, number, wrong);
	return NULL;
}

struct key_table *
key_table_read(const char *path, struct arena *a, struct why *why)
{
	struct key_table *t = NULL;
	struct buf text = BUF_EMPTY;

	if (file_read_path(path, FILE_MAX, &text) == -1)
		why_set(why, "4.3.5", "dkim_key_table: %s: %s", path,
		    strerror(errno));
	else
		t = key_table_parse(buf_span(&text), path, a, why);
	buf_free(&text);
	return t;
}

size_t
key_table_find(const struct key_table *t, struct span domain,
    const struct key_row *out[KEY_TABLE_PER_DOMAIN])
{
	struct span at = domain;
	size_t n = 0;

	while (n == 0 && at.n > 0) {
		for (size_t i = 0; i < t->count && n < KEY_TABLE_PER_DOMAIN;
		     i++)
			if (span_eq(t->rows[i].domain, at) &&
			    (at.n == domain.n || t->rows[i].below))
				out[n++] = &t->rows[i];
		at = span_skip(at, span_find(at, '.') + 1);
	}
	return n;
}
