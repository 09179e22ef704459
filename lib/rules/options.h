/* options.h - the command line of procmail, from a shell or a mailbox_command
 */

#ifndef RULES_OPTIONS_H
#define RULES_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

struct options {
	bool version, help;
	bool requeue; /* -t */
	bool keep_environment; /* -p */
	bool override; /* -o */
	bool no_lengths; /* -Y */
	bool deliver; /* -d: rest are users */
	bool filter; /* -m: rest are assignments, an rc file, arguments */
	bool bad; /* something was not understood */
	const char *unknown; /* letters of an argument that are no options */
	const char *from; /* -f */
	const char **args; /* -a */
	size_t arg_count;
	char **rest; /* NULL-ended */
	size_t rest_count;
	size_t rc_at; /* -m: where in rest the rc file stands */
};

/* argv must live as long; options_free() gives the lists back. */
void options_parse(int argc, char **argv, struct options *o);
void options_free(struct options *o);
extern const char options_usage[];

#endif
