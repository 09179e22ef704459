/* params.h - the parameters that every program with milters has */

#ifndef MILTER_PARAMS_H
#define MILTER_PARAMS_H

#include <stdint.h>

/* By value in the program's own struct. */
struct milter_params {
	const char *milter_default_action;
	int milter_protocol;
	int64_t milter_connect_timeout, milter_command_timeout;
	int64_t milter_content_timeout;
	const char *milter_connect_macros, *milter_helo_macros;
	const char *milter_mail_macros, *milter_rcpt_macros;
	const char *milter_data_macros, *milter_end_of_header_macros;
	const char *milter_end_of_data_macros, *milter_unknown_command_macros;
	const char *milter_macro_defaults, *milter_macro_v;
	const char *milter_macro_daemon_name;
};

/* Rows of the program's table: P makes one of a kind and a field. */
#define MILTER_PARAMS(P) \
	P(STR, milter_default_action), P(INT, milter_protocol), \
	    P(TIME, milter_connect_timeout), P(TIME, milter_command_timeout), \
	    P(TIME, milter_content_timeout), P(STR, milter_connect_macros), \
	    P(STR, milter_helo_macros), P(STR, milter_mail_macros), \
	    P(STR, milter_rcpt_macros), P(STR, milter_data_macros), \
	    P(STR, milter_end_of_header_macros), \
	    P(STR, milter_end_of_data_macros), \
	    P(STR, milter_unknown_command_macros), \
	    P(STR, milter_macro_defaults), P(STR, milter_macro_v), \
	    P(STR, milter_macro_daemon_name)

#endif
