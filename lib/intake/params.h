/* params.h - the parameters of every program that looks at what comes in */

#ifndef INTAKE_PARAMS_H
#define INTAKE_PARAMS_H

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct checks_conf;

/* By value in the program's own struct. */
struct check_params {
	const char *header_checks, *mime_header_checks, *nested_header_checks;
	const char *body_checks;
	uint64_t body_checks_size_limit, header_size_limit;
	int mime_nesting_limit, line_length_limit;
	bool disable_mime_input_processing;
	const char *message_drop_headers;
};

/* Rows of the program's table: P makes one of a kind and a field. */
#define CHECK_PARAMS(P) \
	P(STR, header_checks), P(STR, mime_header_checks), \
	    P(STR, nested_header_checks), P(STR, body_checks), \
	    P(BYTES, body_checks_size_limit), P(BYTES, header_size_limit), \
	    P(INT, mime_nesting_limit), P(INT, line_length_limit), \
	    P(BOOL, disable_mime_input_processing), \
	    P(STR, message_drop_headers)

/* NULL: no table of checks is set. Lives in a. */
const struct checks_conf *
check_params_conf(struct arena *a, const struct check_params *params);

#endif
