/*
 * conf.c - which milters there are, and how to deal with them
 */

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/number.h"
#include "base/why.h"
#include "calls/dial_call.h"
#include "config/param.h"
#include "milter/inside.h"
#include "milter/params.h"

enum { SERVERS_MAX = 32 };

static const struct {
	const char *name;
	enum milter_default action;
} actions[] = {
	{ "tempfail", DEFAULT_TEMPFAIL },
	{ "accept", DEFAULT_ACCEPT },
	{ "reject", DEFAULT_REJECT },
	{ "quarantine", DEFAULT_QUARANTINE },
	{ "shutdown", DEFAULT_SHUTDOWN },
};

static bool
action_read(struct span text, enum milter_default *out)
{
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (span_iis(text, actions[i].name)) {
			*out = actions[i].action;
			return true;
		}
	return false;
}

static bool
seconds_read(struct span text, int64_t *ms)
{
	int64_t seconds;

	if (!param_parse_time(text, 's', &seconds) || seconds < 1)
		return false;
	*ms = seconds * 1000;
	return true;
}

/* "connect_timeout=10s" within the braces of a milter. */
static bool
setting_read(struct milter_row *row, struct span text)
{
	size_t equal = span_find(text, '=');
	struct span name = span_trim(span_head(text, equal));
	struct span value = span_trim(span_skip(text, equal + 1));
	int version;

	if (span_is(name, "connect_timeout"))
		return seconds_read(value, &row->connect_ms);
	if (span_is(name, "command_timeout"))
		return seconds_read(value, &row->command_ms);
	if (span_is(name, "content_timeout"))
		return seconds_read(value, &row->content_ms);
	if (span_is(name, "default_action"))
		return action_read(value, &row->on_trouble);
	if (!span_is(name, "protocol") ||
	    !number_parse_int(value, 2, 6, &version))
		return false;
	row->version = (unsigned)version;
	return true;
}

/* Sendmail's word for a Unix socket is local. */
static bool
target_read(struct milter_row *row, struct span word, struct arena *a)
{
	if (span_starts(word, "local:") && word.n > 6)
		row->target =
		    arena_printf(a, "unix:%.*s", (int)(word.n - 6), word.p + 6);
	else if ((span_starts(word, "inet:") || span_starts(word, "unix:")) &&
	    word.n > 5)
		row->target = arena_span_str(a, word);
	else
		return false;
	return word.n <= DIAL_TARGET_MAX;
}

static bool
row_read(struct milter_row *row, struct span item, struct arena *a)
{
	struct span word, rest = item;
	bool braces = span_starts(item, "{") && span_ends(item, "}");

	if (braces)
		rest = span_skip(span_head(item, item.n - 1), 1);
	if (!param_list_next(&rest, &word) || !target_read(row, word, a))
		return false;
	while (param_list_next(&rest, &word)) {
		if (!braces)
			return false;
		if (span_starts(word, "{") && span_ends(word, "}"))
			word = span_skip(span_head(word, word.n - 1), 1);
		if (!setting_read(row, word))
			return false;
	}
	return true;
}

static void
trouble(struct why *why, const char *parameter, struct span item)
{
	why_set(why, "4.3.5",
	    "%s: \"%.*s\": inet:HOST:PORT or unix:PATH is wanted, or one of "
	    "them with settings in braces",
	    parameter, (int)(item.n < 200 ? item.n : 200), item.p);
}

static bool
rows_read(struct milter_conf *c, const struct milter_row *usual,
    struct span servers, struct why *why)
{
	struct span item;

	while (param_list_next(&servers, &item)) {
		struct milter_row *row = &c->rows[c->count];

		if (c->count == SERVERS_MAX) {
			why_set(why, "4.3.5", "%s: more than %d milters",
			    c->parameter, SERVERS_MAX);
			return false;
		}
		*row = *usual;
		if (!row_read(row, item, c->arena)) {
			trouble(why, c->parameter, item);
			return false;
		}
		c->count++;
	}
	return true;
}

struct milter_conf *
milter_conf_new(struct arena *a, const struct milter_params *params,
    const char *parameter, struct span servers, struct why *why)
{
	struct milter_conf *c = arena_alloc(a, sizeof(*c));
	struct milter_row usual = { .version =
					(unsigned)params->milter_protocol,
		.connect_ms = params->milter_connect_timeout * 1000,
		.command_ms = params->milter_command_timeout * 1000,
		.content_ms = params->milter_content_timeout * 1000 };

	c->params = params;
	c->parameter = parameter;
	c->arena = a;
	c->rows = arena_array(a, SERVERS_MAX, sizeof(*c->rows));
	if (!action_read(span_trim(span_str(params->milter_default_action)),
		&usual.on_trouble)) {
		why_set(why, "4.3.5",
		    "milter_default_action: \"%s\": accept, reject, tempfail, "
		    "quarantine or shutdown is wanted",
		    params->milter_default_action);
		return NULL;
	}
	return rows_read(c, &usual, servers, why) ? c : NULL;
}

size_t
milter_conf_count(const struct milter_conf *c)
{
	return c->count;
}

bool
milter_conf_default(
    const struct milter_conf *c, struct span name, struct buf *out)
{
	struct span rest = span_str(c->params->milter_macro_defaults), item;

	while (param_list_next(&rest, &item)) {
		size_t equal;

		if (span_starts(item, "{") && span_ends(item, "}") &&
		    span_find(item, '=') < item.n)
			item = span_skip(span_head(item, item.n - 1), 1);
		equal = span_find(item, '=');
		if (equal < item.n &&
		    milter_same_name(span_trim(span_head(item, equal)), name)) {
			buf_add_span(
			    out, span_trim(span_skip(item, equal + 1)));
			return true;
		}
	}
	return false;
}

/* "j" and "{j}" are the same macro. */
static struct span
bare(struct span name)
{
	return name.n > 2 && name.p[0] == '{' && name.p[name.n - 1] == '}'
	    ? span_skip(span_head(name, name.n - 1), 1)
	    : name;
}

bool
milter_same_name(struct span a, struct span b)
{
	return span_eq(bare(a), bare(b));
}
