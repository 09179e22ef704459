/*
 * postconf.c - show and change main.cf and master.cf: postconf(1)
 *
 * Options, shapes of output and exit codes are Postfix's, since scripts read
 * them. The parts are in postconf/.
 */

#include "tools/postconf/postconf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "config/master_cf.h"
#include "config/notes.h"
#include "config/param.h"
#include "config/places.h"
#include "maps/map.h"
#include "maps/plugin_map.h"
#include "tls/tls_version.h"

static const char usage[] =
    "usage: postconf [-c folder] [-dfhHnpx] [-C class] [-o name=value] [name "
    "...]\n"
    "       postconf [-c folder] [-e] name=value ...\n"
    "       postconf [-c folder] -# | -X name ...\n"
    "       postconf [-c folder] -M | -F | -P [-fhHx] [service/type/name ...]\n"
    "       postconf [-c folder] -M | -F | -P -e name=value ...\n"
    "       postconf [-c folder] -M -# | -M -X | -P -X name ...\n"
    "       postconf [-c folder] -b | -t [file]\n"
    "       postconf -m | -l | -a | -A\n"
    "       postconf -T compile-version | run-version | "
    "public-key-algorithms";

__attribute__((format(printf, 2, 0))) static void
say(const char *kind, const char *format, va_list args)
{
	struct buf text = BUF_EMPTY;

	buf_vprintf(&text, format, args);
	fprintf(stderr, "postconf: %s: %s\n", kind, buf_str(&text));
	buf_free(&text);
}

void
fatal(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say("fatal", format, args);
	va_end(args);
	exit(1);
}

void
fatal_why(struct why *why)
{
	fatal("%s", why_text(why));
}

void
warn_user(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say("warning", format, args);
	va_end(args);
}

void
warn_notes(const struct notes *notes)
{
	for (size_t i = 0; i < notes->n; i++)
		warn_user("%s", notes->rows[i].text);
}

struct master_cf *
master_read(const struct request *r)
{
	struct why why;
	struct master_cf *m;

	why_init(&why);
	m = master_cf_load(r->folder, &why);
	if (m == NULL)
		fatal_why(&why);
	warn_notes(master_cf_notes(m));
	why_free(&why);
	return m;
}

/* -T: what TLS is made of. */
static void
show_tls(const char *what)
{
	if (strcmp(what, "compile-version") == 0)
		puts(tls_version(false));
	else if (strcmp(what, "run-version") == 0)
		puts(tls_version(true));
	else if (strcmp(what, "public-key-algorithms") == 0)
		puts("ecdsa\nrsa");
	else
		fatal("-T %s: wanted compile-version, run-version or "
		      "public-key-algorithms",
		    what);
}

/* The types of tables; those of databases when their plug-in is installed. */
static void
show_types(const struct request *r)
{
	struct buf folder = BUF_EMPTY;
	struct main_cf *m;
	const char *name;
	struct why why;

	why_init(&why);
	m = main_cf_load(r->folder, true, &why);
	if (m == NULL)
		fatal_why(&why);
	if (!main_cf_value(m, "daemon_directory", &folder, &why))
		fatal_why(&why);
	map_plugin_set(buf_str(&folder), NULL, NULL);
	for (size_t i = 0; (name = map_type_name(i)) != NULL; i++)
		if (!map_plugin_lacks(name))
			puts(name);
	main_cf_free(&m);
	buf_free(&folder);
	why_free(&why);
}

/* -m -l -a -T */
static void
show_list(const struct request *r)
{
	int option = r->list;

	if (option == 'm')
		show_types(r);
	if (option == 'l')
		puts("fcntl\ndotlock");
	if (option == 'a' || option == 'A')
		puts("facteur");
	if (r->list == 'T')
		show_tls(r->list_of);
}

static void
take_edit(struct request *r, enum edit_how how)
{
	if (r->edit && r->how != how)
		fatal("specify one of -e -# -X");
	r->edit = true;
	r->how = how;
}

static void
take_override(struct request *r, const char *text)
{
	if (strchr(text, '=') == NULL || text[0] == '=')
		fatal("-o %s: wanted name=value", text);
	r->overrides = mem_resize(
	    r->overrides, (size_t)r->n_overrides + 1, sizeof(*r->overrides));
	r->overrides[r->n_overrides++] = text;
}

static void
take_classes(struct request *r, const char *names)
{
	static const struct {
		const char *name;
		unsigned classes;
	} rows[] = { { "builtin", OF_BUILTIN }, { "service", OF_SERVICE },
		{ "user", OF_USER },
		{ "all", OF_BUILTIN | OF_SERVICE | OF_USER } };
	enum { ROWS = sizeof(rows) / sizeof(rows[0]) };
	struct span rest = span_str(names), word;

	while (span_word(&rest, ", ", &word)) {
		size_t i = 0;

		while (i < ROWS && !span_is(word, rows[i].name))
			i++;
		if (i == ROWS)
			fatal("unknown -C option value \"%.*s\" in \"%s\": "
			      "wanted builtin, service, user or all",
			    (int)word.n, word.p, names);
		r->classes |= rows[i].classes;
	}
}

/* One option; false: there is no such. */
static bool
take_option(struct request *r, int option, const char **folder)
{
	switch (option) {
	case '#':
		take_edit(r, EDIT_COMMENT);
		return true;
	case 'X':
		take_edit(r, EDIT_REMOVE);
		return true;
	case 'e':
		take_edit(r, EDIT_SET);
		return true;
	case 'c':
		*folder = optarg;
		return true;
	case 'm':
	case 'l':
	case 'a':
	case 'A':
	case 'T':
		r->list = option;
		r->list_of = optarg;
		return true;
	case 'b':
	case 't':
		r->texts = option;
		return true;
	case 'C':
		take_classes(r, optarg);
		return true;
	case 'o':
		take_override(r, optarg);
		return true;
	default:
		break;
	}
	r->defaults = r->defaults || option == 'd';
	r->set_only = r->set_only || option == 'n';
	r->expand = r->expand || option == 'x';
	r->master = r->master || option == 'M';
	r->fields = r->fields || option == 'F';
	r->options = r->options || option == 'P';
	r->style.fold = r->style.fold || option == 'f';
	r->style.no_names = r->style.no_names || option == 'h';
	r->style.no_values = r->style.no_values || option == 'H';
	return strchr("dnxMFPfhHpv", option) != NULL;
}

/* What cannot be asked for together. */
static void
check_request(const struct request *r)
{
	bool of_master = r->master || r->fields || r->options;

	if (r->defaults && r->set_only)
		fatal("specify one of -d -n");
	if (r->master + r->fields + r->options > 1)
		fatal("specify one of -M -F -P");
	if (of_master && (r->defaults || r->set_only))
		fatal("-d and -n are for main.cf");
	if (r->edit && (r->defaults || r->set_only || r->expand))
		fatal("-e, -# and -X go without -d, -n and -x");
	if (r->edit && r->n_names == 0)
		fatal("%s requires name%s arguments",
		    r->how == EDIT_SET           ? "-e"
			: r->how == EDIT_COMMENT ? "-#"
						 : "-X",
		    r->how == EDIT_SET ? "=value" : "");
	if ((r->fields && r->edit && r->how != EDIT_SET) ||
	    (r->options && r->edit && r->how == EDIT_COMMENT))
		fatal("this change is not there for -F or -P");
	if (r->master && (r->style.no_names || r->style.no_values))
		fatal("with option -M, do not specify -%c",
		    r->style.no_names ? 'h' : 'H');
	if (r->style.no_names && r->style.no_values)
		fatal("specify one of -h -H");
}

static void
parse_request(struct request *r, int argc, char **argv)
{
	const char *folder = NULL;
	struct why why;
	int option;

	opterr = 0;
	while (
	    (option = getopt(argc, argv, "#aAbc:C:defhHFlmMno:pPtT:vxX")) != -1)
		if (!take_option(r, option, &folder))
			fatal("no option -%c, or its argument is missing\n%s",
			    optopt, usage);
	r->names = argv + optind;
	r->n_names = argc - optind;
	/* As in Postfix, name=value alone is a change. */
	if (!r->edit && r->texts == 0 && r->n_names > 0 &&
	    strchr(r->names[0], '=') != NULL)
		take_edit(r, EDIT_SET);
	why_init(&why);
	r->folder = places_folder(folder, &why);
	if (r->folder == NULL)
		fatal_why(&why);
	why_free(&why);
	check_request(r);
}

int
main(int argc, char **argv)
{
	struct request r = { .folder = NULL };
	bool of_master;

	parse_request(&r, argc, argv);
	of_master = r.master || r.fields || r.options;
	if (r.list != 0)
		show_list(&r);
	else if (r.texts != 0)
		show_texts(&r);
	else if (r.edit && of_master)
		change_master(&r);
	else if (r.edit)
		change_main(&r);
	else if (of_master)
		show_master(&r);
	else
		show_main(&r);
	free((void *)r.overrides);
	if (fflush(stdout) == EOF)
		fatal("write to standard output failed");
	return 0;
}
