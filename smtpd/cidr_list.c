/*
 * cidr_list.c - lists of networks: mynetworks and its kin
 *
 * Who stands in such a list may relay, so an item that is not understood stops
 * the program rather than being passed over.
 */

#include "smtpd/cidr_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/why.h"
#include "config/param.h"
#include "os/file.h"
#include "os/sock.h"

enum { FILES_MAX = 10, FILE_BYTES_MAX = 1 << 20 };

struct block {
	unsigned char bytes[16];
	unsigned n; /* 4 or 16 */
	unsigned prefix;
	bool negate;
};

struct cidr_list {
	struct block *blocks;
	size_t count, room;
	unsigned files; /* read so far: one that names itself ends */
};

static void
mask(unsigned char *p, unsigned n, unsigned prefix)
{
	for (unsigned i = 0; i < n; i++) {
		unsigned keep = prefix > i * 8 ? prefix - i * 8 : 0;

		if (keep < 8)
			p[i] &= (unsigned char)(0xff00 >> keep);
	}
}

static void
block_add(struct cidr_list *l, const struct block *b)
{
	if (l->count == l->room) {
		l->room = l->room == 0 ? 8 : l->room * 2;
		l->blocks = mem_resize(l->blocks, l->room, sizeof(*l->blocks));
	}
	l->blocks[l->count++] = *b;
}

static bool
network_parse(struct span item, struct block *b)
{
	size_t slash = span_rfind(item, '/');
	struct address a;
	struct block zero;
	struct span bytes;
	uint64_t prefix;

	if (!address_parse(span_head(item, slash), 0, &a))
		return false;
	bytes = address_bytes(&a);
	memcpy(b->bytes, bytes.p, bytes.n);
	b->n = (unsigned)bytes.n;
	prefix = b->n * 8;
	if (slash < item.n &&
	    !number_parse(span_skip(item, slash + 1), 0, b->n * 8, &prefix))
		return false;
	b->prefix = (unsigned)prefix;
	zero = *b;
	mask(zero.bytes, zero.n, zero.prefix);
	return memcmp(zero.bytes, b->bytes, b->n) == 0;
}

static void
refuse(struct why *why, struct span item, const char *what)
{
	struct buf text = BUF_EMPTY;

	log_quote(&text, item, 200);
	why_set(why, "4.3.5", "\"%s\" %s", buf_str(&text), what);
	buf_free(&text);
}

static bool
file_read(
    struct cidr_list *l, struct span item, struct buf *text, struct why *why)
{
	char *path = mem_span(item);
	bool good = false;

	if (l->files++ == FILES_MAX)
		refuse(why, item, "is one file too many");
	else if (file_read_path(path, FILE_BYTES_MAX, text) == -1)
		refuse(why, item, strerror(errno));
	else
		good = true;
	free(path);
	return good;
}

/* Comments of a file become blanks. */
static void
comments_blank(struct buf *text)
{
	bool in = false;

	for (size_t i = 0; i < text->n; i++) {
		if (text->p[i] == '\n')
			in = false;
		else if (text->p[i] == '#')
			in = true;
		if (in)
			text->p[i] = ' ';
	}
}

static bool
item_add(
    struct cidr_list *l, struct span item, struct buf *more, struct why *why)
{
	struct block b = { .negate = span_starts(item, "!") };
	struct span text = span_skip(item, b.negate ? 1 : 0);

	if (span_starts(text, "/") && !b.negate)
		return file_read(l, text, more, why);
	if (!network_parse(text, &b)) {
		refuse(why, item,
		    "is no network: ADDRESS or ADDRESS/LENGTH, host bits 0");
		return false;
	}
	block_add(l, &b);
	return true;
}

static bool
items_add(struct cidr_list *l, struct span text, struct why *why)
{
	/* a file's items come in its place: what is left waits in pending */
	struct buf pending = BUF_EMPTY, file = BUF_EMPTY;
	struct span rest, item;
	bool good = true;

	buf_add_span(&pending, text);
	rest = buf_span(&pending);
	while (good && param_list_next(&rest, &item)) {
		good = item_add(l, item, &file, why);
		if (!good || file.n == 0)
			continue;
		comments_blank(&file);
		buf_add_byte(&file, ' ');
		buf_add_span(&file, rest);
		buf_free(&pending);
		pending = file;
		file = (struct buf)BUF_EMPTY;
		rest = buf_span(&pending);
	}
	buf_free(&pending);
	buf_free(&file);
	return good;
}

struct cidr_list *
cidr_list_new(struct span text, struct why *why)
{
	struct cidr_list *l = mem_new(sizeof(*l));

	if (!items_add(l, text, why))
		cidr_list_free(&l);
	return l;
}

void
cidr_list_free(struct cidr_list **l)
{
	if (*l == NULL)
		return;
	free((*l)->blocks);
	free(*l);
	*l = NULL;
}

bool
cidr_list_has(const struct cidr_list *l, struct span address)
{
	for (size_t i = 0; i < l->count; i++) {
		const struct block *b = &l->blocks[i];
		unsigned char at[16];

		if (address.n != b->n)
			continue;
		memcpy(at, address.p, b->n);
		mask(at, b->n, b->prefix);
		if (memcmp(at, b->bytes, b->n) == 0)
			return !b->negate;
	}
	return false;
}
