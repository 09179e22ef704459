/* authorized.c - which users of this machine may do something */

#include "service/authorized.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "config/param.h"
#include "os/file.h"
#include "os/users.h"

enum { ITEMS_MAX = 1000, FILE_BYTES_MAX = 65536 };

struct item {
	bool may, all;
	uid_t uid;
};

struct authorized {
	const char *parameter;
	struct item items[ITEMS_MAX];
	size_t count;
};

static bool
item_take(struct authorized *a, struct span word, struct item *item)
{
	struct arena *arena = arena_new();
	struct account account;
	enum users_result got;

	item->may = true;
	for (; span_at(word, 0) == '!'; word = span_skip(word, 1))
		item->may = !item->may;
	item->all = span_starts(word, "static:");
	got = item->all ? USERS_FOUND : users_find(arena, word, &account);
	if (got != USERS_FOUND)
		log_warning("%s: \"%.*s\": %s", a->parameter, (int)word.n,
		    word.p,
		    span_find(word, ':') < word.n
			? "tables but static: are not available"
			: "no such user");
	else if (!item->all)
		item->uid = account.uid;
	arena_free(&arena);
	return got == USERS_FOUND;
}

static void
words_take(struct authorized *a, struct span text, bool files)
{
	struct span word;

	while (param_list_next(&text, &word)) {
		struct buf bytes = BUF_EMPTY;
		char *path;

		if (files && span_at(word, 0) == '/') {
			path = mem_span(word);
			if (file_read_path(path, FILE_BYTES_MAX, &bytes) == -1)
				log_warning("%s: %s: %s", a->parameter, path,
				    strerror(errno));
			words_take(a, buf_span(&bytes), false);
			free(path);
		} else if (a->count == ITEMS_MAX) {
			log_warning(
			    "%s: more than %d users", a->parameter, ITEMS_MAX);
			return;
		} else if (item_take(a, word, &a->items[a->count])) {
			a->count++;
		}
		buf_free(&bytes);
	}
}

struct authorized *
authorized_new(const char *parameter, const char *value)
{
	struct authorized *a = mem_new(sizeof(*a));

	a->parameter = parameter;
	words_take(a, span_str(value), true);
	return a;
}

void
authorized_free(struct authorized **a)
{
	mem_free(a);
}

bool
authorized_has(const struct authorized *a, uid_t uid)
{
	if (uid == 0)
		return true;
	for (size_t i = 0; i < a->count; i++)
		if (a->items[i].all || a->items[i].uid == uid)
			return a->items[i].may;
	return false;
}

bool
authorized_serves(const struct authorized *a, uid_t uid)
{
	return uid == geteuid() || authorized_has(a, uid);
}
