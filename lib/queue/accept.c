/* accept.c - the format of the accept log: see the header */

#include "queue/accept.h"

#include <string.h>

#include "base/buf.h"
#include "base/crc.h"
#include "base/must.h"

static const char magic[] = "FACTEUR1";

enum { MAGIC = 8, CRC_AT = 28, MESSAGE_HEAD = 12, REMOVED_HEAD = 2 };

static void
number_put(char *p, uint64_t n, size_t octets)
{
	for (size_t i = 0; i < octets; i++, n >>= 8)
		p[i] = (char)(n & 0xff);
}

static uint64_t
number_get(const char *p, size_t octets)
{
	uint64_t n = 0;

	while (octets-- > 0)
		n = n << 8 | (unsigned char)p[octets];
	return n;
}

size_t
accept_batch_size(size_t records)
{
	size_t n = ACCEPT_HEAD + records;

	return (n + ACCEPT_ALIGN - 1) / ACCEPT_ALIGN * ACCEPT_ALIGN;
}

void
accept_batch_begin(struct buf *out)
{
	must(out->n == 0);
	memset(buf_room(out, ACCEPT_HEAD), 0, ACCEPT_HEAD);
	out->n = ACCEPT_HEAD;
}

void
accept_put_removed(struct buf *out, struct span id)
{
	must(id.n <= UINT8_MAX);
	buf_add_byte(out, 'r');
	buf_add_byte(out, (char)id.n);
	buf_add_span(out, id);
}

size_t
accept_message_size(struct span id, size_t content, size_t tail)
{
	return MESSAGE_HEAD + id.n + content + tail;
}

char *
accept_put_message(struct buf *out, struct span id, bool hold, size_t content,
    struct span tail)
{
	char head[MESSAGE_HEAD] = { 'm' };
	char *at;

	must(id.n <= UINT8_MAX && content <= ACCEPT_SEGMENT &&
	    tail.n <= ACCEPT_SEGMENT);
	head[1] = (char)id.n;
	head[2] = hold ? 'h' : 'a';
	number_put(head + 4, content, 4);
	number_put(head + 8, tail.n, 4);
	(void)buf_room(out, accept_message_size(id, content, tail.n));
	buf_add(out, head, sizeof(head));
	buf_add_span(out, id);
	at = out->p + out->n;
	out->n += content;
	buf_add_span(out, tail);
	return at;
}

static uint32_t
batch_crc(const char *head, struct span records)
{
	return crc_add(crc_add(0, span_of(head, CRC_AT)), records);
}

void
accept_batch_end(struct buf *out, uint64_t number, uint64_t oldest)
{
	size_t size = out->n - ACCEPT_HEAD;
	size_t zeros = accept_batch_size(size) - out->n;

	memset(buf_room(out, zeros), 0, zeros);
	memcpy(out->p, magic, MAGIC);
	number_put(out->p + 8, number, 8);
	number_put(out->p + 16, oldest, 8);
	number_put(out->p + 24, size, 4);
	number_put(out->p + CRC_AT,
	    batch_crc(out->p, span_of(out->p + ACCEPT_HEAD, size)), 4);
	out->n += zeros;
}

bool
accept_batch_get(struct span bytes, struct accept_batch *out)
{
	size_t size;

	if (bytes.n < ACCEPT_HEAD || memcmp(bytes.p, magic, MAGIC) != 0)
		return false;
	size = (size_t)number_get(bytes.p + 24, 4);
	if (size > ACCEPT_SEGMENT || accept_batch_size(size) > bytes.n)
		return false;
	out->number = number_get(bytes.p + 8, 8);
	out->oldest = number_get(bytes.p + 16, 8);
	out->size = accept_batch_size(size);
	out->records = span_of(bytes.p + ACCEPT_HEAD, size);
	return out->number > 0 &&
	    batch_crc(bytes.p, out->records) == number_get(bytes.p + CRC_AT, 4);
}

static struct span
take(struct span *from, size_t n)
{
	struct span got = span_head(*from, n);

	*from = span_skip(*from, n);
	return got;
}

static bool
message_next(struct span *records, size_t id, struct accept_record *out)
{
	size_t content, tail;
	char folder;

	if (records->n < MESSAGE_HEAD)
		return false;
	folder = records->p[2];
	content = (size_t)number_get(records->p + 4, 4);
	tail = (size_t)number_get(records->p + 8, 4);
	*records = span_skip(*records, MESSAGE_HEAD);
	if ((folder != 'a' && folder != 'h') || id > records->n ||
	    content > records->n - id || tail > records->n - id - content)
		return false;
	out->hold = folder == 'h';
	out->id = take(records, id);
	out->content = take(records, content);
	out->tail = take(records, tail);
	return true;
}

bool
accept_record_next(struct span *records, struct accept_record *out)
{
	size_t id;

	*out = (struct accept_record){ .removed = false };
	if (records->n < REMOVED_HEAD)
		return false;
	id = (unsigned char)records->p[1];
	if (records->p[0] == 'm')
		return message_next(records, id, out);
	if (records->p[0] != 'r' || records->n - REMOVED_HEAD < id)
		return false;
	*records = span_skip(*records, REMOVED_HEAD);
	out->removed = true;
	out->id = take(records, id);
	return true;
}
