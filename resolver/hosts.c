/*
 * hosts.c - /etc/hosts, read once
 *
 * One table: the key is the record's type and the lower-case name, the value
 * all data of that name joined (addresses have one size each, and a reverse
 * name keeps only its first host name, as libc has it).
 */

#include "resolver/hosts.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/table.h"
#include "dns/name.h"
#include "os/sock.h"

enum { TTL = 60 }; /* seconds: an edited file makes a new process anyway */

struct hosts {
	struct table *entries; /* struct buf */
};

static void
key_make(struct buf *key, enum dns_type type, struct span name)
{
	if (span_ends(name, "."))
		name.n--;
	buf_clear(key);
	buf_printf(key, "%d ", (int)type);
	for (size_t i = 0; i < name.n; i++)
		buf_add_byte(key, (char)ascii_lower(span_at(name, i)));
}

static struct buf *
entry_make(
    struct hosts *h, struct buf *key, enum dns_type type, struct span name)
{
	struct buf *entry;

	key_make(key, type, name);
	entry = table_get(h->entries, buf_span(key));
	if (entry == NULL) {
		entry = mem_new(sizeof(*entry));
		table_put(h->entries, buf_span(key), entry);
	}
	return entry;
}

static void
line_take(struct hosts *h, struct span line, struct buf *key)
{
	struct span word;
	struct address a;
	struct buf reverse = BUF_EMPTY, *entry;
	enum dns_type type;

	line = span_head(line, span_find(line, '#'));
	if (!span_word(&line, " \t\r", &word) || !address_parse(word, 0, &a) ||
	    !dns_name_reverse(&a, &reverse))
		return;
	type = address_family(&a) == AF_INET ? DNS_A : DNS_AAAA;
	while (span_word(&line, " \t\r", &word)) {
		if (!dns_name_is_host(word))
			continue;
		entry = entry_make(h, key, type, word);
		if (entry->n / 16 < DNS_RECORDS_MAX)
			buf_add_span(entry, address_bytes(&a));
		entry = entry_make(h, key, DNS_PTR, buf_span(&reverse));
		if (entry->n == 0)
			buf_add_span(entry, word);
	}
	buf_free(&reverse);
}

struct hosts *
hosts_parse(struct span text)
{
	struct hosts *h = mem_new(sizeof(*h));
	struct buf key = BUF_EMPTY;
	struct span line;

	h->entries = table_new();
	while (span_line(&text, &line))
		line_take(h, line, &key);
	buf_free(&key);
	return h;
}

static void
entry_free(void *value)
{
	buf_free(value);
	free(value);
}

void
hosts_free(struct hosts **h)
{
	if (*h == NULL)
		return;
	table_free(&(*h)->entries, entry_free);
	free(*h);
	*h = NULL;
}

static const struct buf *
entry_find(const struct hosts *h, enum dns_type type, struct span name)
{
	struct buf key = BUF_EMPTY;
	const struct buf *found;

	key_make(&key, type, name);
	found = table_get(h->entries, buf_span(&key));
	buf_free(&key);
	return found;
}

bool
hosts_find(const struct hosts *h, struct span name, enum dns_type type,
    struct arena *a, struct dns_answer *out)
{
	const struct buf *entry;
	struct dns_record *records;
	struct span rest;
	size_t each;

	if (type != DNS_A && type != DNS_AAAA && type != DNS_PTR)
		return false;
	entry = entry_find(h, type, name);
	if (entry == NULL)
		return false;
	each = type == DNS_A ? 4 : type == DNS_AAAA ? 16 : entry->n;
	rest = arena_span(a, buf_span(entry));
	records = arena_array(a, rest.n / each, sizeof(*records));
	*out = (struct dns_answer){ .result = DNS_FOUND,
		.ttl = TTL,
		.name = name,
		.records = records };
	for (; rest.n > 0; rest = span_skip(rest, each))
		records[out->count++].data = span_head(rest, each);
	return true;
}

bool
hosts_knows(const struct hosts *h, struct span name)
{
	return entry_find(h, DNS_A, name) != NULL ||
	    entry_find(h, DNS_AAAA, name) != NULL;
}
