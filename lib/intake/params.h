/* params.h - the parameters of every program that looks at what comes in */

#ifndef INTAKE_PARAMS_H
#define INTAKE_PARAMS_H

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct checks_conf;
struct compose;
struct content_bytes;

/* By value in the program's own struct. */
struct check_params {
	const char *header_checks, *mime_header_checks, *nested_header_checks;
	const char *body_checks;
	uint64_t body_checks_size_limit, header_size_limit;
	int mime_nesting_limit, line_length_limit;
	bool disable_mime_input_processing;
	bool strict_7bit_headers, strict_8bitmime, strict_8bitmime_body;
	bool strict_mime_encoding_domain;
	const char *message_drop_headers;
	const char *message_reject_characters, *message_strip_characters;
	const char *undisclosed_recipients_header;
};

/* Rows of the program's table: P makes one of a kind and a field. */
#define CHECK_PARAMS(P) \
	P(STR, header_checks), P(STR, mime_header_checks), \
	    P(STR, nested_header_checks), P(STR, body_checks), \
	    P(BYTES, body_checks_size_limit), P(BYTES, header_size_limit), \
	    P(INT, mime_nesting_limit), P(INT, line_length_limit), \
	    P(BOOL, disable_mime_input_processing), \
	    P(BOOL, strict_7bit_headers), P(BOOL, strict_8bitmime), \
	    P(BOOL, strict_8bitmime_body), \
	    P(BOOL, strict_mime_encoding_domain), \
	    P(STR, message_drop_headers), P(STR, message_reject_characters), \
	    P(STR, message_strip_characters), \
	    P(STR, undisclosed_recipients_header)

/* NULL: no table of checks is set. Lives in a. */
const struct checks_conf *
check_params_conf(struct arena *a, const struct check_params *params);

/* The bytes of message_reject_characters and message_strip_characters, with the
 * escapes of C in them (postconf(5)); NULL: there are none. Lives in a. */
const struct content_bytes *
check_params_bytes(struct arena *a, const struct check_params *params);
/* enum strict_fault, of what is not to be had. utf8: the message is SMTPUTF8,
 * and so may have UTF-8 in its headers. */
unsigned check_params_strict(const struct check_params *params, bool utf8);
/* undisclosed_recipients_header for a message with seen (of enum header_known)
 * that names no recipient; nothing for others, and where it is not set. */
void check_params_undisclosed(
    const struct check_params *params, unsigned seen, struct compose *c);

#endif
