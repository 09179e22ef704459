/*
 * options.c - the command line of sendmail
 *
 * The set is Postfix's: what it takes is taken, what it ignores is ignored,
 * what it refuses is refused with the same code. -q may stand alone or with
 * something behind it, which getopt cannot tell without help.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "calls/queue_call.h"
#include "message/verp.h"
#include "service/tool.h"
#include "tools/sendmail/sendmail.h"

static const char letters[] = "A:B:C:F:GIL:N:O:R:UV:X:b:ce:f:h:imno:p:q::r:tvx";
static const char taken_without_effect[] = "AGLOUcehmnpx";

enum { ENVID_MOST = 100 };

/* never alone, or a list of the others; 0: neither. */
static unsigned
notify_parse(const char *text)
{
	static const struct {
		const char *word;
		unsigned bit;
	} words[] = { { "never", NOTIFY_NEVER }, { "success", NOTIFY_SUCCESS },
		{ "failure", NOTIFY_FAILURE }, { "delay", NOTIFY_DELAY } };
	struct span rest = span_str(text), word;
	unsigned got = 0;

	while (span_word(&rest, ", ", &word)) {
		unsigned bit = 0;

		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			if (span_iis(word, words[i].word))
				bit = words[i].bit;
		if (bit == 0)
			return 0;
		got |= bit;
	}
	return (got & NOTIFY_NEVER) != 0 && got != NOTIFY_NEVER ? 0 : got;
}

static bool
printable(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text < ' ' || *text > '~')
			return false;
	return true;
}

/* What is ill-formed is warned of and passed over: the mail matters more. */
static void
take_dsn(const struct tool *t, struct options *o, int option)
{
	switch (option) {
	case 'N':
		o->notify = notify_parse(optarg);
		if (o->notify == 0)
			tool_warn(t, "bad -N option value -- ignored");
		break;
	case 'R':
		o->ret = strcasecmp(optarg, "hdrs") == 0 ? RET_HDRS
		    : strcasecmp(optarg, "full") == 0    ? RET_FULL
							 : RET_NONE;
		if (o->ret == RET_NONE)
			tool_warn(t, "bad -R option value -- ignored");
		break;
	default:
		if (strlen(optarg) > ENVID_MOST || !printable(optarg))
			tool_warn(t, "bad -V option value -- ignored");
		else
			o->envid = optarg;
		break;
	}
}

static void
take_body(const struct tool *t, struct options *o)
{
	if (strcasecmp(optarg, "8BITMIME") == 0)
		o->flags |= QUEUE_8BIT;
	else if (strcasecmp(optarg, "7BIT") != 0)
		tool_fatal(t, EX_USAGE, "-B option needs 8BITMIME or 7BIT");
}

static void
take_mode(const struct tool *t, struct options *o)
{
	if (strlen(optarg) != 1 || strchr("dhHilmpsv", optarg[0]) == NULL)
		tool_fatal(t, EX_USAGE, "unsupported: -b%s", optarg);
	o->mode = (unsigned char)optarg[0];
}

/* -oi and -oA; every other -oX is passed over. */
static void
take_old(const struct tool *t, struct options *o)
{
	if (optarg[0] == 'i')
		o->whole = true;
	if (optarg[0] != 'A')
		return;
	if (optarg[1] == '\0')
		tool_fatal(t, EX_USAGE, "-oA requires pathname");
	o->aliases = optarg + 1;
}

static void
take_queue(const struct tool *t, struct options *o)
{
	o->queue = optarg == NULL ? "" : optarg;
	if (o->queue[0] != '\0' && strchr("0123456789IR", o->queue[0]) == NULL)
		tool_fatal(t, EX_USAGE, "-q%c is not implemented", o->queue[0]);
	if ((o->queue[0] == 'I' || o->queue[0] == 'R') && o->queue[1] == '\0')
		tool_fatal(t, EX_USAGE, "specify: -q%c%s", o->queue[0],
		    o->queue[0] == 'I' ? "queueid" : "sitename");
}

/* Any other -X was Sendmail's log. */
static void
take_verp(struct options *o)
{
	if (optarg[0] == 'V')
		o->verp = optarg + 1;
}

struct span
verp_delimiters(const struct tool *t, const char *asked)
{
	const char *filter = tool_value(t, "verp_delimiter_filter");
	struct span given = asked[0] != '\0'
	    ? span_str(asked)
	    : span_str(tool_value(t, "default_verp_delimiters"));

	if (!verp_delimiters_good(given, span_str(filter)))
		tool_fatal(
		    t, EX_USAGE, "-XV needs two characters of %s", filter);
	return given;
}

static void
take(const struct tool *t, struct options *o, int option)
{
	switch (option) {
	case 'B':
		take_body(t, o);
		break;
	case 'C':
		o->config_dir = optarg;
		break;
	case 'F':
		o->full_name = optarg;
		break;
	case 'f':
	case 'r':
		o->sender = optarg;
		break;
	case 'I':
		o->mode = 'i';
		break;
	case 'i':
		o->whole = true;
		break;
	case 'o':
		take_old(t, o);
		break;
	case 'q':
		take_queue(t, o);
		break;
	case 'b':
		take_mode(t, o);
		break;
	case 't':
		o->from_header = true;
		break;
	case 'v':
		o->verbose++;
		break;
	case 'X':
		take_verp(o);
		break;
	default:
		take_dsn(t, o, option);
	}
}

static void
check(const struct tool *t, const struct options *o, bool addresses)
{
	if (o->from_header && o->mode != 'm')
		tool_fatal(t, EX_USAGE, "-t can be used only in delivery mode");
	if (addresses && (o->queue != NULL || o->mode != 'm') && o->mode != 'v')
		tool_fatal(t, EX_USAGE, "this mode requires no recipient");
	if (o->queue != NULL && o->mode != 'm' && o->mode != 'd' &&
	    o->mode != 'l' && (o->queue[0] == 'I' || o->queue[0] == 'R'))
		tool_fatal(t, EX_USAGE,
		    "-q%c can be used only in delivery mode", o->queue[0]);
}

void
options_read(const struct tool *t, struct options *o, int argc, char **argv)
{
	int option;

	opterr = 0;
	while ((option = getopt(argc, argv, letters)) != -1) {
		if (option == '?') {
			fprintf(stderr, "%s: fatal: usage: %s [options]\n",
			    t->name, t->name);
			exit(EX_USAGE);
		}
		if (strchr(taken_without_effect, option) == NULL)
			take(t, o, option);
	}
	check(t, o, argv[optind] != NULL);
}
