/*
 * options.c - the command line of procmail
 *
 * Not getopt: a lone '-' is passed over, an unknown letter is no reason to
 * stop, and what is not an option ends them.
 */

#include "rules/options.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/span.h"

const char options_usage[] =
    "Usage: procmail [-ptoY] [-f fromwhom] [parameter=value | rcfile] ...\n"
    "   Or: procmail [-toY] [-f fromwhom] [-a argument] ... -d recipient ...\n"
    "   Or: procmail [-pt] -m [parameter=value] ... rcfile [argument] ...\n"
    "   Or: procmail -v\n"
    "  -v  print the version and end\n"
    "  -p  keep the environment\n"
    "  -t  fail temporarily (75) where mail cannot be delivered\n"
    "  -f  the envelope sender; '-' renews the date only\n"
    "  -o  put the caller's name in place of a sender he may not choose\n"
    "  -Y  take no notice of Content-Length\n"
    "  -a  set $1, and so on\n"
    "  -d  deliver to these users\n"
    "  -m  be a mail filter for any use\n";

struct reader {
	struct options *o;
	char **argv;
	int argc, at;
};

/* The rest of this argument, or the next one. */
static const char *
operand(struct reader *r, const char *behind)
{
	if (*behind != '\0')
		return behind;
	if (r->at + 1 < r->argc)
		return r->argv[++r->at];
	r->o->bad = true;
	return NULL;
}

static void
add_argument(struct options *o, const char *arg)
{
	if (arg == NULL)
		return;
	o->args = mem_resize(o->args, o->arg_count + 1, sizeof(*o->args));
	o->args[o->arg_count++] = arg;
}

/* True when the rest of the argument is no letters. */
static bool
letter(struct reader *r, const char *at)
{
	struct options *o = r->o;

	switch (*at) {
	case 'v':
		o->version = true;
		break;
	case 'h':
	case '?':
		o->help = true;
		break;
	case 't':
		o->requeue = true;
		break;
	case 'p':
		o->keep_environment = true;
		break;
	case 'o':
		o->override = true;
		break;
	case 'Y':
	case 'y':
		o->no_lengths = true;
		break;
	case 'm':
		o->filter = true;
		break;
	case 'd':
		o->deliver = true;
		break;
	case 'f':
	case 'r':
		o->from = operand(r, at + 1);
		return true;
	case 'a':
		add_argument(o, operand(r, at + 1));
		return true;
	default:
		o->bad = true;
		o->unknown = at;
		return true;
	}
	return false;
}

/* One argument. False: the options end before it. */
static bool
option(struct reader *r)
{
	const char *arg = r->argv[r->at];

	if (arg[0] != '-')
		return false;
	if (strcmp(arg, "--") == 0) {
		r->at++;
		return false;
	}
	for (const char *at = arg + 1; *at != '\0'; at++)
		if (letter(r, at))
			break;
	return true;
}

static bool
named_procmail(const char *path)
{
	size_t slash = span_rfind(span_str(path), '/');
	const char *name = path[slash] == '\0' ? path : path + slash + 1;

	return span_starts(span_str(name), "procmail");
}

void
options_parse(int argc, char **argv, struct options *o)
{
	struct reader r = { .o = o, .argv = argv, .argc = argc, .at = 1 };

	*o = (struct options){ .version = false };
	if (argc > 0)
		o->deliver = !named_procmail(argv[0]);
	while (r.at < argc && option(&r))
		r.at++;
	if (o->deliver) /* neither goes with it */
		o->filter = o->keep_environment = false;
	o->rest = argv + (r.at < argc ? r.at : argc);
	o->rest_count = (size_t)(argc - (r.at < argc ? r.at : argc));
	while (
	    o->rc_at < o->rest_count && strchr(o->rest[o->rc_at], '=') != NULL)
		o->rc_at++;
	if (o->deliver && o->rest_count == 0)
		o->bad = true;
}

void
options_free(struct options *o)
{
	mem_free(&o->args);
}
