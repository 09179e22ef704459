/* access.h - keys and values of access(5) tables */

#ifndef SMTPD_ACCESS_H
#define SMTPD_ACCESS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct arena;

enum { ACCESS_KEYS_MAX = 64 };

struct access_keys {
	struct span keys[ACCESS_KEYS_MAX]; /* in a, or constant */
	size_t count;
};

/* How a table wants its keys. */
struct access_style {
	bool whole_only; /* a table of patterns: no parts of names */
	bool parents; /* "example.com" holds for a.example.com; else
		       * ".example.com" does */
	const char *delimiters; /* recipient_delimiter */
	const char *null_key; /* smtpd_null_access_lookup_key */
};

/* Append the keys of a host name, an address in text form ("192.0.2.1",
 * "2001:db8::1"), a mail address. What is too much is left out. */
void access_keys_name(struct access_keys *out, struct arena *a,
    struct span name, const struct access_style *style);
void access_keys_host(struct access_keys *out, struct arena *a,
    struct span address, const struct access_style *style);
void access_keys_mail(struct access_keys *out, struct arena *a,
    struct span address, const struct access_style *style);

enum access_action {
	ACCESS_OK,
	ACCESS_DUNNO,
	ACCESS_REJECT,
	ACCESS_DEFER,
	ACCESS_DEFER_IF_PERMIT,
	ACCESS_DEFER_IF_REJECT,
	ACCESS_CODE, /* "550 5.7.1 text" */
	ACCESS_WARN,
	ACCESS_INFO,
	ACCESS_HOLD,
	ACCESS_DISCARD,
	ACCESS_PREPEND,
	ACCESS_REDIRECT,
	ACCESS_BCC,
	ACCESS_FILTER,
	ACCESS_LIST /* names of restrictions */
};

struct access_value {
	enum access_action action;
	int code; /* of ACCESS_CODE */
	struct span status; /* of a text that begins with one; or empty */
	struct span text; /* behind the action; may be empty */
};

void access_value_parse(struct span value, struct access_value *out);

#endif
