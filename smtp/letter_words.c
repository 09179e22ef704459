/* letter_words.c - what is said of the recipients of a letter as it goes from
 * host to host
 */

#include "smtp/letter.h"

void
letter_word_for_rest(struct letter *l, const struct target *where,
    const struct why *why, bool decides)
{
	for (size_t i = 0; i < l->count; i++) {
		struct letter_rcpt *r = &l->rcpts[i];

		if (r->decided || r->tried)
			continue;
		why_copy(&r->why, why);
		r->where = where;
		r->decided = decides && why->outcome == BOUNCE;
	}
}

void
letter_lacks(struct letter *l, const struct target *where, struct span what)
{
	struct why why;

	why_init(&why);
	why_set(&why, "5.7.10", "REQUIRETLS: %.*s", (int)what.n, what.p);
	for (size_t i = 0; i < l->count; i++) {
		struct letter_rcpt *r = &l->rcpts[i];

		if (r->decided || r->tried ||
		    (r->where != NULL && r->why.outcome == DEFER))
			continue;
		why_copy(&r->why, &why);
		r->where = where;
	}
	why_free(&why);
}

bool
letter_is_lacking(const struct letter *l, const struct target *where)
{
	for (size_t i = 0; i < l->count; i++) {
		const struct letter_rcpt *r = &l->rcpts[i];

		if (!r->decided && r->where == where &&
		    r->why.outcome == BOUNCE)
			return true;
	}
	return false;
}

bool
letter_decided(const struct letter *l)
{
	for (size_t i = 0; i < l->count; i++)
		if (!l->rcpts[i].decided)
			return false;
	return true;
}

bool
letter_untried(const struct letter *l)
{
	for (size_t i = 0; i < l->count; i++)
		if (!l->rcpts[i].decided && !l->rcpts[i].tried)
			return true;
	return false;
}

void
letter_untry(struct letter *l)
{
	for (size_t i = 0; i < l->count; i++)
		l->rcpts[i].tried = false;
}
