/*
 * idn.c - domain names in other scripts
 *
 * libidn2 has the tables (IDNA2008, with the mappings of UTS 46 that are not
 * transitional). It is asked for one label at a time, so that names as they
 * are found (underscores, labels "xn--" that are none) go through unchanged.
 */

#include "message/idn.h"

#include <idn2.h>
#include <stdlib.h>
#include <sysexits.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "message/address.h"

enum { LABEL_WIDE_MAX = 252 /* 63 characters of 4 bytes */ };

static bool
is_a_label(struct span label)
{
	return label.n > 4 && span_istarts(label, "xn--");
}

/* The library's word, or that it had no memory, which ends us as everywhere. */
static bool
good(int result)
{
	if (result == IDN2_MALLOC)
		log_fatal_exit(EX_TEMPFAIL, "out of memory");
	return result == IDN2_OK;
}

/* Append the A-label of a label that is not ASCII. */
static bool
label_encode(struct buf *out, struct span label)
{
	uint8_t *coded = NULL;
	char *text;
	bool fine;

	if (label.n > LABEL_WIDE_MAX || !utf8_valid(label))
		return false;
	text = mem_span(label);
	fine = good(idn2_lookup_u8((const uint8_t *)text, &coded,
	    IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL));
	free(text);
	if (fine) {
		struct span got = span_str((const char *)coded);

		fine = is_a_label(got) && span_find(got, '.') == got.n;
		if (fine)
			buf_add_span(out, got);
	}
	idn2_free(coded);
	return fine;
}

/* Append the U-label of an A-label; false: it has none. */
static bool
label_decode(struct buf *out, struct span label)
{
	struct buf again = BUF_EMPTY;
	char *plain = NULL, *text = mem_span(label);
	bool fine;

	for (size_t i = 0; i < label.n; i++)
		text[i] = (char)ascii_lower((unsigned char)text[i]);
	fine = good(idn2_to_unicode_8z8z(text, &plain, 0));
	fine = fine && utf8_wide(span_str(plain)) &&
	    label_encode(&again, span_str(plain)) &&
	    span_ieq(buf_span(&again), label);
	if (fine)
		buf_add_str(out, plain);
	idn2_free(plain);
	free(text);
	buf_free(&again);
	return fine;
}

bool
idn_to_ascii(struct buf *out, struct span domain)
{
	struct span rest = domain, label;
	size_t begun = out->n;
	bool fine = domain.n <= ADDRESS_DOMAIN_MAX;

	if (span_at(domain, 0) == '[' || !utf8_wide(domain)) {
		if (fine)
			buf_add_span(out, domain);
		return fine;
	}
	while (fine && span_cut(&rest, '.', &label)) {
		if (utf8_wide(label))
			fine = label_encode(out, label);
		else
			buf_add_span(out, label);
		if (rest.p != NULL)
			buf_add_byte(out, '.');
	}
	fine = fine && out->n - begun <= ADDRESS_DOMAIN_MAX;
	if (!fine)
		buf_cut(out, begun);
	return fine;
}

void
idn_to_unicode(struct buf *out, struct span domain)
{
	struct span label;

	while (span_cut(&domain, '.', &label)) {
		if (!is_a_label(label) || !label_decode(out, label))
			buf_add_span(out, label);
		if (domain.p != NULL)
			buf_add_byte(out, '.');
	}
}

bool
idn_address_to_ascii(struct buf *out, struct span address)
{
	struct span local, domain;
	size_t begun = out->n;
	bool has_domain = address_split(address, &local, &domain), fine;

	buf_add_span(out, local);
	if (!has_domain)
		return true;
	buf_add_byte(out, '@');
	fine = idn_to_ascii(out, domain);
	if (!fine)
		buf_cut(out, begun);
	return fine;
}

static bool
has_a_label(struct span domain)
{
	struct span label;

	while (span_cut(&domain, '.', &label))
		if (is_a_label(label))
			return true;
	return false;
}

bool
idn_other_form(struct buf *out, struct span key)
{
	struct span local, domain;
	size_t begun = out->n, body;
	bool fine = true;

	if (!address_split(key, &local, &domain)) {
		domain = key;
		local = span_head(key, 0);
	}
	if (domain.n > ADDRESS_DOMAIN_MAX ||
	    (!utf8_wide(domain) && !has_a_label(domain)))
		return false;
	buf_add_span(out, span_head(key, key.n - domain.n));
	body = out->n;
	if (utf8_wide(domain))
		fine = idn_to_ascii(out, domain);
	else
		idn_to_unicode(out, domain);
	fine = fine && !span_eq(span_skip(buf_span(out), body), domain);
	if (!fine)
		buf_cut(out, begun);
	return fine;
}
