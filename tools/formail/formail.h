/* formail.h - the parts of the program formail */

#ifndef TOOLS_FORMAIL_H
#define TOOLS_FORMAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"

struct arena;

/* Exit codes as sysexits.h has them, but for the answer of -D. */
enum {
	FORMAIL_NEW = 1,
	FORMAIL_USAGE = 64,
	FORMAIL_NO_SENDER = 67,
	FORMAIL_KILLED = 69,
	FORMAIL_BROKEN = 74,
	FORMAIL_LATER = 75
};

/* ---- the command line (options.c) */

enum edit_kind {
	EDIT_EXTRACT = 'x',
	EDIT_EXTRACT_ALL = 'X',
	EDIT_ADD_MISSING = 'a',
	EDIT_ADD = 'A',
	EDIT_RENAME_OLD = 'i',
	EDIT_REPLACE = 'I',
	EDIT_FIRST = 'u',
	EDIT_LAST = 'U',
	EDIT_RENAME = 'R'
};

/* What is to be done to the fields whose beginning is name. */
struct edit {
	enum edit_kind kind;
	struct span name; /* with its colon, or less */
	struct span text; /* what to add, all of it; the new name of -R */
	bool has_value; /* something stands behind the colon */
};

struct formail {
	bool split, digest, every; /* -s -d -e */
	bool no_escape, keep, reply, by_header; /* -b -k -r -t */
	bool join, zap, any_format, lengths, loud; /* -c -z -f, no -Y, -q- */
	bool version;
	const char *prefix; /* -p, or NULL */
	const char *folder; /* -l, or NULL */
	const char *cache; /* -D, or NULL */
	size_t cache_max;
	size_t skip, total; /* +n -n */
	size_t parallel; /* -n: children at a time */
	size_t min_fields; /* -m */
	bool min_given;
	bool resent; /* -a Resent- */
	struct edit *edits;
	size_t edit_count;
	char **command; /* NULL: standard output */
};

/* False: the usage is to be shown; *bad is a field name that cannot be, or
 * NULL. argv must live as long. */
bool options_read(
    struct arena *a, char **argv, struct formail *out, const char **bad);
extern const char formail_usage[];
bool options_extract(const struct formail *f);

/* ---- a message (mail.c) */

struct field {
	struct span text; /* with its newlines; the last is always there */
	size_t name; /* bytes up to and with the colon, or of "From " */
	bool gone;
	bool added; /* by us */
};

/* Spans are the message's or the arena's. */
struct mail {
	struct arena *memory;
	struct field *fields;
	size_t count, room;
	struct span whole;
	struct span body; /* behind the empty line */
	uint64_t length; /* what Content-Length says, or 0 */
	struct buf out;
};

/* Bytes of a field's name that text begins with, its colon included, or 0;
 * *gap of them are blanks before the colon. "From " is a name too. */
size_t mail_name(struct span text, size_t *gap);
bool mail_name_byte(char c);
/* Bytes of the first line with its newline; of the field that s begins with,
 * or 0. */
size_t mail_line(struct span s);
size_t mail_field(struct span s);

/* One span of three, in the arena. */
struct span
mail_join(struct arena *a, struct span x, struct span y, struct span z);

void mail_parse(struct mail *m, struct span message);
/* Add a field as it stands, without its last newline perhaps. */
void mail_add(struct mail *m, struct span text);
void mail_take(struct mail *m, const struct field *from);
/* Is name its name, or the front of it? */
bool field_is(const struct field *f, struct span name);
/* Without what surrounds it, folded. */
struct span field_value(const struct field *f);
const struct field *mail_find(const struct mail *m, const char *name);

/* ---- a mailbox (bounds.c) */

/* Take the next message off *rest. */
bool bounds_next(const struct formail *f, struct span *rest, struct span *out);
/* Does an empty line stand before s, inside all? */
bool bounds_open(struct span all, struct span s);
/* Is it "From ", an address, and more? */
bool bounds_envelope(struct span line);

/* ---- what is done to it */

/* edit.c */
void edit_prepare(const struct formail *f, struct mail *m);
void edit_run(const struct formail *f, struct mail *m);
/* Is an envelope line to be made where there is none? Not if it is spoken of
 * but by -a. */
bool edit_wants_envelope(const struct formail *f);
/* Will edit_run() rename or delete it? Then it names no sender. */
bool edit_takes_away(const struct formail *f, const struct field *field);

/* reply.c: whom to answer; n is 0 when nobody says. */
struct span reply_sender(const struct formail *f, const struct mail *m);
/* Put the header of a reply in place of the header. False: to nobody. */
bool reply_make(const struct formail *f, struct mail *m);
/* Put an envelope line before the header. */
void reply_from_line(const struct formail *f, struct mail *m);

/* write.c: what is to go out, into m->out; the abstract in place of it. */
void write_mail(const struct formail *f, struct mail *m);
void write_abstract(const struct formail *f, struct mail *m);

/* seen.c: was key seen before? It is noted. -1 with errno: the cache cannot be
 * used. */
int seen_before(const struct formail *f, struct span key);

/* feed.c: where messages go. .width is how many digits FILENO has at least. */
struct feed {
	uint64_t next;
	int width;
	bool begun, off; /* off: FILENO is no number, and stays as it is */
	size_t running; /* children */
	int code; /* the first that was not 0 */
};

/* Count the next message in FILENO. */
void feed_count(struct feed *d);
/* Give out to standard output, or to the program of -s. False: no more can go
 * out. */
bool feed_give(const struct formail *f, struct feed *d, struct span out);
/* Wait for all; the first exit code that was not 0. */
int feed_end(struct feed *d);

#endif
