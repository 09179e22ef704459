/*
 * store.c - the keys this process holds
 *
 * A table from the file's name, as the configuration has it, to the key and the
 * roles that may use it. A name is only looked up here, never opened again.
 */

#include "keys/store.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/table.h"
#include "base/why.h"
#include "calls/key_call.h"
#include "tls/private_key.h"

struct held {
	struct private_key *key;
	unsigned roles;
};

struct store {
	struct table *keys;
};

struct store *
store_new(void)
{
	struct store *s = mem_new(sizeof(*s));

	s->keys = table_new();
	return s;
}

static void
held_free(void *value)
{
	struct held *h = value;

	private_key_free(&h->key);
	free(h);
}

void
store_free(struct store **s)
{
	if (*s == NULL)
		return;
	table_free(&(*s)->keys, held_free);
	free(*s);
	*s = NULL;
}

static void
warn_if_open(const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0 && (st.st_mode & (S_IROTH | S_IWOTH)) != 0)
		log_warning("%s: a private key that everybody may read", path);
}

void
store_add(struct store *s, struct span path, unsigned roles)
{
	struct held *h = table_get(s->keys, path);
	struct private_key *key;
	struct why why;
	char *name;

	if (h != NULL) {
		h->roles |= roles;
		return;
	}
	why_init(&why);
	name = mem_span(path);
	key = private_key_load(name, &why);
	if (key == NULL) {
		log_warning("%s", why_text(&why));
	} else {
		warn_if_open(name);
		h = mem_new(sizeof(*h));
		h->key = key;
		h->roles = roles;
		table_put(s->keys, path, h);
	}
	free(name);
	why_free(&why);
}

size_t
store_count(const struct store *s)
{
	return table_count(s->keys);
}

enum store_result
store_sign(struct store *s, unsigned role, const struct key_sign *request,
    struct buf *signature)
{
	const struct held *h = table_get(s->keys, request->key);

	if (h == NULL)
		return STORE_NO_KEY;
	if ((h->roles & role) == 0)
		return STORE_FORBIDDEN;
	return private_key_sign(
		   h->key, request->scheme, request->data, signature)
	    ? STORE_SIGNED
	    : STORE_REFUSED;
}
