/*
 * acl.c - who may do what with a folder (RFC 4314)
 *
 * Our file: a line "facteur-acl 1", or "facteur-acl 1 ranked", then for each
 * entry its rights ("-" for none), a blank and the identifier, with a dash
 * before it when the rights are taken away. Courier has the identifier first,
 * without a first line; Dovecot the same with comments and rights by name
 * behind a colon.
 */

#include "mailbox/acl.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"

#define FIRST_LINE "facteur-acl 1"
#define OVERRIDE   "group-override="

/* In the order of enum acl_right. */
static const char letters[] = "lrswipkxtea";

enum {
	LETTERS = sizeof(letters) - 1,
	CREATE_MEMBERS = ACL_CREATE | ACL_DELETE,
	DELETE_MEMBERS = ACL_DELETED | ACL_EXPUNGE
};

/* --- rights --- */

static bool
take_letter(int c, unsigned *out)
{
	const char *at = c == -1 || c == 0 ? NULL : strchr(letters, c);

	if (at != NULL)
		*out |= 1U << (at - letters);
	else if (c == 'c')
		*out |= CREATE_MEMBERS;
	else if (c == 'd')
		*out |= DELETE_MEMBERS;
	else
		return false;
	return true;
}

bool
acl_rights_parse(struct span s, unsigned *out)
{
	*out = 0;
	for (size_t i = 0; i < s.n; i++)
		if (!take_letter(span_at(s, i), out))
			return false;
	return true;
}

void
acl_rights_put(struct buf *out, unsigned rights, bool virtual_too)
{
	for (int i = 0; i < LETTERS; i++)
		if ((rights & (1U << i)) != 0)
			buf_add_byte(out, letters[i]);
	if (virtual_too && (rights & CREATE_MEMBERS) != 0)
		buf_add_byte(out, 'c');
	if (virtual_too && (rights & DELETE_MEMBERS) != 0)
		buf_add_byte(out, 'd');
}

/* Courier knows "c" as the right to make folders alone; digits and letters that
 * we do not know give nothing. */
static unsigned
courier_rights(struct span s)
{
	unsigned out = 0;

	for (size_t i = 0; i < s.n; i++)
		if (span_at(s, i) == 'c')
			out |= ACL_CREATE;
		else
			(void)take_letter(span_at(s, i), &out);
	return out;
}

static const struct {
	const char *name;
	unsigned right;
} dovecot_names[] = {
	{ "lookup", ACL_LOOKUP },
	{ "read", ACL_READ },
	{ "write-seen", ACL_SEEN },
	{ "write", ACL_WRITE },
	{ "insert", ACL_INSERT },
	{ "post", ACL_POST },
	{ "create", ACL_CREATE },
	{ "delete", ACL_DELETE },
	{ "write-deleted", ACL_DELETED },
	{ "expunge", ACL_EXPUNGE },
	{ "admin", ACL_ADMIN },
};

static unsigned
dovecot_rights(struct span s)
{
	struct span words = s, plain, word;
	unsigned out = 0;

	(void)span_cut(&words, ':', &plain);
	plain = span_trim(plain);
	for (size_t i = 0; i < plain.n; i++)
		if (span_at(plain, i) != 'c' && span_at(plain, i) != 'd')
			(void)take_letter(span_at(plain, i), &out);
	while (span_word(&words, " \t", &word))
		for (size_t i = 0;
		     i < sizeof(dovecot_names) / sizeof(dovecot_names[0]); i++)
			if (span_iis(word, dovecot_names[i].name))
				out |= dovecot_names[i].right;
	return out;
}

/* --- identifiers --- */

/* From the least to the closest. */
enum rank {
	RANK_ANYONE,
	RANK_AUTHENTICATED,
	RANK_GROUP,
	RANK_OWNER,
	RANK_USER,
	RANK_OVERRIDE,
	RANKS
};

static const struct {
	const char *word; /* whole, or what the name stands behind */
	enum rank rank;
	bool named;
} kinds[] = {
	{ "anyone", RANK_ANYONE, false },
	{ "authenticated", RANK_AUTHENTICATED, false },
	{ "administrators", RANK_GROUP, false },
	{ "owner", RANK_OWNER, false },
	{ "user=", RANK_USER, true },
	{ "group=", RANK_GROUP, true },
	{ OVERRIDE, RANK_OVERRIDE, true },
};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

/* The row of an identifier and the name in it, or -1. */
static int
kind_of(struct span id, struct span *name)
{
	*name = SPAN("");
	for (int i = 0; i < KINDS; i++) {
		if (!kinds[i].named && span_is(id, kinds[i].word))
			return i;
		if (kinds[i].named && span_starts(id, kinds[i].word)) {
			*name = span_skip(id, strlen(kinds[i].word));
			return name->n > 0 ? i : -1;
		}
	}
	return -1;
}

static bool
text_good(struct span s)
{
	if (s.n == 0 || s.n > ACL_ID_MAX || !utf8_valid(s))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (ascii_control(span_at(s, i)))
			return false;
	return true;
}

static bool
id_good(struct span id)
{
	struct span name;

	return text_good(id) && kind_of(id, &name) != -1;
}

static struct span
cut_dash(struct span s, bool *minus)
{
	*minus = span_at(s, 0) == '-';
	return *minus ? span_skip(s, 1) : s;
}

bool
acl_id_take(struct arena *a, struct span wire, struct span *id, bool *minus)
{
	struct span s = cut_dash(wire, minus), name;
	struct buf full = BUF_EMPTY;

	if (!text_good(s))
		return false;
	if (span_at(s, 0) == '$') {
		buf_add_str(&full, "group=");
		s = span_skip(s, 1);
	} else if (kind_of(s, &name) == -1) {
		buf_add_str(&full, "user=");
	}
	buf_add_span(&full, s);
	*id = arena_span(a, buf_span(&full));
	buf_free(&full);
	return id_good(*id);
}

/* A user's name alone, unless it would be taken for something else. */
void
acl_id_put(struct buf *out, const struct acl_entry *e)
{
	struct span name, none;
	int kind = kind_of(e->id, &name);

	if (e->minus)
		buf_add_byte(out, '-');
	if (kind != -1 && kinds[kind].rank == RANK_USER &&
	    kind_of(name, &none) == -1 && span_at(name, 0) != '-' &&
	    span_at(name, 0) != '$')
		buf_add_span(out, name);
	else
		buf_add_span(out, e->id);
}

/* --- files --- */

/* "identifier rights": the identifier may have blanks, or stand in quotes. */
static bool
foreign_line(struct span line, enum acl_form form, struct acl_entry *e)
{
	struct span id, rights;
	size_t at;

	if (span_at(line, 0) == '"') {
		line = span_skip(line, 1);
		at = span_find(line, '"');
		if (at == line.n)
			return false;
		id = span_head(line, at);
		rights = span_trim(span_skip(line, at + 1));
	} else {
		(void)span_word(&line, " \t", &id);
		rights = span_trim(line);
	}
	e->id = cut_dash(id, &e->minus);
	e->rights = form == ACL_FORM_COURIER ? courier_rights(rights)
					     : dovecot_rights(rights);
	return id_good(e->id);
}

static bool
own_line(struct span line, struct acl_entry *e)
{
	struct span rights;

	if (!span_cut(&line, ' ', &rights))
		return false;
	e->id = cut_dash(line, &e->minus);
	return id_good(e->id) &&
	    acl_rights_parse(
		span_is(rights, "-") ? SPAN("") : rights, &e->rights);
}

static bool
take_line(
    struct arena *a, struct span line, enum acl_form form, struct acl *out)
{
	struct acl_entry e;

	if (form == ACL_FORM_OWN ? !own_line(line, &e)
				 : !foreign_line(line, form, &e))
		return false;
	if (out->count == ACL_ENTRIES_MAX)
		return false;
	e.id = arena_span(a, e.id);
	out->list[out->count++] = e;
	return true;
}

static bool
first_line(struct span *text, struct acl *out)
{
	struct span line;

	if (!span_line(text, &line) || !span_starts(line, FIRST_LINE))
		return false;
	line = span_skip(line, sizeof(FIRST_LINE) - 1);
	out->ranked = span_is(line, " ranked");
	return line.n == 0 || out->ranked;
}

/* Of Dovecot's files, comments; and what another program knows and we do not.
 */
static bool
is_passed_over(struct span line, enum acl_form form)
{
	return form != ACL_FORM_OWN &&
	    (span_trim(line).n == 0 ||
		(form == ACL_FORM_DOVECOT && span_at(line, 0) == '#'));
}

bool
acl_parse(
    struct arena *a, struct span text, enum acl_form form, struct acl *out)
{
	struct span line;
	size_t room = 1;
	bool good;

	*out = (struct acl){ .ranked = form == ACL_FORM_DOVECOT };
	for (size_t i = 0; i < text.n && room < ACL_ENTRIES_MAX; i++)
		room += span_at(text, i) == '\n';
	out->list = arena_array(a, room, sizeof(*out->list));
	good = text.n <= ACL_TEXT_MAX &&
	    (form != ACL_FORM_OWN || first_line(&text, out));
	while (good && span_line(&text, &line))
		good =
		    is_passed_over(line, form) || take_line(a, line, form, out);
	if (!good) /* what was meant is not known: nobody else gets in */
		out->count = 0;
	return good;
}

void
acl_put(struct buf *out, const struct acl *acl)
{
	buf_add_str(
	    out, acl->ranked ? FIRST_LINE " ranked\n" : FIRST_LINE "\n");
	for (size_t i = 0; i < acl->count; i++) {
		const struct acl_entry *e = &acl->list[i];

		if (e->rights == 0)
			buf_add_byte(out, '-');
		acl_rights_put(out, e->rights, false);
		buf_add_str(out, e->minus ? " -" : " ");
		buf_add_span(out, e->id);
		buf_add_byte(out, '\n');
	}
}

/* --- files of others, written --- */

static enum rank
rank_of(const struct acl_entry *e)
{
	struct span name;
	int kind = kind_of(e->id, &name);

	return kind == -1 ? RANKS : kinds[kind].rank;
}

/* What entries that name people less closely give (or take). */
static unsigned
below(const struct acl *acl, enum rank rank, bool minus)
{
	unsigned rights = 0;

	for (size_t i = 0; i < acl->count; i++)
		if (acl->list[i].minus == minus &&
		    rank_of(&acl->list[i]) < rank)
			rights |= acl->list[i].rights;
	return rights;
}

/* To Courier 'k' is 'c', and it has no 'p'. */
static void
courier_line(struct buf *out, bool minus, struct span id, unsigned rights)
{
	buf_add_str(out, minus ? "-" : "");
	if (span_is(id, "owner") && !minus)
		rights |= ACL_OWNERS;
	if (span_is(id, "authenticated"))
		id = SPAN("anyone");
	if (span_starts(id, OVERRIDE)) {
		buf_add_str(out, "group=");
		id = span_skip(id, sizeof(OVERRIDE) - 1);
	}
	buf_add_span(out, id);
	buf_add_byte(out, ' ');
	if ((rights & ACL_CREATE) != 0)
		buf_add_byte(out, 'c');
	acl_rights_put(out, rights & ~(unsigned)(ACL_CREATE | ACL_POST), false);
	buf_add_byte(out, '\n');
}

bool
acl_put_courier(struct buf *out, const struct acl *acl)
{
	bool good = true;

	if (acl_find(acl, SPAN("owner"), false) == NULL)
		courier_line(out, false, SPAN("owner"), ACL_ALL);
	for (size_t i = 0; i < acl->count; i++)
		good = good &&
		    span_find(acl->list[i].id, ' ') ==
			acl->list[i].id.n; /* what ends there */
	for (size_t i = 0; good && i < acl->count; i++) {
		const struct acl_entry *e = &acl->list[i];
		unsigned less = 0;

		if (acl->ranked && !e->minus)
			less = below(acl, rank_of(e), false) & ~e->rights;
		courier_line(out, e->minus, e->id, e->rights);
		if (less != 0)
			courier_line(out, true, e->id, less);
	}
	return good;
}

/* There the closest entry is all that counts. */
static unsigned
dovecot_total(const struct acl *acl, const struct acl_entry *e)
{
	enum rank rank = rank_of(e);

	if (rank == RANK_OWNER && !e->minus)
		return e->rights | ACL_OWNERS;
	if (acl->ranked || e->minus)
		return e->rights;
	return (e->rights |
		   below(acl, rank < RANK_GROUP ? rank : RANK_GROUP, false)) &
	    ~below(acl, rank, true);
}

bool
acl_put_dovecot(struct buf *out, const struct acl *acl)
{
	for (size_t i = 0; i < acl->count; i++)
		if (span_find(acl->list[i].id, '"') < acl->list[i].id.n)
			return false;
	for (size_t i = 0; i < acl->count; i++) {
		const struct acl_entry *e = &acl->list[i];
		bool quoted = span_find(e->id, ' ') < e->id.n;
		struct span id = span_is(e->id, "administrators")
		    ? SPAN("group=administrators")
		    : e->id;

		buf_add_str(out, quoted ? "\"" : "");
		buf_add_str(out, e->minus ? "-" : "");
		buf_add_span(out, id);
		buf_add_str(out, quoted ? "\" " : " ");
		acl_rights_put(out, dovecot_total(acl, e), false);
		buf_add_byte(out, '\n');
	}
	return true;
}

/* --- arithmetic --- */

const struct acl_entry *
acl_find(const struct acl *acl, struct span id, bool minus)
{
	for (size_t i = 0; i < acl->count; i++)
		if (acl->list[i].minus == minus && span_eq(acl->list[i].id, id))
			return &acl->list[i];
	return NULL;
}

static bool
in_group(const struct acl_who *who, struct span group)
{
	for (size_t i = 0; i < who->group_count; i++)
		if (span_eq(who->groups[i], group))
			return true;
	return false;
}

/* The rank by which the entry speaks of them, or -1. */
static int
rank_for(const struct acl_entry *e, const struct acl_who *who)
{
	struct span name;
	int kind = kind_of(e->id, &name);
	bool fits = false;

	if (kind == -1)
		return -1;
	switch (kinds[kind].rank) {
	case RANK_ANYONE:
	case RANK_AUTHENTICATED:
		fits = true; /* nobody comes here without a login */
		break;
	case RANK_OWNER:
		fits = who->owner;
		break;
	case RANK_USER:
		fits = span_eq(name, who->user);
		break;
	case RANK_GROUP:
	case RANK_OVERRIDE:
		fits =
		    in_group(who, name.n > 0 ? name : SPAN("administrators"));
		break;
	case RANKS:
		break;
	}
	return fits ? (int)kinds[kind].rank : -1;
}

struct sums {
	unsigned plus[RANKS], minus[RANKS];
	bool any[RANKS]; /* something is given at that rank */
};

static unsigned
total_ranked(const struct sums *s)
{
	unsigned rights = 0;

	for (int i = 0; i < RANKS; i++) {
		if (s->any[i])
			rights = s->plus[i];
		rights &= ~s->minus[i];
	}
	return rights;
}

static unsigned
total(const struct sums *s)
{
	unsigned rights = 0;

	for (int i = 0; i < RANKS; i++)
		rights |= s->plus[i];
	for (int i = 0; i < RANKS; i++)
		rights &= ~s->minus[i];
	return rights;
}

unsigned
acl_rights(const struct acl *acl, const struct acl_who *who)
{
	struct sums s = { .any = { false } };
	unsigned rights;

	for (size_t i = 0; i < acl->count; i++) {
		const struct acl_entry *e = &acl->list[i];
		int rank = rank_for(e, who);

		if (rank == -1)
			continue;
		if (e->minus)
			s.minus[rank] |= e->rights;
		else
			s.plus[rank] |= e->rights;
		s.any[rank] = s.any[rank] || !e->minus;
	}
	if (who->owner && !s.any[RANK_OWNER] && !s.any[RANK_USER]) {
		s.plus[RANK_OWNER] = ACL_ALL;
		s.any[RANK_OWNER] = true;
	}
	rights = acl->ranked ? total_ranked(&s) : total(&s);
	return who->owner ? rights | ACL_OWNERS : rights;
}

/* --- changes --- */

static unsigned
rights_after(enum acl_op op, unsigned had, unsigned rights)
{
	switch (op) {
	case ACL_ADD:
		return had | rights;
	case ACL_REMOVE:
		return had & ~rights;
	case ACL_SET:
	case ACL_FORGET:
		break;
	}
	return rights;
}

bool
acl_change(struct arena *a, const struct acl *old, enum acl_op op,
    const struct acl_entry *e, struct acl *out)
{
	bool found = false;

	*out = (struct acl){ .list = arena_array(
				 a, old->count + 1, sizeof(*out->list)),
		.ranked = old->ranked };
	for (size_t i = 0; i < old->count; i++) {
		struct acl_entry now = old->list[i];

		if (now.minus == e->minus && span_eq(now.id, e->id)) {
			if (found || op == ACL_FORGET)
				continue; /* named twice: one is left */
			found = true;
			now.rights = rights_after(op, now.rights, e->rights);
		}
		out->list[out->count++] = now;
	}
	if (!found && op != ACL_FORGET && op != ACL_REMOVE) {
		if (out->count == ACL_ENTRIES_MAX)
			return false;
		out->list[out->count++] = *e;
	}
	return true;
}
