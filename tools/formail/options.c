/*
 * options.c - the command line of formail
 *
 * Letters may stand together; a letter that takes something takes the rest of
 * its argument, or the next one. -s ends the options: what follows it is the
 * program with its arguments.
 */

#include <string.h>

#include "base/arena.h"
#include "base/number.h"
#include "tools/formail/formail.h"

enum { EDITS_MAX = 1000, PARALLEL_MAX = 64, MIN_FIELDS = 2 };

const char formail_usage[] =
    "Usage: formail [-vbczfrktqY] [-D nnn idcache] [-p prefix] [-l folder]\n"
    "\t[-xXaAiIuU field] [-R ofield nfield]\n"
    "   Or: formail [+nnn] [-nnn] [-bczfrktedqY] [-D nnn idcache] [-p prefix]\n"
    "\t[-n [nnn]] [-m nnn] [-l folder] [-xXaAiIuU field] [-R ofield nfield]\n"
    "\t-s [prg [arg ...]]\n";

/* Where in argv we are. */
struct cursor {
	char **argv;
	char *at; /* in the current argument */
	const char *bad;
	struct arena *memory;
};

/* What a letter takes; NULL: there is nothing. */
static char *
take(struct cursor *c)
{
	char *got = c->at;

	if (*got == '\0')
		got = *c->argv == NULL ? NULL : *c->argv++;
	c->at = got == NULL ? c->at : got + strlen(got);
	return got;
}

/* Digits, taken off the argument. */
static bool
digits(char **at, size_t *out)
{
	size_t n = strspn(*at, "0123456789");
	uint64_t value;

	if (n == 0 || !number_parse(span_of(*at, n), 0, SIZE_MAX, &value))
		return false;
	*out = (size_t)value;
	*at += n;
	return true;
}

/* A number here, or as the next argument. */
static bool
take_number(struct cursor *c, size_t *out)
{
	if (*c->at == '\0') {
		if (*c->argv == NULL)
			return false;
		c->at = *c->argv++;
	}
	return digits(&c->at, out);
}

/* ---- fields */

/* The name that text begins with, with its colon, or the front of a name. */
static bool
name_of(struct arena *a, struct span text, bool whole, struct span *out)
{
	size_t gap, n = mail_name(text, &gap);

	if (n > 0) {
		out->p = arena_printf(a, "%.*s%.*s", (int)(n - 1 - gap), text.p,
		    1, text.p + n - 1);
		out->n = n - gap;
		return true;
	}
	*out = text;
	for (size_t i = 0; i < text.n; i++)
		if (!mail_name_byte(text.p[i]))
			return false;
	return !whole;
}

/* Said with -a, that -rt is to heed these fields. */
static const char resent[] = "Resent-";

static bool
adds(enum edit_kind kind)
{
	return kind == EDIT_ADD || kind == EDIT_ADD_MISSING;
}

static bool
add_edit(struct formail *f, struct cursor *c, enum edit_kind kind)
{
	struct edit *e = &f->edits[f->edit_count];
	char *text = take(c);
	size_t named, gap;

	if (text == NULL || f->edit_count == EDITS_MAX)
		return false;
	e->kind = kind;
	e->text = span_str(text);
	if (kind == EDIT_ADD_MISSING && span_iis(e->text, resent)) {
		f->resent = true;
		return true;
	}
	if (!name_of(c->memory, e->text, adds(kind), &e->name)) {
		c->bad = text;
		return false;
	}
	named = mail_name(e->text, &gap);
	e->has_value = named > 0 && e->text.n > named;
	f->edit_count++;
	return true;
}

static bool
add_rename(struct formail *f, struct cursor *c)
{
	struct edit *e = &f->edits[f->edit_count];
	const char *to;
	bool whole;

	if (!add_edit(f, c, EDIT_RENAME))
		return false;
	if (*c->argv == NULL) {
		c->bad = "";
		return false;
	}
	to = *c->argv++;
	whole = e->name.n > 0 && strchr(": ", e->name.p[e->name.n - 1]) != NULL;
	/* A whole name needs a whole one in its place. */
	if (!name_of(c->memory, span_str(to), whole, &e->text)) {
		c->bad = to;
		return false;
	}
	return true;
}

/* ---- the rest */

/* A number may follow, with a sign that changes nothing; what stands behind it
 * are letters, also in an argument of their own. */
static bool
take_parallel(struct formail *f, struct cursor *c)
{
	size_t sign, n;

	f->parallel = PARALLEL_MAX;
	if (*c->at == '\0' && *c->argv != NULL && strcmp(*c->argv, "-s") != 0)
		c->at = *c->argv++;
	sign = *c->at == '-' || *c->at == '+';
	n = strspn(c->at + sign, "0123456789");
	if (n == 0)
		return true;
	c->at += sign;
	if (!digits(&c->at, &f->parallel))
		return false;
	if (sign || f->parallel == 0 || f->parallel > PARALLEL_MAX)
		f->parallel = PARALLEL_MAX;
	return true;
}

static bool
take_cache(struct formail *f, struct cursor *c)
{
	if (!take_number(c, &f->cache_max) || *c->at != '\0')
		return false;
	f->cache = take(c);
	return f->cache != NULL;
}

static bool
take_command(struct formail *f, struct cursor *c)
{
	if (*c->at != '\0')
		return false;
	f->split = true;
	f->command = *c->argv == NULL ? NULL : c->argv;
	while (*c->argv != NULL)
		c->argv++;
	return true;
}

static bool
take_text(const char **out, struct cursor *c)
{
	*out = take(c);
	return *out != NULL;
}

static bool *
flag_of(struct formail *f, int letter)
{
	switch (letter) {
	case 'b':
		return &f->no_escape;
	case 'c':
		return &f->join;
	case 'd':
		return &f->digest;
	case 'e':
		return &f->every;
	case 'f':
		return &f->any_format;
	case 'k':
		return &f->keep;
	case 'r':
		return &f->reply;
	case 't':
		return &f->by_header;
	case 'v':
		return &f->version;
	case 'z':
		return &f->zap;
	default:
		return NULL;
	}
}

static bool
quiet(struct formail *f, struct cursor *c)
{
	f->loud = *c->at == '-';
	c->at += f->loud;
	return true;
}

/* A letter that is no plain flag. */
static bool
option(struct formail *f, struct cursor *c, int letter)
{
	switch (letter) {
	case 'q':
		return quiet(f, c);
	case 'Y':
		f->lengths = false;
		return true;
	case 'p':
		return take_text(&f->prefix, c);
	case 'l':
		return take_text(&f->folder, c);
	case 'D':
		return take_cache(f, c);
	case 'm':
		f->min_given = true;
		return take_number(c, &f->min_fields);
	case 'n':
		return take_parallel(f, c);
	case 's':
		return take_command(f, c);
	case 'R':
		return add_rename(f, c);
	default:
		return letter != '\0' && strchr("xXaAiIuU", letter) != NULL &&
		    add_edit(f, c, (enum edit_kind)letter);
	}
}

static bool
letters(struct formail *f, struct cursor *c)
{
	while (*c->at != '\0' && !f->version) {
		bool *flag = flag_of(f, *c->at);

		if (flag != NULL) {
			*flag = true;
			c->at++;
		} else if (ascii_digit(*c->at)) {
			if (!digits(&c->at, &f->total))
				return false;
		} else {
			int letter = (unsigned char)*c->at++;

			if (!option(f, c, letter))
				return false;
		}
	}
	return true;
}

static bool
argument(struct formail *f, struct cursor *c)
{
	char *arg = *c->argv++;

	c->at = arg + 1;
	if (*arg == '-')
		return letters(f, c);
	return *arg == '+' && digits(&c->at, &f->skip) && letters(f, c);
}

bool
options_extract(const struct formail *f)
{
	for (size_t i = 0; i < f->edit_count; i++)
		if (f->edits[i].kind == EDIT_EXTRACT ||
		    f->edits[i].kind == EDIT_EXTRACT_ALL)
			return true;
	return false;
}

/* Options that make sense only with another. */
static bool
sensible(const struct formail *f)
{
	bool splits = f->skip != 0 || f->total != SIZE_MAX || f->digest ||
	    f->every || f->parallel != 1 || (f->min_given && f->min_fields > 0);

	if (f->folder != NULL && options_extract(f))
		return false;
	if (f->keep && !f->reply && !options_extract(f))
		return false;
	return f->split || !splits;
}

bool
options_read(
    struct arena *a, char **argv, struct formail *out, const char **bad)
{
	struct cursor c = { .argv = argv + 1, .memory = a };
	bool good = true;

	*out = (struct formail){ .lengths = true,
		.total = SIZE_MAX,
		.parallel = 1,
		.min_fields = MIN_FIELDS,
		.edits = arena_array(a, EDITS_MAX + 1, sizeof(struct edit)) };
	while (good && *c.argv != NULL && !out->version)
		good = argument(out, &c);
	*bad = c.bad;
	if (!good || out->version)
		return good;
	if (!sensible(out))
		return false;
	if (!out->resent || out->by_header)
		return true;
	*bad = resent;
	return false;
}
