/*
 * dmarc.c - do SPF and DKIM speak for the author's domain? (RFC 7489)
 */

#include "mauth/dmarc.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/number.h"
#include "dns/answer.h"
#include "dns/name.h"
#include "mauth/passage.h"
#include "mauth/suffixes.h"
#include "mauth/tags.h"
#include "message/address.h"

const char *
dmarc_result_name(enum dmarc_result result)
{
	static const char *const names[] = {
		[DMARC_NONE] = "none",
		[DMARC_PASS] = "pass",
		[DMARC_FAIL] = "fail",
		[DMARC_TEMPERROR] = "temperror",
		[DMARC_PERMERROR] = "permerror",
	};

	return names[result];
}

const char *
dmarc_policy_name(enum dmarc_policy policy)
{
	static const char *const names[] = {
		[DMARC_POLICY_NONE] = "none",
		[DMARC_POLICY_QUARANTINE] = "quarantine",
		[DMARC_POLICY_REJECT] = "reject",
	};

	return names[policy];
}

static bool
policy_read(struct span text, enum dmarc_policy *out)
{
	for (int i = DMARC_POLICY_NONE; i <= DMARC_POLICY_REJECT; i++)
		if (span_iis(text, dmarc_policy_name((enum dmarc_policy)i))) {
			*out = (enum dmarc_policy)i;
			return true;
		}
	return false;
}

static bool
is_record(struct span text)
{
	struct span first = span_head(text, span_find(text, ';'));
	size_t equal = span_find(first, '=');

	return span_is(span_trim(span_head(first, equal)), "v") &&
	    span_is(span_trim(span_skip(first, equal + 1)), "DMARC1");
}

bool
dmarc_record_parse(struct span text, struct dmarc_record *out)
{
	struct span value;
	struct tags t;
	int percent = 100;
	bool wanted;

	*out = (struct dmarc_record){ .percent = 100 };
	if (!is_record(text) || !tags_parse(text, &t))
		return false;
	wanted = tags_get(&t, "p", &value) && policy_read(value, &out->policy);
	out->below = out->policy;
	if (tags_get(&t, "sp", &value) && !policy_read(value, &out->below))
		wanted = false;
	if (!wanted) {
		/* 6.6.3: whoever asks for reports is only watched */
		out->policy = out->below = DMARC_POLICY_NONE;
		return tags_get(&t, "rua", &value) && value.n > 0;
	}
	out->strict_dkim =
	    tags_get(&t, "adkim", &value) && span_iis(value, "s");
	out->strict_spf = tags_get(&t, "aspf", &value) && span_iis(value, "s");
	if (tags_get(&t, "pct", &value) &&
	    number_parse_int(value, 0, 100, &percent))
		out->percent = (unsigned)percent;
	return true;
}

/* False: another domain than before. */
static bool
domain_note(const struct address_entry *e, struct arena *a, struct span *domain)
{
	struct buf text = BUF_EMPTY;
	bool good = true;

	if (e->kind != ADDRESS_MAILBOX || e->domain.n == 0)
		return true;
	if (!suffixes_ascii(e->domain, &text) ||
	    !dns_name_is_host(buf_span(&text)))
		good = false;
	else if (domain->n > 0)
		good = span_eq(*domain, buf_span(&text));
	else
		*domain = arena_span(a, buf_span(&text));
	buf_free(&text);
	return good;
}

enum dmarc_author
dmarc_author(const struct fields *f, struct arena *a, struct span *domain)
{
	struct address_list list;
	const struct field *from;
	size_t at = 0;

	*domain = span_of("", 0);
	from = fields_find(f, "From", &at);
	if (from == NULL)
		return DMARC_AUTHOR_NONE;
	if (f->cut || fields_find(f, "From", &at) != NULL)
		return DMARC_AUTHOR_SEVERAL;
	address_list_parse(a, from->value, &list);
	for (size_t i = 0; i < list.count; i++)
		if (!domain_note(&list.list[i], a, domain))
			return DMARC_AUTHOR_SEVERAL;
	return domain->n == 0 ? DMARC_AUTHOR_NONE : DMARC_AUTHOR_ONE;
}

void
dmarc_begin(
    struct dmarc *d, struct span domain, const struct suffixes *suffixes)
{
	*d = (struct dmarc){ .suffixes = suffixes, .domain = domain };
	d->organization = suffixes_organization(suffixes, domain);
}

bool
dmarc_question(const struct dmarc *d, struct buf *name)
{
	if (d->step == DMARC_OVER)
		return false;
	buf_add_str(name, "_dmarc.");
	buf_add_span(
	    name, d->step == DMARC_AT_DOMAIN ? d->domain : d->organization);
	return true;
}

static void
record_find(struct dmarc *d, const struct dns_answer *answer)
{
	size_t at = 0, n = 0;

	for (size_t i = 0; i < answer->count; i++)
		if (is_record(answer->records[i].data)) {
			at = i;
			n++;
		}
	/* 6.6.3: several are none */
	d->found =
	    n == 1 && dmarc_record_parse(answer->records[at].data, &d->record);
	if (n > 0)
		d->step = DMARC_OVER;
}

void
dmarc_answer(struct dmarc *d, const struct dns_answer *answer)
{
	if (answer->result == DNS_TROUBLE) {
		d->trouble = true;
		d->step = DMARC_OVER;
		return;
	}
	record_find(d, answer);
	if (d->step == DMARC_AT_DOMAIN && d->organization.n < d->domain.n) {
		d->step = DMARC_AT_ORGANIZATION;
		d->by_organization = true;
	} else {
		d->step = DMARC_OVER;
	}
}

static void
align(struct dmarc *d, struct span domain, bool strict)
{
	struct buf text = BUF_EMPTY;

	if (suffixes_ascii(domain, &text) &&
	    (strict ? span_eq(buf_span(&text), d->domain)
		    : span_eq(
			  suffixes_organization(d->suffixes, buf_span(&text)),
			  d->organization)))
		d->aligned = true;
	buf_free(&text);
}

void
dmarc_dkim(struct dmarc *d, struct span domain)
{
	if (d->found)
		align(d, domain, d->record.strict_dkim);
}

void
dmarc_spf(struct dmarc *d, struct span domain)
{
	if (d->found)
		align(d, domain, d->record.strict_spf);
}

enum dmarc_result
dmarc_result(const struct dmarc *d)
{
	if (d->trouble)
		return DMARC_TEMPERROR;
	if (!d->found)
		return DMARC_NONE;
	return d->aligned ? DMARC_PASS : DMARC_FAIL;
}

enum dmarc_policy
dmarc_wanted(const struct dmarc *d)
{
	if (!d->found)
		return DMARC_POLICY_NONE;
	return d->by_organization ? d->record.below : d->record.policy;
}

enum dmarc_policy
dmarc_sampled(const struct dmarc *d, unsigned draw)
{
	enum dmarc_policy wanted = dmarc_wanted(d);

	/* 6.6.4: the next milder one for the others */
	if (draw < d->record.percent || wanted == DMARC_POLICY_NONE)
		return wanted;
	return (enum dmarc_policy)(wanted - 1);
}
