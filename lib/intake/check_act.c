/*
 * check_act.c - what tables of checks make of a message
 *
 * The first REJECT or DISCARD decides; what nobody understands is trouble, and
 * the message is not taken: a rule of the administrator's must not be passed
 * over.
 */

#include "intake/check_act.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/number.h"
#include "intake/check_action.h"
#include "intake/checks.h"
#include "message/address.h"
#include "message/header.h"

enum { BCC_MAX = 100, EDITS_MAX = 16384, FILTER_MAX = 500 };

struct span
check_status_take(struct span *text)
{
	struct span rest = *text, word, part, status;
	unsigned parts = 0;

	if (!span_word(&rest, " \t", &word) || word.n > 11 ||
	    (span_at(word, 0) != '4' && span_at(word, 0) != '5'))
		return span_of("", 0);
	status = word;
	while (span_cut(&word, '.', &part)) {
		uint64_t number;

		if (!number_parse(part, 0, 999, &number))
			parts = 3;
		parts++;
	}
	if (parts != 3)
		return span_of("", 0);
	*text = span_trim(rest);
	return status;
}

bool
check_filter_good(struct span text)
{
	size_t colon = span_find(text, ':');

	return colon > 0 && colon < text.n && text.n <= FILTER_MAX &&
	    span_find_any(span_head(text, colon), " \t") == colon &&
	    !span_has_break(text) && span_find(text, '\0') == text.n;
}

static bool
text_good(struct span text)
{
	return text.n > 0 && !span_has_break(text) &&
	    span_find(text, '\0') == text.n;
}

/* What may stand in a header, where it is to. */
static bool
line_good(const struct check_item *item, struct span text)
{
	return text_good(text) &&
	    (item->table == CHECK_BODY ||
		header_name_valid(span_head(text, span_find(text, ':'))));
}

static void
trouble(const struct check_actor *a, struct span what)
{
	struct buf text = BUF_EMPTY;

	log_quote(&text, what, 200);
	log_warning("%s: %s: not understood in a table of checks", a->qid,
	    buf_str(&text));
	buf_free(&text);
	a->result->state = CHECKED_TROUBLE;
}

static void
reject(const struct check_actor *a, struct span text)
{
	struct check_result *r = a->result;
	struct span status;

	if (text.n == 0)
		text = SPAN("message content rejected");
	status = check_status_take(&text);
	r->state = CHECKED_REJECT;
	r->status =
	    arena_span_str(a->arena, status.n > 0 ? status : SPAN("5.7.1"));
	r->text = arena_span(a->arena, text);
}

static bool
address_good(struct span text)
{
	struct address_path path;

	return address_parse_path(text,
		   ADDRESS_BARE | ADDRESS_LONG_LOCAL | ADDRESS_LOOSE,
		   &path) == ADDRESS_OK;
}

static void
bcc(const struct check_actor *a, struct span address)
{
	struct check_bcc **end;
	unsigned n = 0;

	for (end = &a->result->bcc; *end != NULL; end = &(*end)->next)
		if (span_eq((*end)->address, address) || ++n == BCC_MAX)
			return;
	*end = arena_alloc(a->arena, sizeof(**end));
	(*end)->address = arena_span(a->arena, address);
}

static void
change(const struct check_actor *a, struct check_item *item,
    enum check_change what, struct span text)
{
	struct check_result *r = a->result;

	if (what != CHECK_DROP && !line_good(item, text)) {
		trouble(a, text);
		return;
	}
	r->edits += item->top ? text.n + 16 : 0;
	if (r->edits > EDITS_MAX) {
		log_warning("%s: too many changes of the header", a->qid);
		r->state = CHECKED_TROUBLE;
		return;
	}
	item->change = what;
	checks_with(a->checks, item, text);
}

/* The message as a whole goes another way. */
static void
send_elsewhere(const struct check_actor *a, const struct check_item *item,
    const struct check_action *act)
{
	bool good = act->verb == VERB_FILTER ? check_filter_good(act->text)
					     : address_good(act->text);

	if (!good)
		trouble(a, item->value);
	else if (act->verb == VERB_BCC)
		bcc(a, act->text);
	else if (act->verb == VERB_FILTER)
		a->result->filter = arena_span(a->arena, act->text);
	else
		a->result->redirect = arena_span(a->arena, act->text);
}

static void
act_on(const struct check_actor *a, struct check_item *item)
{
	struct check_action act;

	check_action_parse(item->value, &act);
	if (act.logged != NULL)
		a->logged(a->arg, act.logged, item, act.text);
	switch (act.verb) {
	case VERB_REJECT:
		reject(a, act.text);
		break;
	case VERB_DISCARD:
		a->result->state = CHECKED_DISCARD;
		break;
	case VERB_HOLD:
		a->result->hold = true;
		break;
	case VERB_IGNORE:
	case VERB_STRIP:
		change(a, item, CHECK_DROP, SPAN(""));
		break;
	case VERB_PREPEND:
		change(a, item, CHECK_PREPEND, act.text);
		break;
	case VERB_REPLACE:
		change(a, item, CHECK_REPLACE, act.text);
		break;
	case VERB_REDIRECT:
	case VERB_BCC:
	case VERB_FILTER:
		send_elsewhere(a, item, &act);
		break;
	case VERB_PASS:
		a->result->pass = true;
		break;
	case VERB_UNKNOWN:
		trouble(a, item->value);
		break;
	case VERB_DUNNO:
	case VERB_WARN:
	case VERB_INFO:
		break;
	}
}

bool
check_over(const struct check_result *r)
{
	return r->state != CHECKED_GOOD || r->pass;
}

void
check_act(const struct check_actor *a)
{
	struct check_item *item;
	size_t at = 0;

	while (!check_over(a->result) &&
	    (item = checks_next(a->checks, &at)) != NULL)
		act_on(a, item);
}
