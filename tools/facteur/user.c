/*
 * user.c - facteur user: people of auth_user_database
 *
 * Entries are Courier's userdb fields, as auth reads them. A change is made in
 * a copy of the table that takes its place whole (maps/map_build.h); auth opens
 * the table for each login, so that the next one sees it.
 */

#include "tools/facteur/user.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/must.h"
#include "base/number.h"
#include "base/secret.h"
#include "base/utf8.h"
#include "base/why.h"
#include "config/courier.h"
#include "config/places.h"
#include "mailbox/quota.h"
#include "maps/map_build.h"
#include "os/users.h"
#include "sasl/scram.h"
#include "service/tool.h"
#include "tools/facteur/password.h"

enum { NAME_MAX_BYTES = 255, FIELD_MAX = 4096 };

static const char *const password_fields[] = { "systempw", "imappw", "pop3pw",
	"esmtppw", "scrampw" };

/* What the command line says. */
struct wish {
	const char *name;
	const char *uid, *gid, *home, *mail, *quota;
};

static const char *
table_of(const struct tool *t)
{
	const char *spec = tool_value(t, "auth_user_database");

	if (map_build_suffix(span_str(spec), "hash") == NULL)
		tool_fatal(t, EX_CONFIG,
		    "auth_user_database = %s: tables of this type are not "
		    "written here",
		    spec);
	return spec;
}

static bool
is_password(struct span field)
{
	struct span name = span_head(field, span_find(field, '='));

	for (size_t i = 0;
	     i < sizeof(password_fields) / sizeof(password_fields[0]); i++)
		if (span_is(name, password_fields[i]))
			return true;
	return false;
}

static void
name_check(const struct tool *t, const char *name)
{
	struct span s = span_str(name);
	bool good =
	    s.n > 0 && s.n <= NAME_MAX_BYTES && s.p[0] != '-' && utf8_valid(s);

	for (size_t i = 0; i < s.n; i++)
		if (span_at(s, i) <= ' ' || span_at(s, i) == 0x7f ||
		    span_at(s, i) == '/')
			good = false;
	if (!good)
		tool_fatal(t, EX_DATAERR,
		    "a name is 1 to %d bytes without blanks and slashes, and "
		    "does not begin with a hyphen",
		    NAME_MAX_BYTES);
}

static void
field_add(
    const struct tool *t, struct buf *out, const char *name, const char *value)
{
	struct span s = span_str(value);

	if (value == NULL)
		return;
	for (size_t i = 0; i < s.n; i++)
		if (ascii_control(span_at(s, i)) || s.p[i] == '|')
			tool_fatal(t, EX_DATAERR,
			    "%s: no '|' and no control bytes", name);
	if (s.n == 0 || s.n > FIELD_MAX)
		tool_fatal(t, EX_DATAERR, "%s is empty or too long", name);
	buf_printf(out, "%s%s=%s", out->n > 0 ? "|" : "", name, value);
}

/* What auth would not take, or would have to find elsewhere. */
static void
wish_check(const struct tool *t, const struct wish *w)
{
	struct arena *a = arena_new();
	struct quota_limit limit = { .bytes = 0 };
	struct account account;
	uint64_t n;

	if ((w->uid != NULL &&
		!number_parse(span_str(w->uid), 1, UINT32_MAX - 1, &n)) ||
	    (w->gid != NULL &&
		!number_parse(span_str(w->gid), 1, UINT32_MAX - 1, &n)))
		tool_fatal(t, EX_DATAERR,
		    "uid and gid are numbers from 1: nobody logs in as root");
	if (w->home != NULL && w->home[0] != '/')
		tool_fatal(t, EX_DATAERR, "the home is an absolute path");
	if (w->quota != NULL && !quota_parse(span_str(w->quota), &limit))
		tool_fatal(t, EX_DATAERR, "quota = %s: as in 10000000S,1000C",
		    w->quota);
	if ((w->uid == NULL || w->gid == NULL || w->home == NULL) &&
	    users_find(a, span_str(w->name), &account) != USERS_FOUND)
		tool_fatal(t, EX_NOUSER,
		    "there is no account %s in the system: uid (-u), gid (-g) "
		    "and home (-d) are wanted",
		    w->name);
	arena_free(&a);
}

/* systempw= and, where its password can be one, scrampw=. */
static void
passwords_add(const struct tool *t, struct buf *out)
{
	unsigned char salt[SCRAM_SALT_BYTES];
	struct secret *password = password_ask(t);
	uint64_t iterations;

	if (out->n > 0)
		buf_add_byte(out, '|');
	buf_add_str(out, "systempw=");
	password_hash(t, password, out);
	if (!number_parse(span_str(tool_value(t, "auth_scram_iterations")),
		SCRAM_ITERATIONS_MIN, SCRAM_ITERATIONS_MAX, &iterations))
		tool_fatal(t, EX_CONFIG,
		    "auth_scram_iterations: a number from %d to %d is wanted",
		    SCRAM_ITERATIONS_MIN, SCRAM_ITERATIONS_MAX);
	if (scram_password_prepared(secret_span(password))) {
		must(getrandom(salt, sizeof(salt), 0) == sizeof(salt));
		buf_add_str(out, "|scrampw=");
		scram_verifier_make(out, secret_span(password),
		    span_of((const char *)salt, sizeof(salt)),
		    (unsigned)iterations);
	} else {
		tool_warn(t,
		    "the password has letters that clients may spell in more "
		    "than one way: no SCRAM verifier, only PLAIN and LOGIN "
		    "will do");
	}
	secret_free(&password);
}

/* Is auth to look there at all? And is a text to be made into the table? */
static void
surroundings_check(const struct tool *t, const char *spec)
{
	struct buf path = BUF_EMPTY;
	struct span type, name;
	struct courier *c;
	struct why why;
	const char *list;

	why_init(&why);
	(void)places_find(t->folder, PLACE_AUTHDAEMONRC, &path);
	c = courier_load(buf_str(&path), true, &why);
	list = c == NULL ? NULL : courier_get(c, "authmodulelist");
	if (list == NULL ||
	    span_search(span_str(list), SPAN("authuserdb")) == strlen(list))
		tool_warn(t,
		    "authmodulelist in %s does not name authuserdb: nobody of "
		    "this table can log in",
		    buf_str(&path));
	courier_free(&c);
	map_spec_split(span_str(spec), &type, &name);
	buf_clear(&path);
	buf_add_span(&path, name);
	if (access(buf_str(&path), F_OK) == 0)
		tool_warn(t,
		    "%s is there: postmap would make the table of it again, "
		    "without this change",
		    buf_str(&path));
	buf_free(&path);
	why_free(&why);
}

/* The entry; false when there is none. */
static bool
entry_get(
    const struct tool *t, const char *spec, const char *name, struct buf *value)
{
	enum map_result got = MAP_ERROR;
	struct why why;
	struct map *m;

	why_init(&why);
	m = map_open(span_str(spec), "hash", 0, &why);
	if (m != NULL)
		got = map_get(m, span_str(name), value, &why);
	if (got == MAP_ERROR)
		tool_fatal(t, EX_UNAVAILABLE, "%s", why_text(&why));
	map_close(&m);
	why_free(&why);
	return got == MAP_FOUND;
}

static struct map_build *
begin(const struct tool *t, const char *spec)
{
	struct map_build *b;
	struct why why;

	why_init(&why);
	b = map_build_begin(span_str(spec), "hash", MAP_BUILD_KEEP, 0600, &why);
	if (b == NULL)
		tool_fatal(t, EX_CANTCREAT, "%s", why_text(&why));
	why_free(&why);
	return b;
}

/* value.p NULL: take it out. Ends the process on trouble; the table is as it
 * was then. */
static void
commit(const struct tool *t, struct map_build *b, const char *name,
    struct span value, bool replace)
{
	struct span key = span_str(name);
	enum map_result got;
	struct why why;

	why_init(&why);
	got = value.p == NULL ? map_build_delete(b, key, &why)
			      : map_build_put(b, key, value, replace, &why);
	if (got != MAP_ERROR && value.p != NULL && !replace &&
	    got == MAP_FOUND) {
		map_build_abort(&b);
		tool_fatal(t, EX_DATAERR, "there is a user %s already", name);
	}
	if (got == MAP_NONE && value.p == NULL) {
		map_build_abort(&b);
		tool_fatal(t, EX_NOUSER, "there is no user %s", name);
	}
	if (got == MAP_ERROR || !map_build_commit(&b, &why)) {
		map_build_abort(&b);
		tool_fatal(t, EX_IOERR, "%s", why_text(&why));
	}
	why_free(&why);
}

static int
cmd_add(const struct tool *t, const struct wish *w)
{
	const char *spec = table_of(t);
	struct buf value = BUF_EMPTY;

	wish_check(t, w);
	field_add(t, &value, "uid", w->uid);
	field_add(t, &value, "gid", w->gid);
	field_add(t, &value, "home", w->home);
	field_add(t, &value, "mail", w->mail);
	field_add(t, &value, "quota", w->quota);
	passwords_add(t, &value);
	commit(t, begin(t, spec), w->name, buf_span(&value), false);
	surroundings_check(t, spec);
	buf_wipe(&value);
	return EX_OK;
}

static int
cmd_passwd(const struct tool *t, const struct wish *w)
{
	const char *spec = table_of(t);
	struct buf old = BUF_EMPTY, value = BUF_EMPTY, made = BUF_EMPTY;
	struct span rest, field;
	struct map_build *b;

	if (!entry_get(t, spec, w->name, &old))
		tool_fatal(t, EX_NOUSER, "there is no user %s", w->name);
	passwords_add(t, &made);
	/* under the lock: what was changed while the password was typed stays
	 */
	b = begin(t, spec);
	if (!entry_get(t, spec, w->name, &old)) {
		map_build_abort(&b);
		tool_fatal(t, EX_NOUSER, "there is no user %s", w->name);
	}
	rest = buf_span(&old);
	while (span_cut(&rest, '|', &field)) {
		if (field.n == 0 || is_password(field))
			continue;
		buf_add_span(&value, field);
		buf_add_byte(&value, '|');
	}
	buf_add_span(&value, buf_span(&made));
	commit(t, b, w->name, buf_span(&value), true);
	surroundings_check(t, spec);
	buf_wipe(&old);
	buf_wipe(&value);
	buf_wipe(&made);
	return EX_OK;
}

static int
cmd_del(const struct tool *t, const struct wish *w)
{
	commit(t, begin(t, table_of(t)), w->name, span_of(NULL, 0), true);
	return EX_OK;
}

/* What is no secret; of the passwords only that they are there. */
static int
cmd_show(const struct tool *t, const struct wish *w)
{
	struct buf value = BUF_EMPTY;
	struct span rest, field;

	if (!entry_get(t, table_of(t), w->name, &value))
		tool_fatal(t, EX_NOUSER, "there is no user %s", w->name);
	rest = buf_span(&value);
	while (span_cut(&rest, '|', &field)) {
		if (is_password(field))
			field = span_head(field, span_find(field, '='));
		printf("%.*s%s\n", (int)field.n, field.p,
		    span_find(field, '=') == field.n ? " is set" : "");
	}
	buf_wipe(&value);
	return fflush(stdout) == 0 ? EX_OK : EX_IOERR;
}

struct names {
	struct arena *arena;
	char **list;
	size_t count, room;
};

static void
name_keep(void *arg, struct span key, struct span value)
{
	struct names *n = arg;

	(void)value;
	if (n->count == n->room) {
		char **more =
		    arena_array(n->arena, n->room * 2 + 64, sizeof(*more));

		if (n->count > 0)
			memcpy(more, n->list, n->count * sizeof(*more));
		n->list = more;
		n->room = n->room * 2 + 64;
	}
	n->list[n->count++] = arena_span_str(n->arena, key);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int
cmd_list(const struct tool *t, const struct wish *w)
{
	const char *spec = table_of(t);
	struct names n = { .arena = arena_new() };
	enum map_result got = MAP_ERROR;
	struct why why;
	struct map *m;

	(void)w;
	why_init(&why);
	m = map_open(span_str(spec), "hash", 0, &why);
	if (m != NULL)
		got = map_each(m, name_keep, &n, &why);
	if (got == MAP_ERROR)
		tool_fatal(t, EX_UNAVAILABLE, "%s", why_text(&why));
	if (n.count > 0)
		qsort(n.list, n.count, sizeof(*n.list), by_name);
	for (size_t i = 0; i < n.count; i++)
		puts(n.list[i]);
	map_close(&m);
	why_free(&why);
	arena_free(&n.arena);
	return fflush(stdout) == 0 ? EX_OK : EX_IOERR;
}

static const struct {
	const char *name;
	int (*run)(const struct tool *t, const struct wish *w);
	bool named, fields;
} commands[] = {
	{ "add", cmd_add, true, true },
	{ "passwd", cmd_passwd, true, false },
	{ "del", cmd_del, true, false },
	{ "list", cmd_list, false, false },
	{ "show", cmd_show, true, false },
};

/* -u UID -g GID -d HOME -m MAILDIR -q QUOTA; false: usage. */
static bool
options_take(int *count, char ***words, struct wish *w)
{
	while (*count > 0 && (*words)[0][0] == '-') {
		const char *value = *count > 1 ? (*words)[1] : NULL;
		const struct {
			const char *option;
			const char **to;
		} options[] = { { "-u", &w->uid }, { "-g", &w->gid },
			{ "-d", &w->home }, { "-m", &w->mail },
			{ "-q", &w->quota } };
		size_t i = 0, n = sizeof(options) / sizeof(options[0]);

		while (i < n && strcmp((*words)[0], options[i].option) != 0)
			i++;
		if (i == n || value == NULL)
			return false;
		*options[i].to = value;
		*count -= 2;
		*words += 2;
	}
	return true;
}

int
user_main(const struct tool *t, int count, char **words)
{
	struct wish w = { .name = NULL };
	size_t i = 0, n = sizeof(commands) / sizeof(commands[0]);

	while (i < n && (count == 0 || strcmp(words[0], commands[i].name) != 0))
		i++;
	if (i == n)
		return EX_USAGE;
	count--;
	words++;
	if ((commands[i].fields && !options_take(&count, &words, &w)) ||
	    count != (commands[i].named ? 1 : 0))
		return EX_USAGE;
	if (geteuid() != 0)
		tool_fatal(
		    t, EX_NOPERM, "this command is reserved for the superuser");
	if (commands[i].named) {
		w.name = words[0];
		name_check(t, w.name);
	}
	return commands[i].run(t, &w);
}
