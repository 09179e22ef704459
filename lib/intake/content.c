/*
 * content.c - a message as it streams in
 *
 * Bytes are decoded into one block, which goes to the file when it is full:
 * large writes, one pass of the checksum. The queue file may fail at any time
 * (a full disk): then the rest is read to its end, and the client hears of it.
 */

#include "intake/content.h"

#include <errno.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/crc.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "calls/clean_job.h"
#include "config/param.h"
#include "intake/checks.h"
#include "message/header.h"
#include "os/file.h"
#include "queue/edits.h"

enum { BLOCK = 65536, DROPS_MAX = 8192, STRICT_DEPTH = 100 };

struct content {
	struct content_conf conf;
	struct dot_reader *dots;
	struct header_scan *scan;
	struct buf block; /* decoded, not yet written */
	uint64_t size, written;
	uint32_t crc;
	int error; /* errno of the first failure, 0: none */
	bool cr; /* of a chunk: a CR waits for its LF */
	bool header; /* it goes on */
	char last; /* byte of the content, '\n' at its front */
	uint32_t fields; /* seen so far */
	struct buf drops;
	struct clean_fields *addresses; /* NULL: not wanted */
	struct checks *checks; /* NULL: none */
	bool over; /* nothing more is fed */
	struct strict *strict; /* NULL: none */
	bool utf8, tls_optional;
	bool bad_bytes; /* some of conf.bytes.reject came */
};

static bool
is_dropped(const struct content *c, struct span name)
{
	struct span rest = c->conf.drop, item;

	while (param_list_next(&rest, &item))
		if (span_ieq(item, name))
			return true;
	return false;
}

static void
field_keep(struct content *c, const struct header_scanned *f)
{
	if (c->addresses != NULL && !f->cut)
		clean_fields_add(
		    c->addresses, c->fields, f->field.name, f->field.value);
	if (f->field.name.n > 0 && c->checks != NULL)
		checks_field(c->checks, f->field.name, f->field.all, c->fields);
}

static void
field_seen(void *arg, const struct header_scanned *f)
{
	struct content *c = arg;

	if (c->strict != NULL)
		strict_field(c->strict, f->field.all);
	if (c->conf.utf8 && utf8_wide(f->field.all) && utf8_valid(f->field.all))
		c->utf8 = true;
	if (span_iis(f->field.name, "TLS-Required") &&
	    span_iis(span_trim(f->field.value), "No"))
		c->tls_optional = true;
	if (f->field.name.n > 0 && c->drops.n < DROPS_MAX &&
	    is_dropped(c, f->field.name))
		edits_add(&c->drops, EDIT_DELETE, c->fields, span_of("", 0));
	else
		field_keep(c, f);
	c->fields++;
}

struct content *
content_new(const struct content_conf *conf)
{
	struct content *c = mem_new(sizeof(*c));

	c->conf = *conf;
	c->dots = dot_new(conf->mode);
	c->scan = header_scan_new(conf->header_size_max, field_seen, c);
	if (conf->addresses)
		c->addresses = clean_fields_new();
	if (conf->checks != NULL)
		c->checks = checks_new(conf->checks);
	if (conf->strict != 0)
		c->strict = strict_new(conf->strict, STRICT_DEPTH);
	c->header = true;
	c->last = '\n';
	return c;
}

void
content_free(struct content **c)
{
	if (*c == NULL)
		return;
	dot_free(&(*c)->dots);
	header_scan_free(&(*c)->scan);
	buf_free(&(*c)->block);
	buf_free(&(*c)->drops);
	clean_fields_free(&(*c)->addresses);
	checks_free(&(*c)->checks);
	strict_free(&(*c)->strict);
	free(*c);
	*c = NULL;
}

bool
content_too_big(const struct content *c)
{
	return c->conf.size_max > 0 && c->size > c->conf.size_max;
}

/* What is of no more use: it is too much, or the disk is. */
static void
block_drop(struct content *c)
{
	buf_clear(&c->block);
	if (c->checks != NULL)
		checks_stop(c->checks);
}

static void
block_write(struct content *c)
{
	size_t settled =
	    c->checks == NULL ? SIZE_MAX : checks_settled(c->checks);
	struct span block = span_head(buf_span(&c->block), settled);

	if (c->error != 0 || content_too_big(c)) {
		block_drop(c);
		return;
	}
	if (block.n == 0)
		return;
	c->crc = crc_add(c->crc, block);
	if (c->conf.fd != -1 &&
	    file_write_at(c->conf.fd, block, c->written) == -1)
		c->error = errno;
	c->written += block.n;
	if (block.n == c->block.n)
		buf_clear(&c->block);
	else
		buf_drop(&c->block, block.n);
	if (c->checks != NULL)
		checks_shift(c->checks, block.n);
}

/* The header is over, in the block or at its end; what was written before is
 * as it came. */
static void
header_over(struct content *c)
{
	const struct header_facts *facts = header_scan_facts(c->scan);

	c->header = false;
	if (c->strict != NULL)
		strict_header_end(c->strict);
	if (c->checks != NULL)
		checks_header_end(
		    c->checks, (size_t)(facts->body_at - c->written));
}

/* Bytes of the block from at on, as far as they are the body's. */
static void
body_look(struct content *c, size_t at)
{
	uint64_t begins = header_scan_facts(c->scan)->body_at;

	if (begins > c->written && begins - c->written > at)
		at = (size_t)(begins - c->written);
	strict_feed(c->strict, span_skip(buf_span(&c->block), at));
}

/* Strip bytes of the block from at on, and look for those to be refused. */
static void
bytes_look(struct content *c, size_t at)
{
	const struct content_bytes *set = c->conf.bytes;
	size_t kept = at;

	for (; at < c->block.n; at++) {
		unsigned char byte = (unsigned char)c->block.p[at];

		if (set->reject[byte])
			c->bad_bytes = true;
		if (!set->strip[byte])
			c->block.p[kept++] = c->block.p[at];
	}
	buf_cut(&c->block, kept);
}

/* Bytes from at on were added to the block. */
static void
decoded(struct content *c, size_t at)
{
	struct span fresh;

	if (c->conf.bytes != NULL)
		bytes_look(c, at);
	fresh = span_skip(buf_span(&c->block), at);
	c->size += fresh.n;
	if (fresh.n > 0)
		c->last = fresh.p[fresh.n - 1];
	if (c->conf.came != NULL)
		c->conf.came(c->conf.arg, fresh);
	if (c->header && !header_scan_feed(c->scan, fresh.p, fresh.n))
		header_over(c);
	if (c->strict != NULL && !c->header)
		body_look(c, at);
	if (c->checks != NULL)
		checks_scan(c->checks, buf_span(&c->block), c->over);
	if (c->block.n >= BLOCK)
		block_write(c);
}

struct checks *
content_pending(struct content *c)
{
	return c->checks != NULL && checks_pending(c->checks) ? c->checks
							      : NULL;
}

void
content_checked(struct content *c)
{
	const struct check_item *item;
	size_t at = 0;

	while ((item = checks_next(c->checks, &at)) != NULL)
		if (c->addresses != NULL && item->top &&
		    (item->change == CHECK_DROP ||
			item->change == CHECK_REPLACE))
			clean_fields_forget(c->addresses, item->field);
	checks_settle(c->checks, &c->block, &c->drops);
	if (c->block.n >= BLOCK)
		block_write(c);
}

enum dot_result
content_dots(struct content *c, struct span bytes, size_t *used)
{
	size_t at = c->block.n;
	enum dot_result got;

	got = dot_feed(c->dots, bytes.p, bytes.n, used, &c->block);
	decoded(c, at);
	return got;
}

/* One byte of a chunk; false when it makes a bare CR or LF. */
static bool
chunk_byte(struct content *c, char byte, bool *bare)
{
	bool strict = c->conf.mode == DOT_STRICT;

	if (c->cr) {
		c->cr = false;
		if (byte == '\n') {
			buf_add_byte(&c->block, '\n');
			return true;
		}
		*bare = true;
		buf_add_byte(&c->block, ' ');
	}
	if (byte == '\r') {
		c->cr = true;
		return !(strict && *bare);
	}
	if (byte == '\n')
		*bare = true;
	buf_add_byte(&c->block, byte);
	return !(strict && *bare);
}

bool
content_chunk(struct content *c, struct span bytes)
{
	size_t at = c->block.n;
	bool bare = false, good = true;

	for (size_t i = 0; good && i < bytes.n; i++) {
		size_t run =
		    c->cr ? 0 : span_find_any(span_skip(bytes, i), "\r\n");

		buf_add_span(&c->block, span_head(span_skip(bytes, i), run));
		i += run;
		if (i < bytes.n)
			good = chunk_byte(c, bytes.p[i], &bare);
	}
	decoded(c, at);
	return good;
}

void
content_end(struct content *c)
{
	size_t at = c->block.n;

	if (c->over)
		return;
	c->over = true;
	if (c->cr)
		buf_add_byte(&c->block, ' ');
	c->cr = false;
	/* a Maildir wants whole lines */
	if (c->last != '\n' || c->block.n > at)
		buf_add_byte(&c->block, '\n');
	decoded(c, at);
	header_scan_finish(c->scan);
	strict_end(c->strict);
}

bool
content_finish(struct content *c)
{
	content_end(c);
	block_write(c);
	if (!content_too_big(c))
		c->size = c->written;
	errno = c->error;
	return c->error == 0;
}

uint64_t
content_size(const struct content *c)
{
	return c == NULL ? 0 : c->size;
}

bool
content_is_utf8(const struct content *c)
{
	return c->utf8;
}

bool
content_tls_optional(const struct content *c)
{
	return c->tls_optional;
}

bool
content_bad_bytes(const struct content *c)
{
	return c->bad_bytes;
}

enum strict_fault
content_fault(const struct content *c)
{
	enum strict_fault fault = strict_fault(c->strict);

	/* fields that were too long for the reader count too */
	if (fault == STRICT_FINE &&
	    (c->conf.strict & STRICT_8BIT_HEADER) != 0 &&
	    header_scan_facts(c->scan)->non_ascii)
		return STRICT_8BIT_HEADER;
	return fault;
}

uint32_t
content_crc(const struct content *c)
{
	return c->crc;
}

void
content_replaced(struct content *c, uint64_t size, uint32_t crc)
{
	c->size = size;
	c->crc = crc;
}

const struct header_facts *
content_facts(const struct content *c)
{
	return header_scan_facts(c->scan);
}

const struct clean_field *
content_addresses(const struct content *c, size_t *count)
{
	*count = 0;
	return c->addresses == NULL ? NULL
				    : clean_fields_list(c->addresses, count);
}

struct span
content_drops(const struct content *c)
{
	return buf_span(&c->drops);
}
