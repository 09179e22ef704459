/*
 * master_cf.c - master.cf: the services, one row each
 *
 * Postfix's eight columns (master(5)). The reader checks what can be told from
 * the text alone; whether there is such a program, jail or account is for
 * master to find out.
 */

#include "config/master_cf.h"

#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/why.h"
#include "config/lines.h"
#include "config/notes.h"
#include "config/param.h"
#include "config/places.h"
#include "os/file.h"

#define MASTER_CF_MAX   (1 << 20)
#define MASTER_ROWS_MAX 1000

struct master_cf {
	struct arena *arena;
	const char *file;
	struct master_row *rows;
	size_t n, cap;
	struct notes notes;
};

static const char *const type_names[] = {
	[MASTER_INET] = "inet",
	[MASTER_UNIX] = "unix",
	[MASTER_FIFO] = "fifo",
	[MASTER_PASS] = "pass",
	[MASTER_UNIX_DGRAM] = "unix-dgram",
};

enum { TYPES = sizeof(type_names) / sizeof(type_names[0]) };

static const char *const folded[] = { "anvil", "cleanup", "defer", "discard",
	"dnsblog", "error", "flush", "local", "pipe", "postlog", "postlogd",
	"postscreen", "proxymap", "proxywrite", "relay", "retry", "rewrite",
	"scache", "showq", "tlsmgr", "tlsproxy", "trace", "trivial-rewrite",
	"virtual" };

/* Ports that a bare system may have no name for. */
static const struct {
	const char *name;
	int port;
} ports[] = {
	{ "smtp", 25 },
	{ "submission", 587 },
	{ "submissions", 465 },
	{ "smtps", 465 },
	{ "imap", 143 },
	{ "imap2", 143 },
	{ "imaps", 993 },
	{ "pop3", 110 },
	{ "pop3s", 995 },
	{ "sieve", 4190 },
	{ "lmtp", 24 },
};

const char *
master_type_name(enum master_type type)
{
	return type_names[type];
}

bool
master_type_find(struct span name, enum master_type *type)
{
	for (size_t i = 0; i < TYPES; i++) {
		if (span_is(name, type_names[i])) {
			*type = (enum master_type)i;
			return true;
		}
	}
	return false;
}

bool
master_cf_folded(const char *name)
{
	for (size_t i = 0; i < sizeof(folded) / sizeof(folded[0]); i++)
		if (strcmp(name, folded[i]) == 0)
			return true;
	return false;
}

const char *
master_row_program(const struct master_row *row)
{
	const char *command = row->column[MASTER_COMMAND];

	return strcmp(command, "lmtp") == 0 ? "smtp" : command;
}

struct main_cf *
master_row_main_cf(const struct master_row *row, const char *folder,
    bool optional, struct why *why)
{
	struct main_cf *m = main_cf_load(folder, optional, why);

	if (m == NULL)
		return NULL;
	/* as lib/service has them */
	main_cf_set(m, "process_name", master_row_program(row));
	main_cf_set(m, "service_name", row->column[MASTER_SERVICE]);
	for (size_t i = 0; i < row->n_options; i++)
		main_cf_set(m, row->options[i].name, row->options[i].value);
	return m;
}

bool
master_row_folded(const struct master_row *row)
{
	return master_cf_folded(row->column[MASTER_COMMAND]) ||
	    (row->type != MASTER_INET &&
		master_cf_folded(row->column[MASTER_SERVICE]));
}

int
master_port(struct span name)
{
	char copy[64];
	const struct servent *known;
	int port;

	if (name.n > 0 && ascii_digit(name.p[0]))
		return number_parse_int(name, 1, 65535, &port) ? port : -1;
	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++)
		if (span_is(name, ports[i].name))
			return ports[i].port;
	if (name.n == 0 || name.n >= sizeof(copy))
		return -1;
	memcpy(copy, name.p, name.n);
	copy[name.n] = '\0';
	known = getservbyname(copy, "tcp");
	return known == NULL ? -1 : ntohs((uint16_t)known->s_port);
}

/* A row while it is read. */
struct reader {
	struct master_cf *m;
	struct master_row *row;
	struct why *why;
};

static bool
refuse(const struct reader *r, struct span words, const char *wanted)
{
	why_set(r->why, "4.3.5", "%s, line %u: \"%.*s\": %s", r->m->file,
	    r->row->line, words.n < 80 ? (int)words.n : 80,
	    words.p == NULL ? "" : words.p, wanted);
	return false;
}

/* The next word; blanks inside {braces} belong to it. */
static bool
word_next(struct span *rest, struct span *word)
{
	size_t n, level = 0;

	*rest = span_trim_left(*rest);
	for (n = 0; n < rest->n; n++) {
		char c = rest->p[n];

		if (level == 0 && ascii_space((unsigned char)c))
			break;
		if (c == '{')
			level++;
		else if (c == '}' && level > 0)
			level--;
	}
	*word = span_head(*rest, n);
	*rest = span_skip(*rest, n);
	return n > 0;
}

/* Where the brace that word begins with is closed; word.n if it is not. */
static size_t
brace_end(struct span word)
{
	size_t level = 0, i;

	for (i = 0; i < word.n; i++) {
		if (word.p[i] == '{')
			level++;
		else if (word.p[i] == '}' && --level == 0)
			break;
	}
	return i;
}

/* "{ text }" becomes "text". */
static bool
unbrace(const struct reader *r, struct span *word)
{
	size_t end;

	if (span_at(*word, 0) != '{')
		return true;
	end = brace_end(*word);
	if (end == word->n)
		return refuse(r, *word, "the closing } is missing");
	if (end != word->n - 1)
		return refuse(
		    r, *word, "wanted a blank or the end behind the }");
	*word = span_trim(span_head(span_skip(*word, 1), end - 1));
	return true;
}

static bool
parse_yes_no(const struct reader *r, int column, bool otherwise, bool *value)
{
	struct span word = span_str(r->row->column[column]);

	*value = otherwise;
	if (span_is(word, "y") || span_is(word, "n"))
		*value = span_is(word, "y");
	else if (!span_is(word, "-"))
		return refuse(r, word,
		    column == MASTER_PRIVATE
			? "column private: wanted y, n or -"
			: column == MASTER_CHROOT
			? "column chroot: wanted y, n or -"
			: "column unpriv: wanted y, n or -");
	return true;
}

static bool
parse_wakeup(const struct reader *r)
{
	struct span word = span_str(r->row->column[MASTER_WAKEUP]);
	struct span number = word;

	r->row->wakeup = 0;
	if (span_is(word, "-"))
		return true;
	if (span_ends(word, "?")) {
		r->row->wakeup_if_used = true;
		number.n--;
	}
	if (!number_parse_int(number, 0, 1000000000, &r->row->wakeup))
		return refuse(r, word,
		    "column wakeup: wanted seconds such as 60 or 60?, or -");
	return true;
}

static bool
parse_maxproc(const struct reader *r)
{
	struct span word = span_str(r->row->column[MASTER_MAXPROC]);

	r->row->maxproc = -1;
	if (span_is(word, "-") ||
	    number_parse_int(word, 0, 1000000, &r->row->maxproc))
		return true;
	return refuse(r, word,
	    "column maxproc: wanted a number of processes, 0 for "
	    "default_process_limit, or -");
}

/* "port", "host:port", "[address]:port". */
static bool
parse_inet(const struct reader *r)
{
	struct span whole = span_str(r->row->column[MASTER_SERVICE]);
	struct span host = { NULL, 0 }, port = whole;
	size_t colon = span_rfind(whole, ':');

	if (r->row->private_socket)
		return refuse(r, whole,
		    "an inet service cannot be private; write n in the third "
		    "column");
	if (colon < whole.n) {
		host = span_head(whole, colon);
		port = span_skip(whole, colon + 1);
		if (span_at(host, 0) == '[' && span_ends(host, "]"))
			host = span_head(span_skip(host, 1), host.n - 2);
		else if (span_find(host, ':') < host.n)
			return refuse(
			    r, whole, "an IPv6 address stands in [brackets]");
	}
	if (span_find_any(host, "[]{}/") < host.n)
		return refuse(r, whole,
		    "wanted a host's name or address before the port");
	r->row->port = master_port(port);
	if (r->row->port == -1)
		return refuse(r, whole,
		    "wanted a port's number or a name of /etc/services, "
		    "after host: or alone");
	if (host.n > 0)
		r->row->host = arena_span_str(r->m->arena, host);
	return true;
}

/* Sockets lie below public/ and private/, by this name. */
static bool
parse_local_name(const struct reader *r)
{
	struct span name = span_str(r->row->column[MASTER_SERVICE]);
	struct span rest = name, part;

	while (span_cut(&rest, '/', &part))
		if (part.n == 0 || span_is(part, ".") || span_is(part, ".."))
			return refuse(r, name,
			    "wanted a socket's name, without / at either end "
			    "and without ..");
	return true;
}

static bool
parse_command_name(const struct reader *r)
{
	struct span name = span_str(r->row->column[MASTER_COMMAND]);

	if (span_find(name, '/') < name.n || name.p[0] == '-' ||
	    name.p[0] == '.')
		return refuse(
		    r, name, "wanted the name of a daemon, without its folder");
	return true;
}

static bool
parse_columns(const struct reader *r)
{
	struct master_row *row = r->row;
	struct span type = span_str(row->column[MASTER_TYPE]);

	if (!master_type_find(type, &row->type))
		return refuse(r, type,
		    "column type: wanted inet, unix, unix-dgram, fifo or pass");
	return parse_yes_no(r, MASTER_PRIVATE, true, &row->private_socket) &&
	    parse_yes_no(r, MASTER_UNPRIVILEGED, true, &row->unprivileged) &&
	    parse_yes_no(r, MASTER_CHROOT, false, &row->chroot) &&
	    parse_wakeup(r) && parse_maxproc(r) && parse_command_name(r) &&
	    (row->type == MASTER_INET ? parse_inet(r) : parse_local_name(r));
}

static bool
option_split(
    const struct reader *r, struct span text, struct master_option *option)
{
	size_t sign = span_find(text, '=');
	struct span name = span_trim(span_head(text, sign));

	if (sign == text.n || name.n == 0 ||
	    span_find_any(name, " \t") < name.n)
		return refuse(r, text, "wanted -o name=value");
	option->name = arena_span_str(r->m->arena, name);
	option->value =
	    arena_span_str(r->m->arena, span_trim(span_skip(text, sign + 1)));
	return true;
}

/* -v, -vv and so on. */
static bool
is_verbose(struct span word)
{
	for (size_t i = 1; i < word.n; i++)
		if (word.p[i] != 'v')
			return false;
	return word.n > 1 && word.n < 10;
}

/* Pick -o and -v out of the words. */
static bool
parse_options(const struct reader *r)
{
	struct master_row *row = r->row;
	struct master_option *options =
	    arena_array(r->m->arena, row->n_args + 1, sizeof(*options));
	size_t i;

	row->options = options;
	for (i = 0; i < row->n_args && row->args[i][0] == '-'; i++) {
		struct span word = span_str(row->args[i]);

		if (is_verbose(word)) {
			row->verbose += (int)word.n - 1;
			continue;
		}
		if (!span_starts(word, "-o"))
			continue;
		word = span_skip(word, 2);
		if (word.n == 0 && ++i == row->n_args)
			return refuse(r, SPAN("-o"), "wanted -o name=value");
		if (word.n == 0)
			word = span_str(row->args[i]);
		if (!option_split(r, word, &options[row->n_options]))
			return false;
		row->n_options++;
	}
	return true;
}

static bool
parse_args(const struct reader *r, struct span rest)
{
	struct span count = rest, word;
	const char **args;
	size_t n = 0;

	while (word_next(&count, &word))
		n++;
	args = arena_array(r->m->arena, n + 1, sizeof(*args));
	r->row->args = args;
	while (word_next(&rest, &word)) {
		if (!unbrace(r, &word))
			return false;
		args[r->row->n_args++] = arena_span_str(r->m->arena, word);
	}
	return parse_options(r);
}

static bool
row_parse(const struct reader *r, struct span text)
{
	struct span rest = text, word;

	for (int i = 0; i < MASTER_COLUMNS; i++) {
		if (!word_next(&rest, &word))
			return refuse(r, span_trim(text),
			    "wanted eight columns: service type private unpriv "
			    "chroot wakeup maxproc command");
		r->row->column[i] = arena_span_str(r->m->arena, word);
	}
	return parse_columns(r) && parse_args(r, rest);
}

static struct master_row *
row_find(const struct master_cf *m, const char *service, enum master_type type)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->rows[i].type == type &&
		    strcmp(m->rows[i].column[MASTER_SERVICE], service) == 0)
			return &m->rows[i];
	return NULL;
}

static void
row_keep(struct master_cf *m, const struct master_row *row)
{
	struct master_row *before =
	    row_find(m, row->column[MASTER_SERVICE], row->type);

	if (before != NULL) {
		notes_add(&m->notes, m->file, row->line,
		    "service %s of type %s was given before, in line %u; this "
		    "row replaces it",
		    row->column[MASTER_SERVICE], row->column[MASTER_TYPE],
		    before->line);
		*before = *row;
		return;
	}
	if (m->n == m->cap) {
		m->cap = m->cap == 0 ? 32 : m->cap * 2;
		m->rows = mem_resize(m->rows, m->cap, sizeof(*m->rows));
	}
	m->rows[m->n++] = *row;
}

/* The lines gathered so far are one row. */
static bool
row_end(struct master_cf *m, struct buf *text, unsigned line, struct why *why)
{
	struct master_row row = { .line = line };
	struct reader r = { m, &row, why };

	if (line == 0)
		return true;
	if (!row_parse(&r, buf_span(text)))
		return false;
	if (m->n == MASTER_ROWS_MAX)
		return refuse(&r, buf_span(text), "too many services");
	row_keep(m, &row);
	buf_clear(text);
	return true;
}

static bool
read_text(struct master_cf *m, struct span text, struct why *why)
{
	struct conf_lines lines = { text, m->file, &m->notes, 0 };
	struct buf row = BUF_EMPTY;
	unsigned began = 0;
	struct span line;
	enum conf_line got;
	bool ok = true;

	while (ok && (got = conf_line_next(&lines, &line, why)) != CONF_END) {
		if (got == CONF_BAD) {
			ok = false;
		} else if (conf_line_idle(line)) {
			continue;
		} else if (!ascii_blank(span_at(line, 0))) {
			ok = row_end(m, &row, began, why);
			began = lines.line;
		} else if (began == 0) {
			notes_add(&m->notes, m->file, lines.line,
			    "a line that begins with a blank continues the one "
			    "before, but there is none; passed over");
			continue;
		}
		buf_add_span(&row, line);
	}
	ok = ok && row_end(m, &row, began, why);
	buf_free(&row);
	return ok;
}

struct master_cf *
master_cf_parse(struct span text, const char *name, struct why *why)
{
	struct master_cf *m = mem_new(sizeof(*m));

	m->arena = arena_new();
	m->file = arena_str(m->arena, name);
	if (text.n > MASTER_CF_MAX)
		why_set(why, "4.3.5", "%s: longer than %d bytes", name,
		    MASTER_CF_MAX);
	else if (read_text(m, text, why))
		return m;
	master_cf_free(&m);
	return NULL;
}

struct master_cf *
master_cf_load(const char *folder, struct why *why)
{
	struct buf path = BUF_EMPTY, text = BUF_EMPTY;
	struct master_cf *m = NULL;

	places_find(folder, PLACE_MASTER_CF, &path);
	if (file_read_path(buf_str(&path), MASTER_CF_MAX, &text) == 0)
		m = master_cf_parse(buf_span(&text), buf_str(&path), why);
	else
		why_set(why, "4.3.5", "open %s: %s", buf_str(&path),
		    strerror(errno));
	buf_free(&path);
	buf_free(&text);
	return m;
}

void
master_cf_free(struct master_cf **m)
{
	if (*m == NULL)
		return;
	notes_free(&(*m)->notes);
	free((*m)->rows);
	arena_free(&(*m)->arena);
	mem_free(m);
}

const struct master_row *
master_cf_rows(const struct master_cf *m, size_t *n)
{
	*n = m->n;
	return m->rows;
}

const struct master_row *
master_cf_find(
    const struct master_cf *m, const char *service, enum master_type type)
{
	return row_find(m, service, type);
}

const struct notes *
master_cf_notes(const struct master_cf *m)
{
	return &m->notes;
}
