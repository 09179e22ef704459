/*
 * tlsrpt.c - how TLS to other domains went: counts, and their file
 *
 * Lines: "rua DAY DOMAIN URIS", "row DAY DOMAIN TYPE SUCCESSES FAILURES" with,
 * behind a row, "policy TEXT", "mx PATTERN" and "detail COUNT RESULT LOCAL HOST
 * ADDRESS TEXT" of it; "-" stands for what is empty. RFC 8460.
 */

#include "wire/tlsrpt.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/list.h"
#include "base/mem.h"
#include "base/number.h"
#include "wire/tlsrpt_inside.h"

static const char *const result_names[] = {
	[TLSRPT_SUCCESS] = "success",
	[TLSRPT_STARTTLS_NOT_SUPPORTED] = "starttls-not-supported",
	[TLSRPT_CERTIFICATE_HOST_MISMATCH] = "certificate-host-mismatch",
	[TLSRPT_CERTIFICATE_EXPIRED] = "certificate-expired",
	[TLSRPT_CERTIFICATE_NOT_TRUSTED] = "certificate-not-trusted",
	[TLSRPT_VALIDATION_FAILURE] = "validation-failure",
	[TLSRPT_TLSA_INVALID] = "tlsa-invalid",
	[TLSRPT_DNSSEC_INVALID] = "dnssec-invalid",
	[TLSRPT_DANE_REQUIRED] = "dane-required",
	[TLSRPT_STS_POLICY_FETCH_ERROR] = "sts-policy-fetch-error",
	[TLSRPT_STS_POLICY_INVALID] = "sts-policy-invalid",
	[TLSRPT_STS_WEBPKI_INVALID] = "sts-webpki-invalid",
};

static const char *const type_names[] = {
	[TLSRPT_NO_POLICY] = "no-policy-found",
	[TLSRPT_STS] = "sts",
	[TLSRPT_TLSA] = "tlsa",
};

const char *
tlsrpt_result_name(enum tlsrpt_result result)
{
	return result_names[result];
}

const char *
tlsrpt_type_name(enum tlsrpt_type type)
{
	return type_names[type];
}

bool
tlsrpt_is_day(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (i == 4 || i == 7 ? s.p[i] != '-'
				     : !ascii_digit(span_at(s, i)))
			return false;
	return s.n == TLSRPT_DAY;
}

struct tlsrpt *
tlsrpt_new(size_t limit)
{
	struct tlsrpt *t = mem_new(sizeof(*t));

	t->limit = limit;
	list_init(&t->rows);
	list_init(&t->ruas);
	return t;
}

static void
row_free(struct tlsrpt *t, struct tlsrpt_row *r)
{
	list_remove(&r->in);
	t->count--;
	arena_free(&r->arena);
	free(r);
}

static void
rua_free(struct tlsrpt *t, struct tlsrpt_rua *r)
{
	list_remove(&r->in);
	t->count--;
	free(r->domain);
	free(r->uris);
	free(r);
}

void
tlsrpt_forget(struct tlsrpt *t, struct span day)
{
	for (struct list *l = t->rows.next, *next; l != &t->rows; l = next) {
		struct tlsrpt_row *r = LIST_OF(l, struct tlsrpt_row, in);

		next = l->next;
		if (span_cmp(span_of(r->day, TLSRPT_DAY), day) < 0)
			row_free(t, r);
	}
	for (struct list *l = t->ruas.next, *next; l != &t->ruas; l = next) {
		struct tlsrpt_rua *r = LIST_OF(l, struct tlsrpt_rua, in);

		next = l->next;
		if (span_cmp(span_of(r->day, TLSRPT_DAY), day) < 0)
			rua_free(t, r);
	}
}

void
tlsrpt_free(struct tlsrpt **t)
{
	if (*t == NULL)
		return;
	tlsrpt_forget(*t, SPAN("~"));
	mem_free(t);
}

/* ---- counting */

static struct tlsrpt_row *
row_find(struct tlsrpt *t, struct span day, const struct tlsrpt_event *e)
{
	/* the newest first: few are asked for but those of the present hour */
	LIST_EACH(l, &t->rows)
	{
		struct tlsrpt_row *r = LIST_OF(l, struct tlsrpt_row, in);

		if (r->type == e->type && span_ieq(r->domain, e->domain) &&
		    span_eq(span_of(r->day, TLSRPT_DAY), day) &&
		    span_eq(r->policy, e->policy)) {
			list_remove(&r->in);
			list_add_head(&t->rows, &r->in);
			return r;
		}
	}
	return NULL;
}

static struct tlsrpt_row *
row_new(struct tlsrpt *t, struct span day, const struct tlsrpt_event *e)
{
	struct tlsrpt_row *r;

	if (t->count >= t->limit)
		return NULL;
	r = mem_new(sizeof(*r));
	r->arena = arena_new();
	memcpy(r->day, day.p, TLSRPT_DAY);
	r->domain = arena_span(r->arena, e->domain);
	r->type = e->type;
	r->policy = arena_span(r->arena, e->policy);
	r->patterns = arena_span(r->arena, e->patterns);
	list_init(&r->details);
	list_init(&r->in);
	list_add_head(&t->rows, &r->in);
	t->count++;
	return r;
}

/* Text on one line, for a file of lines and for people. */
static struct span
clean(struct arena *a, struct span text)
{
	struct span out = arena_span(a, span_head(text, TLSRPT_TEXT_MAX));

	for (size_t i = 0; i < out.n; i++)
		if (ascii_control(span_at(out, i)))
			((char *)(uintptr_t)out.p)[i] = '?';
	return span_trim(out);
}

static void
detail_add(struct tlsrpt_row *r, const struct tlsrpt_event *e, uint64_t times)
{
	struct tlsrpt_detail *d;

	LIST_EACH(l, &r->details)
	{
		d = LIST_OF(l, struct tlsrpt_detail, in);
		if (d->result == e->result && span_eq(d->local, e->local) &&
		    span_eq(d->host, e->host) &&
		    span_eq(d->address, e->address)) {
			d->count += times;
			return;
		}
	}
	if (r->detail_count == TLSRPT_DETAILS_MAX)
		return;
	r->detail_count++;
	d = arena_alloc(r->arena, sizeof(*d));
	d->result = e->result;
	d->count = times;
	d->local = arena_span(r->arena, e->local);
	d->host = arena_span(r->arena, e->host);
	d->address = arena_span(r->arena, e->address);
	d->text = clean(r->arena, e->text);
	list_init(&d->in);
	list_add_tail(&r->details, &d->in);
}

/* Fit to be a word of the file? */
static bool
is_word(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (span_at(s, i) <= ' ' || span_at(s, i) >= 127)
			return false;
	return s.n <= TLSRPT_TEXT_MAX;
}

static bool
event_fit(struct span day, const struct tlsrpt_event *e)
{
	return tlsrpt_is_day(day) && e->domain.n > 0 && is_word(e->domain) &&
	    is_word(e->local) && is_word(e->host) && is_word(e->address) &&
	    e->policy.n <= TLSRPT_POLICY_MAX &&
	    e->patterns.n <= TLSRPT_POLICY_MAX &&
	    span_find(e->policy, '\0') == e->policy.n &&
	    span_find(e->patterns, '\0') == e->patterns.n;
}

bool
tlsrpt_count(struct tlsrpt *t, struct span day, const struct tlsrpt_event *e)
{
	struct tlsrpt_row *r;

	if (!event_fit(day, e))
		return false;
	r = row_find(t, day, e);
	if (r == NULL)
		r = row_new(t, day, e);
	if (r == NULL)
		return false;
	if (e->result == TLSRPT_SUCCESS) {
		r->successes++;
		return true;
	}
	r->failures++;
	detail_add(r, e, 1);
	return true;
}

static struct tlsrpt_rua *
rua_find(const struct tlsrpt *t, struct span day, struct span domain)
{
	LIST_EACH(l, &t->ruas)
	{
		struct tlsrpt_rua *r = LIST_OF(l, struct tlsrpt_rua, in);

		if (span_ieq(span_str(r->domain), domain) &&
		    span_eq(span_of(r->day, TLSRPT_DAY), day))
			return r;
	}
	return NULL;
}

bool
tlsrpt_rua_asked(const struct tlsrpt *t, struct span day, struct span domain)
{
	return rua_find(t, day, domain) != NULL;
}

void
tlsrpt_rua_set(
    struct tlsrpt *t, struct span day, struct span domain, struct span rua)
{
	struct tlsrpt_rua *r = rua_find(t, day, domain);

	if (!tlsrpt_is_day(day) || !is_word(domain) || domain.n == 0)
		return;
	if (r == NULL) {
		if (t->count >= t->limit)
			return;
		r = mem_new(sizeof(*r));
		memcpy(r->day, day.p, TLSRPT_DAY);
		r->domain = mem_span(domain);
		list_init(&r->in);
		list_add_head(&t->ruas, &r->in);
		t->count++;
	}
	free(r->uris);
	r->uris = rua.n <= TLSRPT_RUA_MAX && !span_has_break(rua)
	    ? mem_span(span_trim(rua))
	    : mem_str("");
}

bool
tlsrpt_sent(const struct tlsrpt *t, struct span day, struct span domain)
{
	const struct tlsrpt_rua *r = rua_find(t, day, domain);

	return r != NULL && r->sent;
}

void
tlsrpt_sent_set(struct tlsrpt *t, struct span day, struct span domain)
{
	struct tlsrpt_rua *r = rua_find(t, day, domain);

	if (r != NULL)
		r->sent = true;
}

bool
tlsrpt_next(const struct tlsrpt *t, struct span day, size_t *at,
    struct span *domain, struct span *rua)
{
	size_t i = 0;

	LIST_EACH(l, &t->ruas)
	{
		struct tlsrpt_rua *r = LIST_OF(l, struct tlsrpt_rua, in);

		if (i++ < *at || r->uris[0] == '\0' ||
		    !span_eq(span_of(r->day, TLSRPT_DAY), day))
			continue;
		*at = i;
		*domain = span_str(r->domain);
		*rua = span_str(r->uris);
		return true;
	}
	return false;
}

/* ---- the file */

static void
put_word(struct buf *out, struct span word)
{
	buf_add_byte(out, ' ');
	buf_add_span(out, word.n == 0 ? SPAN("-") : word);
}

static void
put_lines(struct buf *out, const char *kind, struct span text)
{
	struct span line;

	while (span_line(&text, &line)) {
		buf_add_str(out, kind);
		put_word(out, line);
		buf_add_byte(out, '\n');
	}
}

static void
row_print(const struct tlsrpt_row *r, struct buf *out)
{
	buf_printf(out, "row %.*s %.*s %s %llu %llu\n", TLSRPT_DAY, r->day,
	    (int)r->domain.n, r->domain.p, type_names[r->type],
	    (unsigned long long)r->successes, (unsigned long long)r->failures);
	put_lines(out, "policy", r->policy);
	put_lines(out, "mx", r->patterns);
	LIST_EACH(l, &r->details)
	{
		const struct tlsrpt_detail *d =
		    LIST_OF(l, struct tlsrpt_detail, in);

		buf_printf(out, "detail %llu %s", (unsigned long long)d->count,
		    result_names[d->result]);
		put_word(out, d->local);
		put_word(out, d->host);
		put_word(out, d->address);
		put_word(out, d->text);
		buf_add_byte(out, '\n');
	}
}

void
tlsrpt_print(const struct tlsrpt *t, struct buf *out)
{
	for (struct list *l = t->ruas.prev; l != &t->ruas; l = l->prev) {
		const struct tlsrpt_rua *r = LIST_OF(l, struct tlsrpt_rua, in);

		buf_printf(out, "rua %.*s %s", TLSRPT_DAY, r->day, r->domain);
		put_word(out, span_str(r->uris));
		buf_add_byte(out, '\n');
		if (r->sent)
			buf_printf(out, "sent %.*s %s\n", TLSRPT_DAY, r->day,
			    r->domain);
	}
	for (struct list *l = t->rows.prev; l != &t->rows; l = l->prev)
		row_print(LIST_OF(l, struct tlsrpt_row, in), out);
}

static bool
name_find(const char *const *names, size_t count, struct span word, int *out)
{
	for (size_t i = 0; i < count; i++)
		if (span_is(word, names[i])) {
			*out = (int)i;
			return true;
		}
	return false;
}

static struct span
taken(struct span *line)
{
	struct span word = SPAN("");

	(void)span_word(line, " ", &word);
	return span_is(word, "-") ? SPAN("") : word;
}

static struct tlsrpt_row *
row_load(struct tlsrpt *t, struct span line)
{
	struct tlsrpt_event e = { .text = SPAN("") };
	struct span day = taken(&line);
	struct tlsrpt_row *r;
	uint64_t successes, failures;
	int type;

	e.domain = taken(&line);
	if (!name_find(type_names, 3, taken(&line), &type) ||
	    !number_parse(taken(&line), 0, UINT32_MAX, &successes) ||
	    !number_parse(taken(&line), 0, UINT32_MAX, &failures) ||
	    !event_fit(day, &e))
		return NULL;
	e.type = (enum tlsrpt_type)type;
	r = row_new(t, day, &e);
	if (r == NULL)
		return NULL;
	r->successes = successes;
	r->failures = failures;
	return r;
}

static void
detail_load(struct tlsrpt_row *r, struct span line)
{
	struct tlsrpt_event e = { .text = SPAN("") };
	uint64_t times;
	int result;

	if (!number_parse(taken(&line), 0, UINT32_MAX, &times) ||
	    !name_find(result_names, sizeof(result_names) / sizeof(char *),
		taken(&line), &result))
		return;
	e.result = (enum tlsrpt_result)result;
	e.local = taken(&line);
	e.host = taken(&line);
	e.address = taken(&line);
	e.text = span_trim(line);
	if (span_is(e.text, "-"))
		e.text = SPAN("");
	if (is_word(e.local) && is_word(e.host) && is_word(e.address))
		detail_add(r, &e, times);
}

/* One more line of what a row was made with. */
static void
line_join(struct arena *a, struct span *to, struct span line)
{
	struct buf all = BUF_EMPTY;

	if (to->n + line.n >= TLSRPT_POLICY_MAX)
		return;
	buf_add_span(&all, *to);
	if (to->n > 0)
		buf_add_byte(&all, '\n');
	buf_add_span(&all, line);
	*to = arena_span(a, buf_span(&all));
	buf_free(&all);
}

void
tlsrpt_load(struct tlsrpt *t, struct span text)
{
	struct tlsrpt_row *r = NULL;
	struct span line, day, domain;

	while (span_line(&text, &line)) {
		struct span kind = taken(&line);

		line = span_trim(line);
		if (span_find(line, '\0') < line.n)
			continue;
		if (span_is(kind, "row")) {
			r = row_load(t, line);
		} else if (span_is(kind, "rua")) {
			day = taken(&line);
			domain = taken(&line);
			line = span_trim(line);
			tlsrpt_rua_set(t, day, domain,
			    span_is(line, "-") ? SPAN("") : line);
		} else if (span_is(kind, "sent")) {
			day = taken(&line);
			tlsrpt_sent_set(t, day, taken(&line));
		} else if (r != NULL && span_is(kind, "policy")) {
			line_join(r->arena, &r->policy, line);
		} else if (r != NULL && span_is(kind, "mx")) {
			line_join(r->arena, &r->patterns, line);
		} else if (r != NULL && span_is(kind, "detail")) {
			detail_load(r, line);
		}
	}
}
