/*
 * imap_search.c - what SEARCH asks for, as a small program (RFC 3501, 6.4.4)
 *
 * The reader keeps a stack of what it is inside of: a list of keys, which are
 * all to be true; a NOT, which wants one key; an OR, which wants two. When a
 * key is complete, the top of the stack says what follows.
 */

#include "wire/imap_search.h"

#include "base/arena.h"
#include "base/utf8.h"
#include "wire/imap_fetch.h"

enum frame_kind { LIST, NOT, OR_FIRST, OR_SECOND };

struct frame {
	enum frame_kind kind;
	bool closes; /* a list in parentheses */
	size_t jumps; /* of a list: chain of jumps to its end; of an OR: its
		       * jump. Steps are linked by to, 0 ends. */
};

struct reading {
	struct arena *a;
	struct span *rest;
	imap_day_fn *day;
	struct imap_search *out;
	size_t room;
	struct frame stack[SEARCH_DEPTH_MAX];
	size_t depth;
};

/* Steps are numbered from 1 in chains, so that 0 is none. */
static struct imap_search_step *
step_add(struct reading *r, enum imap_search_kind kind)
{
	struct imap_search *s = r->out;
	struct imap_search_step *to;

	if (s->count == SEARCH_STEPS_MAX)
		return NULL;
	if (s->count == r->room) {
		struct imap_search_step *more =
		    arena_array(r->a, r->room * 2 + 16, sizeof(*more));

		for (size_t i = 0; i < s->count; i++)
			more[i] = s->steps[i];
		s->steps = more;
		r->room = r->room * 2 + 16;
	}
	to = &s->steps[s->count++];
	*to = (struct imap_search_step){ .kind = kind };
	return to;
}

static const struct {
	const char *word;
	unsigned flags, without;
} flag_keys[] = {
	{ "ANSWERED", IMAP_ANSWERED, 0 },
	{ "DELETED", IMAP_DELETED, 0 },
	{ "DRAFT", IMAP_DRAFT, 0 },
	{ "FLAGGED", IMAP_FLAGGED, 0 },
	{ "NEW", IMAP_RECENT, IMAP_SEEN },
	{ "OLD", 0, IMAP_RECENT },
	{ "RECENT", IMAP_RECENT, 0 },
	{ "SEEN", IMAP_SEEN, 0 },
	{ "UNANSWERED", 0, IMAP_ANSWERED },
	{ "UNDELETED", 0, IMAP_DELETED },
	{ "UNDRAFT", 0, IMAP_DRAFT },
	{ "UNFLAGGED", 0, IMAP_FLAGGED },
	{ "UNSEEN", 0, IMAP_SEEN },
};

enum argument {
	NONE,
	TEXT,
	FIELD_TEXT,
	DATE,
	NUMBER,
	SECONDS, /* not 0 (RFC 5032) */
	ONE_UID,
	SET,
	ATOM,
	MODSEQ_ARG
};

static const struct {
	const char *word;
	enum imap_search_kind kind;
	enum argument argument;
	const char *field; /* of a header key */
} keys[] = {
	{ "ALL", SEARCH_ALL, NONE, NULL },
	{ "BCC", SEARCH_ADDRESS, TEXT, "Bcc" },
	{ "BEFORE", SEARCH_BEFORE, DATE, NULL },
	{ "BODY", SEARCH_BODY, TEXT, NULL },
	{ "CC", SEARCH_ADDRESS, TEXT, "Cc" },
	{ "EMAILID", SEARCH_EMAILID, ATOM, NULL },
	{ "FROM", SEARCH_ADDRESS, TEXT, "From" },
	{ "HEADER", SEARCH_HEADER, FIELD_TEXT, NULL },
	{ "KEYWORD", SEARCH_KEYWORD, ATOM, NULL },
	{ "LARGER", SEARCH_LARGER, NUMBER, NULL },
	{ "MODSEQ", SEARCH_MODSEQ, MODSEQ_ARG, NULL },
	{ "OLDER", SEARCH_OLDER, SECONDS, NULL },
	{ "ON", SEARCH_ON, DATE, NULL },
	{ "SAVEDATESUPPORTED", SEARCH_ALL, NONE, NULL },
	{ "SAVEDBEFORE", SEARCH_SAVEDBEFORE, DATE, NULL },
	{ "SAVEDON", SEARCH_SAVEDON, DATE, NULL },
	{ "SAVEDSINCE", SEARCH_SAVEDSINCE, DATE, NULL },
	{ "SENTBEFORE", SEARCH_SENTBEFORE, DATE, NULL },
	{ "SENTON", SEARCH_SENTON, DATE, NULL },
	{ "SENTSINCE", SEARCH_SENTSINCE, DATE, NULL },
	{ "SINCE", SEARCH_SINCE, DATE, NULL },
	{ "SMALLER", SEARCH_SMALLER, NUMBER, NULL },
	{ "SUBJECT", SEARCH_HEADER, TEXT, "Subject" },
	{ "TEXT", SEARCH_TEXT, TEXT, NULL },
	{ "THREADID", SEARCH_THREADID, ATOM, NULL },
	{ "TO", SEARCH_ADDRESS, TEXT, "To" },
	{ "UID", SEARCH_UID, SET, NULL },
	{ "UIDAFTER", SEARCH_UIDAFTER, ONE_UID, NULL },
	{ "UIDBEFORE", SEARCH_UIDBEFORE, ONE_UID, NULL },
	{ "YOUNGER", SEARCH_YOUNGER, SECONDS, NULL },
};

static bool
read_date(struct reading *r, int64_t *day)
{
	struct span text;

	return (span_at(*r->rest, 0) == '"' ? imap_string(r->a, r->rest, &text)
					    : imap_atom(r->rest, &text)) &&
	    r->day(text, day);
}

/* [entry-name entry-type] number (RFC 7162, 3.1.5); per-flag sequences are not
 * kept, so the message's stands for them all. */
static bool
read_modseq(struct reading *r, uint64_t *n)
{
	struct span text, type;

	if (span_at(*r->rest, 0) == '"' &&
	    !(imap_string(r->a, r->rest, &text) &&
		span_istarts(text, "/flags/") && imap_space(r->rest) &&
		imap_atom(r->rest, &type) && imap_space(r->rest) &&
		(span_iis(type, "priv") || span_iis(type, "shared") ||
		    span_iis(type, "all"))))
		return false;
	r->out->modseq = true;
	return imap_number64(r->rest, n);
}

static bool
read_uid(struct reading *r, uint64_t *n)
{
	uint32_t uid;

	if (!imap_number(r->rest, &uid) || uid == 0)
		return false;
	*n = uid;
	return true;
}

/* In the charset, which is UTF-8 or a part of it. */
static bool
read_text(struct reading *r, struct span *text)
{
	return imap_astring(r->a, r->rest, text) && utf8_valid(*text);
}

static bool
read_argument(
    struct reading *r, enum argument argument, struct imap_search_step *s)
{
	if (argument != NONE && !imap_space(r->rest))
		return false;
	switch (argument) {
	case NONE:
		return true;
	case TEXT:
		return read_text(r, &s->text);
	case FIELD_TEXT:
		return imap_astring(r->a, r->rest, &s->field) &&
		    imap_space(r->rest) && read_text(r, &s->text);
	case DATE:
		return read_date(r, &s->day);
	case NUMBER:
		return imap_number64(r->rest, &s->number);
	case SECONDS:
		return imap_number64(r->rest, &s->number) && s->number > 0;
	case ONE_UID:
		return read_uid(r, &s->number);
	case SET:
		return imap_message_set(r->a, r->rest, &s->set);
	case ATOM:
		return imap_atom(r->rest, &s->text);
	case MODSEQ_ARG:
		return read_modseq(r, &s->number);
	}
	return false;
}

static bool
named_key(struct reading *r, struct span word)
{
	struct imap_search_step *s;

	for (size_t i = 0; i < sizeof(flag_keys) / sizeof(flag_keys[0]); i++)
		if (span_iis(word, flag_keys[i].word)) {
			s = step_add(r, SEARCH_FLAG);
			if (s == NULL)
				return false;
			s->flags = flag_keys[i].flags;
			s->without = flag_keys[i].without;
			return true;
		}
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (span_iis(word, keys[i].word)) {
			s = step_add(r, keys[i].kind);
			if (s == NULL)
				return false;
			s->field = span_str(keys[i].field);
			return read_argument(r, keys[i].argument, s);
		}
	if (span_iis(word, "UNKEYWORD")) {
		s = step_add(r, SEARCH_KEYWORD);
		return s != NULL && read_argument(r, ATOM, s) &&
		    step_add(r, SEARCH_NOT) != NULL;
	}
	return false;
}

static bool
push(struct reading *r, enum frame_kind kind, bool closes)
{
	if (r->depth == SEARCH_DEPTH_MAX)
		return false;
	r->stack[r->depth++] = (struct frame){ .kind = kind, .closes = closes };
	return true;
}

static void
land(struct reading *r, size_t chain)
{
	while (chain != 0) {
		struct imap_search_step *s = &r->out->steps[chain - 1];

		chain = s->to;
		s->to = r->out->count;
	}
}

static bool
jump(struct reading *r, enum imap_search_kind kind, size_t *chain)
{
	struct imap_search_step *s = step_add(r, kind);

	if (s == NULL)
		return false;
	s->to = *chain;
	*chain = r->out->count;
	return true;
}

enum next { NEXT_KEY, NEXT_END, NEXT_BAD };

/* A key is complete: see what its place makes of it. */
static enum next
completed(struct reading *r)
{
	for (;;) {
		struct frame *f = &r->stack[r->depth - 1];

		switch (f->kind) {
		case LIST:
			if (imap_space(r->rest))
				return jump(r, SEARCH_IF_FALSE, &f->jumps)
				    ? NEXT_KEY
				    : NEXT_BAD;
			if (f->closes && !imap_char(r->rest, ')'))
				return NEXT_BAD;
			land(r, f->jumps);
			break;
		case NOT:
			if (step_add(r, SEARCH_NOT) == NULL)
				return NEXT_BAD;
			break;
		case OR_FIRST:
			if (!imap_space(r->rest) ||
			    !jump(r, SEARCH_IF_TRUE, &f->jumps))
				return NEXT_BAD;
			f->kind = OR_SECOND;
			return NEXT_KEY;
		case OR_SECOND:
			land(r, f->jumps);
			break;
		}
		if (--r->depth == 0)
			return NEXT_END;
	}
}

/* A key, or the front of one that has keys inside (*open). */
static bool
key(struct reading *r, bool *open)
{
	struct imap_search_step *s;
	struct span before = *r->rest, word;

	*open = true;
	if (imap_char(r->rest, '('))
		return push(r, LIST, true);
	if (span_at(*r->rest, 0) == '*' || span_at(*r->rest, 0) == '$' ||
	    ascii_digit(span_at(*r->rest, 0))) {
		s = step_add(r, SEARCH_SEQ);
		*open = false;
		return s != NULL && imap_message_set(r->a, r->rest, &s->set);
	}
	if (!imap_atom(r->rest, &word))
		return false;
	if (span_iis(word, "NOT"))
		return push(r, NOT, false) && imap_space(r->rest);
	if (span_iis(word, "OR"))
		return push(r, OR_FIRST, false) && imap_space(r->rest);
	*open = false;
	if (named_key(r, word))
		return true;
	*r->rest = before;
	return false;
}

static bool
read_keys(struct reading *r)
{
	enum next next = NEXT_KEY;
	bool open;

	(void)push(r, LIST, false);
	while (next == NEXT_KEY) {
		if (!key(r, &open))
			return false;
		if (!open)
			next = completed(r);
	}
	return next == NEXT_END && imap_end(*r->rest);
}

/* UPDATE, with what is to be fetched of new results (RFC 5465, 7). */
static bool
update_option(struct arena *a, struct span *rest, struct imap_search *out)
{
	struct span at = *rest;

	if (out->update)
		return false;
	out->update = true;
	(void)imap_space(&at);
	if (span_at(at, 0) != '(')
		return true;
	out->fetch = arena_alloc(a, sizeof(*out->fetch));
	*rest = at;
	return imap_fetch_items(a, rest, out->fetch);
}

static bool
partial_option(struct span *rest, struct imap_search *out)
{
	if (out->has_partial)
		return false;
	out->has_partial = true;
	return imap_space(rest) && imap_partial(rest, &out->partial);
}

static bool
return_option(struct arena *a, struct span *rest, struct imap_search *out)
{
	struct span word;

	if (!imap_atom(rest, &word))
		return false;
	if (span_iis(word, "MIN"))
		out->min = true;
	else if (span_iis(word, "MAX"))
		out->max = true;
	else if (span_iis(word, "ALL") && !out->all)
		out->all = true;
	else if (span_iis(word, "COUNT"))
		out->count_wanted = true;
	else if (span_iis(word, "SAVE"))
		out->save = true;
	else if (span_iis(word, "CONTEXT"))
		out->context = true;
	else if (span_iis(word, "UPDATE"))
		return update_option(a, rest, out);
	else
		return span_iis(word, "PARTIAL") && partial_option(rest, out);
	return true;
}

bool
imap_search_return(struct arena *a, struct span *rest, struct imap_search *out)
{
	if (!imap_is_word(rest, "RETURN"))
		return true;
	out->has_return = true;
	if (!imap_space(rest) || !imap_char(rest, '('))
		return false;
	while (!imap_char(rest, ')')) {
		if (!return_option(a, rest, out) ||
		    (!imap_space(rest) && span_at(*rest, 0) != ')'))
			return false;
	}
	/* one or the other list (RFC 9394, 3.1) */
	if (out->has_partial && out->all)
		return false;
	/* neither CONTEXT nor UPDATE asks for a result (RFC 5267, 4.1) */
	if (!out->min && !out->max && !out->count_wanted && !out->save &&
	    !out->has_partial && !out->update && !out->context)
		out->all = true;
	return imap_space(rest);
}

enum imap_search_result
imap_search_parse(struct arena *a, struct span *rest, imap_day_fn *day,
    struct imap_search *out)
{
	struct reading r = { .a = a, .rest = rest, .day = day, .out = out };
	struct span charset;

	*out = (struct imap_search){ .count = 0 };
	if (!imap_search_return(a, rest, out))
		return IMAP_SEARCH_BAD;
	if (imap_is_word(rest, "CHARSET")) {
		out->has_charset = true;
		if (!imap_space(rest) || !imap_astring(a, rest, &charset) ||
		    !imap_space(rest))
			return IMAP_SEARCH_BAD;
		if (!span_iis(charset, "UTF-8") &&
		    !span_iis(charset, "US-ASCII"))
			return IMAP_SEARCH_CHARSET;
	}
	return read_keys(&r) ? IMAP_SEARCH_OK : IMAP_SEARCH_BAD;
}

void
imap_search_copy(
    struct arena *a, const struct imap_search *from, struct imap_search *to)
{
	*to = *from;
	to->steps = arena_array(a, from->count + 1, sizeof(*to->steps));
	for (size_t i = 0; i < from->count; i++) {
		struct imap_search_step *s = &to->steps[i];

		*s = from->steps[i];
		s->field = arena_span(a, s->field);
		s->text = arena_span(a, s->text);
		s->set.list =
		    arena_array(a, s->set.count + 1, sizeof(*s->set.list));
		for (size_t k = 0; k < s->set.count; k++)
			s->set.list[k] = from->steps[i].set.list[k];
	}
}

size_t
imap_search_front(const struct imap_search *s)
{
	size_t n = 0;

	while (n < s->count) {
		enum imap_search_kind kind = s->steps[n].kind;
		bool jumps = n + 1 < s->count;

		if (kind == SEARCH_IF_FALSE || kind == SEARCH_IF_TRUE ||
		    kind == SEARCH_NOT ||
		    (jumps &&
			(s->steps[n + 1].kind != SEARCH_IF_FALSE ||
			    s->steps[n + 1].to != s->count)))
			break;
		n += 2;
	}
	return n < s->count ? n : s->count;
}

bool
imap_search_run(const struct imap_search *s, imap_leaf_fn *leaf, void *arg)
{
	bool value = true;
	size_t at = 0;

	while (at < s->count) {
		const struct imap_search_step *step = &s->steps[at++];

		switch (step->kind) {
		case SEARCH_IF_FALSE:
			at = value ? at : step->to;
			break;
		case SEARCH_IF_TRUE:
			at = value ? step->to : at;
			break;
		case SEARCH_NOT:
			value = !value;
			break;
		case SEARCH_ALL:
			value = true;
			break;
		case SEARCH_FLAG:
		case SEARCH_KEYWORD:
		case SEARCH_SEQ:
		case SEARCH_UID:
		case SEARCH_UIDAFTER:
		case SEARCH_UIDBEFORE:
		case SEARCH_BEFORE:
		case SEARCH_ON:
		case SEARCH_SINCE:
		case SEARCH_SAVEDBEFORE:
		case SEARCH_SAVEDON:
		case SEARCH_SAVEDSINCE:
		case SEARCH_SENTBEFORE:
		case SEARCH_SENTON:
		case SEARCH_SENTSINCE:
		case SEARCH_LARGER:
		case SEARCH_SMALLER:
		case SEARCH_OLDER:
		case SEARCH_YOUNGER:
		case SEARCH_MODSEQ:
		case SEARCH_EMAILID:
		case SEARCH_THREADID:
		case SEARCH_ADDRESS:
		case SEARCH_HEADER:
		case SEARCH_BODY:
		case SEARCH_TEXT:
			value = leaf(arg, step);
			break;
		}
	}
	return value;
}
