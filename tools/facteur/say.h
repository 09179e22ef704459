/* say.h - the steps of an explanation, as text or as JSON */

#ifndef TOOLS_FACTEUR_SAY_H
#define TOOLS_FACTEUR_SAY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* A fact of a step, for programs. */
struct say_field {
	const char *name;
	struct span value;
};

struct say {
	bool json;
	bool open; /* JSON: a step has been written */
	struct buf about; /* the address that the next steps are about */
};

struct say_fields {
	const struct say_field *list;
	size_t count;
};

#define SAY_FIELDS(...) \
	((struct say_fields){ (const struct say_field[]){ __VA_ARGS__ }, \
	    sizeof((const struct say_field[]){ __VA_ARGS__ }) / \
		sizeof(struct say_field) })

/* To standard output; fields are those of the whole. */
void say_begin(struct say *s, struct say_fields fields);
void say_end(struct say *s);
/* The steps from here on are about that address. */
void say_about(struct say *s, struct span address);
/* One step: a word for its kind, its facts, and a line for people. What comes
 * from outside may stand in either: it is made printable here. */
void say_step(struct say *s, const char *step, struct say_fields fields,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
