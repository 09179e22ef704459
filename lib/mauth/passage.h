/* passage.h - a message as it streams by: its header kept, its body passed on
 */

#ifndef MAUTH_PASSAGE_H
#define MAUTH_PASSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

enum {
	FIELDS_MAX = 1000, /* fields kept of one header */
	FIELDS_BYTES_MAX = 512 * 1024
};

/* A field of the header. */
struct field {
	struct span name;
	struct span value; /* behind the colon, folded */
	struct span all; /* with its line ends (LF) */
	uint32_t number; /* which one of the content, from 0 */
};

/* A header: what is signed or verified. cut: there was more than the limits
 * allow, so that no signature can be trusted to have been looked at whole. */
struct fields {
	const struct field *list;
	size_t count;
	bool cut;
};

/* The value of the first field of that name from *at on, which then stands
 * behind it. Start with 0. */
const struct field *
fields_find(const struct fields *f, const char *name, size_t *at);

struct passage_calls {
	/* The header is complete: once, before any of the body. */
	void (*header)(void *arg, const struct fields *fields);
	/* Bytes of the body, LF line ends. */
	void (*body)(void *arg, struct span bytes);
};

struct passage;

/* calls and arg are kept. */
struct passage *passage_new(const struct passage_calls *calls, void *arg);
void passage_free(struct passage **l);
/* The bytes of the message as it is in the queue, in order. */
void passage_feed(struct passage *l, struct span bytes);
void passage_end(struct passage *l);
/* Good after header() was called, until passage_free(). */
const struct fields *passage_fields(const struct passage *l);

#endif
