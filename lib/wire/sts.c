/*
 * sts.c - the record and the policy of MTA-STS
 *
 * RFC 8461: the record 3.1, the policy 3.2, names of hosts 4.1. A document that
 * is not wholly understood is no policy; keys that nobody knows are passed
 * over, as the RFC wants it.
 */

#include "wire/sts.h"

#include "base/number.h"

enum { NAME_MAX_OCTETS = 253, LABEL_MAX = 63 };

static const char *const mode_names[] = {
	[STS_NONE] = "none",
	[STS_TESTING] = "testing",
	[STS_ENFORCE] = "enforce",
};

const char *
sts_mode_name(enum sts_mode mode)
{
	return mode_names[mode];
}

bool
sts_mode_parse(struct span word, enum sts_mode *mode)
{
	for (int i = STS_NONE; i <= STS_ENFORCE; i++)
		if (span_is(word, mode_names[i])) {
			*mode = (enum sts_mode)i;
			return true;
		}
	return false;
}

bool
sts_id_valid(struct span id)
{
	for (size_t i = 0; i < id.n; i++)
		if (!ascii_alnum(span_at(id, i)))
			return false;
	return id.n > 0 && id.n <= STS_ID_MAX;
}

/* "v=STSv1; id=20160831085700Z;" */
enum sts_record
sts_record_parse(struct span text, struct span *id)
{
	struct span field, rest = text;
	bool first = true;

	*id = SPAN("");
	while (span_cut(&rest, ';', &field)) {
		field = span_trim(field);
		if (first && !span_is(field, "v=STSv1"))
			return STS_RECORD_OTHER;
		if (!first && span_starts(field, "id=") && id->n == 0)
			*id = span_skip(field, 3);
		first = false;
	}
	return sts_id_valid(*id) ? STS_RECORD_GOOD : STS_RECORD_BAD;
}

static bool
is_label(struct span label)
{
	for (size_t i = 0; i < label.n; i++)
		if (!ascii_alnum(span_at(label, i)) && label.p[i] != '-' &&
		    label.p[i] != '_')
			return false;
	return label.n > 0 && label.n <= LABEL_MAX;
}

bool
sts_mx_valid(struct span pattern)
{
	struct span label;

	if (pattern.n == 0 || pattern.n > NAME_MAX_OCTETS)
		return false;
	if (span_starts(pattern, "*."))
		pattern = span_skip(pattern, 2);
	while (span_cut(&pattern, '.', &label))
		if (!is_label(label))
			return false;
	return true;
}

bool
sts_mx_match(struct span pattern, struct span host)
{
	if (span_ends(host, "."))
		host.n--;
	if (!span_starts(pattern, "*."))
		return span_ieq(pattern, host);
	if (span_find(host, '.') == 0)
		return false;
	return span_ieq(
	    span_skip(pattern, 1), span_skip(host, span_find(host, '.')));
}

static bool
mx_add(struct sts_policy *p, struct span value, const char **error)
{
	if (span_ends(value, "."))
		value.n--;
	*error = "an mx that is no host name";
	if (!sts_mx_valid(value))
		return false;
	*error = "too many mx lines";
	if (p->mx_count == STS_MX_MAX)
		return false;
	p->mx[p->mx_count++] = value;
	return true;
}

/* Fields seen so far: of those that may stand once the first counts. */
enum { VERSION = 1, MODE = 2, MAX_AGE = 4 };

static bool
once(unsigned *seen, unsigned which)
{
	bool first = (*seen & which) == 0;

	*seen |= which;
	return first;
}

static bool
field_take(struct sts_policy *p, struct span key, struct span value,
    unsigned *seen, const char **error)
{
	uint64_t age = 0;

	if (span_is(key, "version") && once(seen, VERSION)) {
		*error = "a version that is not STSv1";
		return span_is(value, "STSv1");
	}
	if (span_is(key, "mode") && once(seen, MODE)) {
		*error = "a mode that is not known";
		return sts_mode_parse(value, &p->mode);
	}
	if (span_is(key, "max_age") && once(seen, MAX_AGE)) {
		*error = "a max_age that is no number of seconds";
		if (value.n > 10 || !number_parse(value, 0, UINT64_MAX, &age))
			return false;
		p->max_age = age > STS_AGE_MAX ? STS_AGE_MAX : (uint32_t)age;
		return true;
	}
	return !span_is(key, "mx") || mx_add(p, value, error);
}

bool
sts_policy_parse(struct span text, struct sts_policy *out, const char **error)
{
	struct span line;
	unsigned seen = 0;

	*out = (struct sts_policy){ .mode = STS_NONE };
	*error = "a document that is too long";
	if (text.n > STS_POLICY_MAX)
		return false;
	while (span_line(&text, &line)) {
		size_t colon = span_find(line, ':');

		if (span_trim(line).n == 0)
			continue;
		*error = "a line that is no field";
		if (colon == line.n || span_find(line, '\0') < line.n)
			return false;
		if (!field_take(out, span_trim(span_head(line, colon)),
			span_trim(span_skip(line, colon + 1)), &seen, error))
			return false;
	}
	*error = "version, mode or max_age is missing";
	if (seen != (VERSION | MODE | MAX_AGE))
		return false;
	*error = "no mx";
	return out->mode == STS_NONE || out->mx_count > 0;
}
