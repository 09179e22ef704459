/* content.h - a message as it streams in: written, counted, its header looked
 * at
 */

#ifndef INTAKE_CONTENT_H
#define INTAKE_CONTENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "intake/strict.h"
#include "wire/dot.h"

struct buf;
struct clean_field;
struct checks;
struct checks_conf;
struct content;
struct header_facts;

/* Bytes that nobody wants in a message. */
struct content_bytes {
	bool reject[256], strip[256];
};

struct content_conf {
	int fd; /* borrowed; written from offset 0; -1: nowhere */
	uint64_t size_max; /* 0: no limit */
	size_t header_size_max;
	struct span drop; /* message_drop_headers: names, by blank or comma */
	enum dot_mode mode;
	bool addresses; /* fields with addresses are kept */
	bool utf8; /* whether the header has UTF-8 is wanted */
	const struct checks_conf *checks; /* NULL: none */
	const struct content_bytes *bytes; /* NULL: none */
	unsigned strict; /* what is not to be had: enum strict_fault */
	/* told of what came; or NULL */
	void (*came)(void *arg, struct span bytes);
	void *arg;
};

struct content *content_new(const struct content_conf *conf);
void content_free(struct content **c);

/* What the client sends after DATA, up to and with the end mark; as dot_feed().
 */
enum dot_result
content_dots(struct content *c, struct span bytes, size_t *used);
/* Bytes of a BDAT chunk. False: a bare CR or LF, where none is allowed. */
bool content_chunk(struct content *c, struct span bytes);
/* Lines wait to be looked up: nothing may be fed, nor the end come, until
 * content_checked(). NULL: none. */
struct checks *content_pending(struct content *c);
/* They are answered, and acted upon. */
void content_checked(struct content *c);
/* Nothing more will be fed; lines may be pending after it. */
void content_end(struct content *c);
/* The end: what is left is written. False when something went wrong on the
 * disk since the start, with errno. */
bool content_finish(struct content *c);

/* Octets so far, with LF line ends; what is above the limit counts but is not
 * written. After content_finish(): those in the file. NULL: 0. */
uint64_t content_size(const struct content *c);
bool content_too_big(const struct content *c);
uint32_t content_crc(const struct content *c);
/* Somebody has written another body to the file. */
void content_replaced(struct content *c, uint64_t size, uint32_t crc);
/* It has bytes of conf.bytes.reject. */
bool content_bad_bytes(const struct content *c);
/* After content_finish(): what it has of conf.strict. */
enum strict_fault content_fault(const struct content *c);
/* After content_finish(). */
const struct header_facts *content_facts(const struct content *c);
/* The header has UTF-8, where that was wanted; it says "TLS-Required: No" (RFC
 * 8689, 3). */
bool content_is_utf8(const struct content *c);
bool content_tls_optional(const struct content *c);
/* The fields with addresses, where they were wanted. */
const struct clean_field *
content_addresses(const struct content *c, size_t *count);
/* Edits that take out the fields of conf.drop. */
/* Edits: fields of conf.drop are taken out, and what checks asked for. */
struct span content_drops(const struct content *c);

#endif
