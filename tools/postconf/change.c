/*
 * change.c - postconf -e, -# and -X: edits of main.cf and master.cf
 *
 * The file is read, changed in memory and put back whole under a lock of its
 * folder, so that nobody sees half of it and two postconf do not undo each
 * other.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "config/master_cf.h"
#include "config/places.h"
#include "os/file.h"
#include "tools/postconf/postconf.h"

#define FILE_MAX (1 << 20)

/* A file that is being changed. */
struct change {
	char *path; /* links followed */
	char *name; /* its last part, in path */
	int folder; /* locked */
	struct buf text;
};

static void
change_begin(struct change *c, const struct request *r, enum place place)
{
	struct buf path = BUF_EMPTY;

	*c = (struct change){ .folder = -1 };
	places_find(r->folder, place, &path);
	c->path = realpath(buf_str(&path), NULL);
	if (c->path == NULL)
		fatal("open %s: %s", buf_str(&path), strerror(errno));
	c->name = strrchr(c->path, '/');
	*c->name++ = '\0';
	c->folder =
	    file_open_dir(AT_FDCWD, c->path[0] == '\0' ? "/" : c->path, true);
	if (c->folder == -1 || flock(c->folder, LOCK_EX) == -1)
		fatal("lock folder %s: %s", c->path, strerror(errno));
	buf_clear(&path);
	buf_printf(&path, "%s/%s", c->path, c->name);
	if (file_read_path(buf_str(&path), FILE_MAX, &c->text) == -1)
		fatal("read %s: %s", buf_str(&path), strerror(errno));
	buf_free(&path);
}

static void
change_end(struct change *c, const struct buf *text)
{
	struct stat st;

	if (fstatat(c->folder, c->name, &st, 0) == -1 ||
	    file_replace(
		c->folder, c->name, buf_span(text), st.st_mode & 07777) == -1)
		fatal("write %s/%s: %s", c->path, c->name, strerror(errno));
	/* the new file is ours; the old one may have been somebody's */
	if ((st.st_uid != geteuid() || st.st_gid != getegid()) &&
	    fchownat(c->folder, c->name, st.st_uid, st.st_gid,
		AT_SYMLINK_NOFOLLOW) == -1)
		warn_user("%s/%s: cannot give it back to its owner: %s",
		    c->path, c->name, strerror(errno));
	file_close(&c->folder);
	free(c->path);
	buf_free(&c->text);
}

static void
check_text(struct span text)
{
	for (size_t i = 0; i < text.n; i++)
		if (ascii_control((unsigned char)text.p[i]) &&
		    text.p[i] != '\t')
			fatal("control byte 0x%02x in \"%.*s\"",
			    (unsigned)(unsigned char)text.p[i], (int)i, text.p);
}

/* "name = value" taken apart; without value when how is not EDIT_SET. */
static void
split(const struct request *r, const char *arg, struct span *name,
    struct span *value)
{
	struct span text = span_str(arg);
	size_t sign = span_find(text, '=');

	check_text(text);
	*name = span_trim(span_head(text, sign));
	*value = span_trim(span_skip(text, sign + 1));
	if (name->n == 0)
		fatal("missing attribute name: \"%s\"", arg);
	if (r->how == EDIT_SET && sign == text.n)
		fatal("missing '=' after attribute name: \"%s\"", arg);
	if (r->how != EDIT_SET && sign < text.n)
		fatal("-# and -X take names without =: \"%s\"", arg);
	if (span_find_any(*name, " \t") < name->n || name->p[0] == '#')
		fatal("no name of a parameter: \"%s\"", arg);
}

static void
apply(struct change *c, const struct edit_job *job)
{
	struct buf out = BUF_EMPTY;

	edit_apply(job, buf_span(&c->text), &out);
	for (size_t i = 0; i < job->n; i++)
		if (job->edits[i].found > 1)
			warn_user("%s/%s: multiple entries for \"%.*s\"",
			    c->path, c->name, (int)job->edits[i].key.n,
			    job->edits[i].key.p);
	change_end(c, &out);
	buf_free(&out);
}

static void
edits_free_one(struct edit *edit)
{
	free((void *)(uintptr_t)edit->key.p);
	free((void *)(uintptr_t)edit->text.p);
}

static void
edits_free(struct edit *edits, size_t n)
{
	for (size_t i = 0; i < n; i++)
		edits_free_one(&edits[i]);
	free(edits);
}

/* Of several edits of one key the last counts: how many are left. */
static size_t
edits_last(struct edit *edits, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		size_t later = i + 1;

		while (later < n && !span_eq(edits[i].key, edits[later].key))
			later++;
		if (later == n) {
			edits[kept++] = edits[i];
			continue;
		}
		warn_user("ignoring earlier request: '%.*s'",
		    (int)edits[i].text.n, edits[i].text.p);
		edits_free_one(&edits[i]);
	}
	return kept;
}

void
change_main(const struct request *r)
{
	struct edit *edits = mem_array((size_t)r->n_names, sizeof(*edits));
	struct change c;
	size_t n;

	for (int i = 0; i < r->n_names; i++) {
		struct span name, value;

		split(r, r->names[i], &name, &value);
		edits[i].key = span_str(mem_span(name));
		edits[i].text = span_str(mem_printf("%.*s =%s%.*s", (int)name.n,
		    name.p, value.n > 0 ? " " : "", (int)value.n,
		    value.n > 0 ? value.p : ""));
	}
	n = edits_last(edits, (size_t)r->n_names);
	change_begin(&c, r, PLACE_MAIN_CF);
	apply(&c, &(struct edit_job){ EDIT_MAIN_CF, r->how, edits, n });
	edits_free(edits, n);
}

/* The one row that text describes, printed as it is to stand in the file. */
static char *
row_text(struct span text)
{
	struct buf out = BUF_EMPTY;
	struct why why;
	struct master_cf *m;
	const struct master_row *rows;
	size_t n;

	why_init(&why);
	m = master_cf_parse(text, "new entry", &why);
	if (m == NULL)
		fatal_why(&why);
	rows = master_cf_rows(m, &n);
	if (n != 1)
		fatal("wanted the eight columns of a service");
	print_master_row(true, rows, &out);
	buf_cut(&out, out.n - 1);
	master_cf_free(&m);
	why_free(&why);
	return buf_take(&out);
}

static void
add_word(struct buf *out, struct span word)
{
	bool braces = word.n == 0 || word.p[0] == '{' ||
	    span_find_any(word, " \t") < word.n;

	buf_printf(out, braces ? " {%.*s}" : " %.*s", (int)word.n, word.p);
}

/* The row with a column changed. */
static void
row_with_column(const struct master_row *row, struct span name,
    struct span value, struct buf *out)
{
	bool found = false;

	for (int i = 0; i < MASTER_COLUMNS; i++) {
		bool this = span_is(name, column_names[i]);

		found = found || this;
		buf_add_byte(out, ' ');
		buf_add_span(out, this ? value : span_str(row->column[i]));
		if (this && i == MASTER_COMMAND)
			return; /* the value has the arguments too */
	}
	if (!found)
		fatal("invalid service attribute name: \"%.*s\"", (int)name.n,
		    name.p);
	for (size_t i = 0; i < row->n_args; i++)
		add_word(out, span_str(row->args[i]));
}

/* The row with -o name=value set, or taken out. */
static void
row_with_option(const struct request *r, const struct master_row *row,
    struct span name, struct span value, struct buf *out)
{
	struct buf option = BUF_EMPTY;
	bool done = r->how != EDIT_SET, leading = true;
	size_t at = 0;

	buf_printf(&option, " -o {%.*s=%.*s}", (int)name.n, name.p,
	    (int)value.n, value.n == 0 ? "" : value.p);
	for (int i = 0; i < MASTER_COLUMNS; i++)
		buf_printf(out, " %s", row->column[i]);
	for (size_t i = 0; i < row->n_args; i++) {
		struct span arg = span_str(row->args[i]);

		leading = leading && span_at(arg, 0) == '-';
		if (!leading && !done) {
			buf_add_span(out, buf_span(&option));
			done = true;
		}
		if (!leading || !span_starts(arg, "-o")) {
			add_word(out, arg);
			continue;
		}
		i += arg.n == 2;
		if (!span_is(name, row->options[at].name)) {
			buf_printf(out, " -o {%s=%s}", row->options[at].name,
			    row->options[at].value);
		} else if (!done) {
			buf_add_span(out, buf_span(&option));
			done = true;
		}
		at++;
	}
	if (!done)
		buf_add_span(out, buf_span(&option));
	buf_free(&option);
}

/* -F and -P: the row, changed. */
static void
edit_of_row(const struct request *r, const struct master_row *row,
    struct span name, struct span value, struct edit *edit)
{
	struct buf text = BUF_EMPTY;

	if (r->fields)
		row_with_column(row, name, value, &text);
	else
		row_with_option(r, row, name, value, &text);
	buf_drop(&text, 1);
	edit->text = span_str(row_text(buf_span(&text)));
	edit->key = span_str(mem_printf(
	    "%s/%s", row->column[MASTER_SERVICE], row->column[MASTER_TYPE]));
	buf_free(&text);
}

static void
pattern_of(const char *arg, struct span name, bool whole, struct pattern *p)
{
	*p = pattern_parse(name);
	if (whole && (p->type.n == 0 || p->name.n != 0))
		fatal(
		    "-Me, -MX or -M# requires service_name/type: \"%s\"", arg);
	if (!whole &&
	    (p->name.n == 0 || span_find_any(p->name, "*/") < p->name.n))
		fatal("wanted service/type/name: \"%s\"", arg);
}

/* All rows that the pattern takes; how many. */
static size_t
edits_of_rows(const struct request *r, const struct master_cf *m,
    const char *arg, struct edit *edits)
{
	struct span name, value;
	struct pattern p;
	size_t n, count = 0;
	const struct master_row *rows = master_cf_rows(m, &n);

	split(r, arg, &name, &value);
	pattern_of(arg, name, r->master, &p);
	for (size_t i = 0; i < n; i++) {
		if (!pattern_takes_row(&p, &rows[i]))
			continue;
		if (r->master)
			edits[count++] =
			    (struct edit){ .key = span_str(mem_printf("%s/%s",
					       rows[i].column[MASTER_SERVICE],
					       rows[i].column[MASTER_TYPE])),
				    .text = span_str(mem_str("")) };
		else
			edit_of_row(
			    r, &rows[i], p.name, value, &edits[count++]);
	}
	if (count == 0)
		warn_user("unmatched service_name/type: \"%s\"", arg);
	return count;
}

static void
change_rows(const struct request *r, const char *arg)
{
	/* Taking an option out sets the row, too. */
	enum edit_how how = r->master ? r->how : EDIT_SET;
	struct change c;
	struct why why;
	struct master_cf *m;
	struct edit *edits;
	size_t n;

	why_init(&why);
	change_begin(&c, r, PLACE_MASTER_CF);
	m = master_cf_parse(buf_span(&c.text), c.name, &why);
	if (m == NULL)
		fatal_why(&why);
	master_cf_rows(m, &n);
	edits = mem_array(n + 1, sizeof(*edits));
	n = edits_of_rows(r, m, arg, edits);
	apply(&c, &(struct edit_job){ EDIT_MASTER_CF, how, edits, n });
	edits_free(edits, n);
	master_cf_free(&m);
	why_free(&why);
}

/* -M: a whole row. Where it is named without a pattern the file need not make
 * sense elsewhere. */
static void
change_whole(const struct request *r, const char *arg)
{
	struct edit *edit = mem_new(sizeof(*edit));
	struct span name, value;
	struct pattern p;
	struct change c;

	split(r, arg, &name, &value);
	pattern_of(arg, name, true, &p);
	edit->key = span_str(mem_span(name));
	edit->text =
	    span_str(r->how == EDIT_SET ? row_text(value) : mem_str(""));
	change_begin(&c, r, PLACE_MASTER_CF);
	apply(&c, &(struct edit_job){ EDIT_MASTER_CF, r->how, edit, 1 });
	edits_free(edit, 1);
}

void
change_master(const struct request *r)
{
	/* Each on top of the one before: two may concern one row. */
	for (int i = 0; i < r->n_names; i++) {
		bool pattern =
		    strchr(r->names[i], '*') != NULL && r->how != EDIT_SET;

		if (r->master && !pattern)
			change_whole(r, r->names[i]);
		else
			change_rows(r, r->names[i]);
	}
}
