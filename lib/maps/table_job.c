/*
 * table_job.c - what postmap(1) and postalias(1) have in common
 *
 * Options, output and exit codes are Postfix's: 0 when what was asked for was
 * found or done, 1 otherwise.
 */

#include "maps/table_job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/why.h"
#include "maps/map.h"
#include "os/file.h"

enum { INPUT_MAX = 256 << 20 };

/* The options that set or clear one flag of the compiler. */
static bool
flag_option(struct table_job *j, int c)
{
	static const struct {
		char letter;
		unsigned set, clear;
	} rows[] = {
		{ 'f', 0, COMPILE_FOLD },
		{ 'F', COMPILE_FILES, 0 },
		{ 'i', COMPILE_KEEP, 0 },
		{ 'n', COMPILE_NO_NUL, 0 },
		{ 'N', 0, COMPILE_NO_NUL },
		{ 'o', COMPILE_AS_ROOT, 0 },
		{ 'p', COMPILE_MODE_644, 0 },
		{ 'r', COMPILE_REPLACE, COMPILE_QUIET },
		{ 'u', COMPILE_ANY_BYTES, 0 },
		{ 'w', COMPILE_QUIET, COMPILE_REPLACE },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].letter == c) {
			j->compile.flags |= rows[i].set;
			j->compile.flags &= ~rows[i].clear;
			return true;
		}
	return false;
}

static bool
complain(const char *text)
{
	fprintf(stderr, "%s: fatal: %s\n", log_ident(), text);
	return false;
}

static bool
one_option(struct table_job *j, int c)
{
	switch (c) {
	case 'b':
		j->body = true;
		break;
	case 'c':
		j->config_dir = optarg;
		break;
	case 'd':
		j->remove = optarg;
		break;
	case 'h':
		j->headers = true;
		break;
	case 'm':
		return complain("-m: parts of MIME messages are not taken "
				"apart; -h reads the first header, -b all "
				"that follows it");
	case 'q':
		j->query = optarg;
		break;
	case 's':
		j->list = true;
		break;
	case 'U':
		break; /* what -b and -h read is never checked */
	case 'v':
		j->verbose++;
		break;
	default:
		return flag_option(j, c);
	}
	return true;
}

static bool
usage(bool aliases)
{
	fprintf(stderr,
	    "%s: fatal: usage: %s [-%s] [-c config_dir] [-d key] [-q key] "
	    "[map_type:]file...\n",
	    log_ident(), log_ident(),
	    aliases ? "finNoprsuvw" : "bfFhimnNoprsuUvw");
	return false;
}

bool
table_job_options(struct table_job *j, bool aliases, int argc, char **argv)
{
	const char *letters =
	    aliases ? "c:d:finNopq:rsuvw" : "bc:d:fFhimnNopq:rsuUvw";
	int c;

	*j = (struct table_job){ .compile.flags = COMPILE_FOLD |
		    (aliases ? COMPILE_ALIASES : 0) };
	while ((c = getopt(argc, argv, letters)) != -1) {
		if (c == '?')
			return usage(aliases);
		if (!one_option(j, c))
			return false;
	}
	if ((j->query != NULL) + (j->remove != NULL) + j->list > 1)
		return complain("specify only one of -s -q or -d");
	if ((j->headers || j->body) &&
	    (j->query == NULL || strcmp(j->query, "-") != 0))
		return complain("specify -b or -h only with \"-q -\"");
	if (optind == argc)
		return usage(aliases);
	j->tables = argv + optind;
	j->table_count = argc - optind;
	return true;
}

static int
fatal(struct why *why)
{
	complain(why_text(why));
	why_free(why);
	return 1;
}

static void
print_span(struct span s)
{
	if (s.n > 0)
		fwrite(s.p, 1, s.n, stdout);
}

/* -F: a value is base64 of what is wanted. */
static void
print_value(const struct table_job *j, struct span value)
{
	struct buf plain = BUF_EMPTY;

	if (!(j->compile.flags & COMPILE_FILES))
		print_span(value);
	else if (base64_decode(&plain, value))
		print_span(buf_span(&plain));
	else
		log_warning("a value is not base64");
	putchar('\n');
	buf_free(&plain);
}

static void
show(const struct table_job *j, struct span key, struct span value)
{
	print_span(key);
	fputs(j->compile.flags & COMPILE_ALIASES ? ":\t" : "\t", stdout);
	print_value(j, value);
}

static void
show_each(void *arg, struct span key, struct span value)
{
	const struct table_job *const *j = arg;

	show(*j, key, value);
}

static struct map *
open_map(const struct table_job *j, const char *spec, struct why *why)
{
	unsigned flags = j->compile.flags & COMPILE_FOLD ? MAP_FOLD : 0;

	return map_open(span_str(spec), j->compile.default_type, flags, why);
}

static void
warn_empty(const char *spec, struct span value)
{
	if (value.n == 0)
		log_warning("table %s should return NO RESULT in case of NOT "
			    "FOUND, not an empty string",
		    spec);
}

/* The tables are opened when the first key comes to them. */
struct asking {
	const struct table_job *j;
	struct map **maps;
	struct why *why;
	bool found;
};

/* Ask for key in each table until one has it. */
static enum map_result
ask(struct asking *a, struct span key, struct buf *value)
{
	for (int i = 0; i < a->j->table_count; i++) {
		enum map_result got;

		if (a->maps[i] == NULL)
			a->maps[i] = open_map(a->j, a->j->tables[i], a->why);
		if (a->maps[i] == NULL)
			return MAP_ERROR;
		got = map_get(a->maps[i], key, value, a->why);
		if (got == MAP_FOUND)
			warn_empty(a->j->tables[i], buf_span(value));
		if (got != MAP_NONE)
			return got;
	}
	return MAP_NONE;
}

/* A key of standard input: shown with what it has. False on trouble. */
static bool
ask_and_show(struct asking *a, struct span key)
{
	struct buf value = BUF_EMPTY;
	enum map_result got = ask(a, key, &value);

	if (got == MAP_FOUND) {
		show(a->j, key, buf_span(&value));
		a->found = true;
	}
	buf_free(&value);
	return got != MAP_ERROR;
}

static bool
ask_lines(struct asking *a, struct span rest)
{
	struct span line;
	bool good = true;

	while (good && span_line(&rest, &line))
		good = ask_and_show(a, line);
	return good;
}

/* The header: fields with their continuation lines. *rest is then the body. */
static bool
ask_header(struct asking *a, struct span *rest)
{
	struct buf field = BUF_EMPTY;
	struct span after = *rest, line;
	bool good = true;

	while (good && span_line(&after, &line)) {
		bool more = ascii_blank(span_at(line, 0)) && field.n > 0;
		size_t colon = span_find(line, ':');

		if (!more && field.n > 0) {
			if (a->j->headers)
				good = ask_and_show(a, buf_span(&field));
			buf_clear(&field);
		}
		if (!more &&
		    (line.n == 0 || colon == line.n ||
			span_find_any(line, " \t") < colon))
			break;
		if (more)
			buf_add_byte(&field, '\n');
		buf_add_span(&field, line);
		*rest = after;
	}
	if (good && field.n > 0 && a->j->headers)
		good = ask_and_show(a, buf_span(&field));
	buf_free(&field);
	return good;
}

static bool
ask_message(struct asking *a, struct span rest)
{
	struct span line, after;
	bool good = ask_header(a, &rest);

	after = rest;
	if (span_line(&after, &line) && line.n == 0)
		rest = after; /* the line between header and body */
	return good && (!a->j->body || ask_lines(a, rest));
}

static int
query_input(const struct table_job *j, struct asking *a)
{
	struct buf text = BUF_EMPTY;
	bool good;

	if (file_read_all(0, INPUT_MAX, &text) == -1) {
		complain("cannot read standard input");
		return 1;
	}
	good = j->headers || j->body ? ask_message(a, buf_span(&text))
				     : ask_lines(a, buf_span(&text));
	buf_free(&text);
	if (!good)
		return fatal(a->why);
	return a->found ? 0 : 1;
}

static int
query_one(const struct table_job *j, struct asking *a)
{
	struct buf value = BUF_EMPTY;
	enum map_result got = ask(a, span_str(j->query), &value);

	if (got == MAP_FOUND)
		print_value(j, buf_span(&value));
	buf_free(&value);
	if (got == MAP_ERROR)
		return fatal(a->why);
	return got == MAP_FOUND ? 0 : 1;
}

static int
run_query(const struct table_job *j, struct why *why)
{
	struct asking a = { .j = j, .why = why };
	int status;

	a.maps = mem_array((size_t)j->table_count, sizeof(struct map *));
	status =
	    strcmp(j->query, "-") == 0 ? query_input(j, &a) : query_one(j, &a);
	for (int i = 0; i < j->table_count; i++)
		map_close(&a.maps[i]);
	free(a.maps);
	return status;
}

static int
run_list(const struct table_job *j, struct why *why)
{
	int status = 0;

	for (int i = 0; i < j->table_count && status == 0; i++) {
		struct map *m = open_map(j, j->tables[i], why);

		if (m == NULL || map_each(m, show_each, &j, why) == MAP_ERROR)
			status = fatal(why);
		map_close(&m);
	}
	return status;
}

static int
run_remove(const struct table_job *j, struct why *why)
{
	unsigned all = 0;

	for (int i = 0; i < j->table_count; i++) {
		unsigned found;

		if (!compile_delete(&j->compile, span_str(j->tables[i]),
			span_str(j->remove), &found, why))
			return fatal(why);
		all += found;
	}
	return all > 0 ? 0 : 1;
}

static int
run_compile(const struct table_job *j, struct why *why)
{
	for (int i = 0; i < j->table_count; i++)
		if (!compile_table(&j->compile, span_str(j->tables[i]), why))
			return fatal(why);
	return 0;
}

int
table_job_run(const struct table_job *j)
{
	struct why why;
	int status;

	why_init(&why);
	if (j->query != NULL)
		status = run_query(j, &why);
	else if (j->list)
		status = run_list(j, &why);
	else if (j->remove != NULL)
		status = run_remove(j, &why);
	else
		status = run_compile(j, &why);
	why_free(&why);
	if (fflush(stdout) == EOF || ferror(stdout)) {
		complain("cannot write to standard output");
		status = 1;
	}
	return status;
}
