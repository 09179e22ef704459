/*
 * import_keywords.c - keywords of Courier and Dovecot
 *
 * Courier: courierimapkeywords/:list has names, an empty line, and lines
 * "base:i j k". A file called base, or else the .N.base of the highest N, is
 * newer than the list and replaces what it says of that message. Dovecot: the
 * letter a to z in a file's name is the line of that number, 0 to 25, in
 * dovecot-keywords.
 */

#include "mailbox/import_keywords.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/number.h"
#include "base/table.h"
#include "mailbox/flags.h"
#include "mailbox/keywords.h"
#include "mailbox/uidlist.h"
#include "os/file.h"

#define COURIER_DIR "courierimapkeywords"

enum { LIST_BYTES_MAX = 64 << 20, ONE_BYTES_MAX = 65536, LETTERS = 26 };

static bool
read_file(int dir, const char *name, size_t max, struct buf *out)
{
	int fd = file_open(dir, name, O_RDONLY, 0);
	bool ok = fd != -1 && file_read_all(fd, max, out) == 0;

	file_close(&fd);
	return ok;
}

static void
give(struct import_keywords *k, struct uid_entry *e, struct span name)
{
	int at = keywords_add(k->names, name);

	if (at == -1)
		k->lost++;
	else
		kwset_set(&e->kw, (size_t)at, true);
}

/* The names at the front of the list. */
struct list_names {
	struct span at[1024];
	size_t count;
};

static void
list_line(
    struct import_keywords *k, const struct list_names *names, struct span line)
{
	struct uid_entry *e;
	struct span numbers, word;
	size_t colon = span_rfind(line, ':');
	uint64_t n;

	if (colon == line.n)
		return;
	e = table_get(k->by_base, span_head(line, colon));
	numbers = span_skip(line, colon + 1);
	while (e != NULL && span_word(&numbers, " ", &word))
		if (number_parse(word, 0, names->count, &n) && n < names->count)
			give(k, e, names->at[n]);
}

static void
courier_list(struct import_keywords *k, int dir)
{
	struct list_names *names;
	struct buf text = BUF_EMPTY;
	struct span rest, line;

	if (!read_file(dir, ":list", LIST_BYTES_MAX, &text)) {
		buf_free(&text);
		return;
	}
	names = arena_alloc(k->a, sizeof(*names));
	rest = buf_span(&text);
	while (span_line(&rest, &line) && line.n > 0) {
		if (names->count < 1024)
			names->at[names->count++] = line;
		else
			k->lost++;
	}
	while (span_line(&rest, &line))
		list_line(k, names, line);
	buf_free(&text);
}

/* A newer state: file is its name, rank says how new. */
struct newer {
	const char *file;
	uint64_t rank;
};

/* "base", or ".N.base"; false for what is neither. */
static bool
newer_name(struct span file, struct span *base, uint64_t *rank)
{
	size_t dot;

	*base = file;
	*rank = UINT64_MAX;
	if (span_starts(file, ":"))
		return false;
	if (!span_starts(file, "."))
		return true;
	*base = span_skip(file, 1);
	dot = span_find(*base, '.');
	if (dot == base->n ||
	    !number_parse(span_head(*base, dot), 0, UINT64_MAX - 1, rank))
		return false;
	*base = span_skip(*base, dot + 1);
	return base->n > 0;
}

static void
newer_read(
    struct import_keywords *k, int dir, const char *file, struct uid_entry *e)
{
	struct buf text = BUF_EMPTY;
	struct span rest, line;

	if (read_file(dir, file, ONE_BYTES_MAX, &text)) {
		memset(&e->kw, 0, sizeof(e->kw));
		rest = buf_span(&text);
		while (span_line(&rest, &line))
			if (line.n > 0)
				give(k, e, line);
	}
	buf_free(&text);
}

static void
newer_keep(struct import_keywords *k, struct table *best, const char *file)
{
	struct span base;
	struct newer *n;
	uint64_t rank;

	if (!newer_name(span_str(file), &base, &rank) ||
	    table_get(k->by_base, base) == NULL)
		return;
	n = table_get(best, base);
	if (n == NULL) {
		n = arena_alloc(k->a, sizeof(*n));
		(void)table_put(best, base, n);
	} else if (n->rank >= rank) {
		return;
	}
	n->file = arena_str(k->a, file);
	n->rank = rank;
}

static void
courier_newer(struct import_keywords *k, int dir)
{
	struct table *best = table_new();
	int fd = file_open_dir(dir, ".", false);
	DIR *d = fd == -1 ? NULL : fdopendir(fd);
	struct dirent *entry;
	struct span base;
	size_t at = 0;
	void *value;

	if (d == NULL)
		file_close(&fd);
	while (d != NULL && (entry = readdir(d)) != NULL)
		newer_keep(k, best, entry->d_name);
	if (d != NULL)
		closedir(d);
	while (table_next(best, &at, &base, &value))
		newer_read(k, dir, ((struct newer *)value)->file,
		    table_get(k->by_base, base));
	table_free(&best, NULL);
}

void
import_courier_keywords(struct import_keywords *k)
{
	int dir = file_open_dir(k->dir, COURIER_DIR, false);

	if (dir == -1)
		return;
	courier_list(k, dir);
	courier_newer(k, dir);
	file_close(&dir);
}

void
import_dovecot_keywords(
    struct import_keywords *k, const struct span *files, size_t file_count)
{
	struct span letters[LETTERS] = { { NULL, 0 } };
	struct buf text = BUF_EMPTY;
	struct span rest, line, word;
	uint64_t n;

	if (read_file(k->dir, DOVECOT_KEYWORDS, ONE_BYTES_MAX, &text)) {
		rest = buf_span(&text);
		while (span_line(&rest, &line))
			if (span_cut(&line, ' ', &word) && line.n > 0 &&
			    number_parse(word, 0, LETTERS - 1, &n))
				letters[n] = line;
	}
	for (size_t i = 0; i < file_count; i++) {
		struct uid_entry *e =
		    table_get(k->by_base, flags_base(files[i]));

		for (int c = 0; e != NULL && c < LETTERS; c++)
			if (letters[c].n > 0 &&
			    flags_has_letter(files[i], (char)('a' + c)))
				give(k, e, letters[c]);
	}
	buf_free(&text);
}
