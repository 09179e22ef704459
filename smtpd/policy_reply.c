/*
 * policy_reply.c - what a policy server answers, and how one is written down
 *
 * Both are text from outside of the program: the answer of whoever listens
 * there, and a word of main.cf or of an access table. Nothing is asked here.
 */

#include "smtpd/policy_reply.h"

#include "base/arena.h"
#include "base/number.h"
#include "base/why.h"
#include "config/param.h"
#include "smtpd/conf.h"

enum { TRIES_MAX = 100, REQUESTS_MAX = 1000000000 };

enum policy_reply_result
policy_reply_parse(struct span in, size_t *used, struct span *action)
{
	size_t at = 0;

	*used = 0;
	*action = span_of(NULL, 0);
	for (;;) {
		struct span rest = span_skip(in, at), line;
		size_t end = span_find(rest, '\n'), equal;

		if (end == rest.n)
			return in.n < POLICY_REPLY_MAX ? POLICY_REPLY_MORE
						       : POLICY_REPLY_BAD;
		at += end + 1;
		if (at > POLICY_REPLY_MAX)
			return POLICY_REPLY_BAD;
		line = span_head(rest, end);
		if (span_ends(line, "\r"))
			line = span_head(line, line.n - 1);
		if (line.n == 0)
			break;
		equal = span_find(line, '=');
		if (equal == line.n || span_find(line, '\0') < line.n)
			return POLICY_REPLY_BAD;
		if (span_is(span_trim(span_head(line, equal)), "action") &&
		    action->p == NULL)
			*action = span_trim(span_skip(line, equal + 1));
	}
	*used = at;
	return action->n > 0 ? POLICY_REPLY_OK : POLICY_REPLY_BAD;
}

static bool
wrong(struct why *why, struct span what, const char *is)
{
	why_set(why, "4.3.5", "\"%.*s\" %s", (int)what.n, what.p, is);
	return false;
}

static bool
time_set(struct span value, int64_t *ms)
{
	int64_t seconds;

	return param_parse_time(value, 's', &seconds) &&
	    !__builtin_mul_overflow(seconds, (int64_t)1000, ms);
}

static bool
count_set(struct span value, uint64_t least, uint64_t most, unsigned *out)
{
	uint64_t number;

	if (!number_parse(value, least, most, &number))
		return false;
	*out = (unsigned)number;
	return true;
}

/* False: the name is unknown, or the value is nothing for it. */
static bool
setting_take(struct policy_spec *out, struct arena *a, struct span name,
    struct span value)
{
	if (span_is(name, "timeout"))
		return time_set(value, &out->timeout_ms);
	if (span_is(name, "max_idle"))
		return time_set(value, &out->idle_ms);
	if (span_is(name, "max_ttl"))
		return time_set(value, &out->life_ms);
	if (span_is(name, "retry_delay"))
		return time_set(value, &out->retry_ms);
	if (span_is(name, "try_limit"))
		return count_set(value, 1, TRIES_MAX, &out->try_limit);
	if (span_is(name, "request_limit"))
		return count_set(value, 0, REQUESTS_MAX, &out->request_limit);
	if (span_is(name, "default_action"))
		out->default_action = arena_span_str(a, value);
	else if (span_is(name, "policy_context"))
		out->context = arena_span_str(a, value);
	else
		return false;
	return true;
}

static struct span
unbraced(struct span text)
{
	text = span_trim(text);
	if (span_starts(text, "{") && span_ends(text, "}"))
		text = span_trim(span_skip(span_head(text, text.n - 1), 1));
	return text;
}

/* The next "name = value" or "{name = value}": up to a comma. */
static bool
setting_next(struct span *rest, struct span *item)
{
	do {
		size_t depth = 0, i = 0;

		if (rest->n == 0)
			return false;
		for (; i < rest->n; i++) {
			if (rest->p[i] == '{')
				depth++;
			else if (rest->p[i] == '}' && depth > 0)
				depth--;
			else if (rest->p[i] == ',' && depth == 0)
				break;
		}
		*item = unbraced(span_head(*rest, i));
		*rest = span_skip(*rest, i + 1);
	} while (item->n == 0);
	return true;
}

static bool
target_take(struct span word, struct arena *a, struct policy_spec *out)
{
	if (word.n < 6 || span_find_any(word, " \t\r\n") < word.n ||
	    (!span_starts(word, "inet:") && !span_starts(word, "unix:")))
		return false;
	out->target = arena_span_str(a, word);
	return true;
}

bool
policy_spec_parse(struct span text, const struct smtpd_conf *conf,
    struct arena *a, struct policy_spec *out, struct why *why)
{
	struct span rest = unbraced(text), item;

	*out = (struct policy_spec){
		.default_action = conf->smtpd_policy_service_default_action,
		.context = conf->smtpd_policy_service_policy_context,
		.timeout_ms = conf->smtpd_policy_service_timeout * 1000,
		.retry_ms = conf->smtpd_policy_service_retry_delay * 1000,
		.idle_ms = conf->smtpd_policy_service_max_idle * 1000,
		.life_ms = conf->smtpd_policy_service_max_ttl * 1000,
		.try_limit = (unsigned)conf->smtpd_policy_service_try_limit,
		.request_limit =
		    (unsigned)conf->smtpd_policy_service_request_limit,
	};
	if (!setting_next(&rest, &item) || !target_take(item, a, out))
		return wrong(why, text,
		    "is no policy server (inet:host:port or unix:path)");
	while (setting_next(&rest, &item)) {
		size_t equal = span_find(item, '=');

		if (equal == item.n ||
		    !setting_take(out, a, span_trim(span_head(item, equal)),
			span_trim(span_skip(item, equal + 1))))
			return wrong(
			    why, item, "is no setting of a policy server");
	}
	return true;
}
