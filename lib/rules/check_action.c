/*
 * check_action.c - folders, programs, and the locks that they need
 */

#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/table.h"
#include "rules/check_private.h"
#include "rules/vars.h"

/* ---- locks */

static bool
others_may_write(struct span path)
{
	return span_starts(path, "/tmp/") || span_starts(path, "/var/tmp/") ||
	    span_starts(path, "/dev/shm/");
}

/* lock is what it is called in the end; the same folder wants one lock. */
static void
check_lock(struct check *c, struct span folder, struct span lock, int line)
{
	const char *global = vars_get_str(c->vars, "LOCKFILE");
	const char *old;

	if (check_unknown(lock) && span_at(lock, 0) == CHECK_UNKNOWN)
		return;
	if (others_may_write(lock))
		check_warn(c, line, "put it into a folder of your own",
		    "anybody can make or remove the lock file \"%s\"",
		    check_quote(c, lock));
	if (global != NULL && span_is(lock, global))
		check_error(c, line, "give it another name",
		    "LOCKFILE holds the lock file \"%s\" already",
		    check_quote(c, lock));
	if (folder.n == 0)
		return;
	old = table_get(c->locks, folder);
	if (old != NULL && !span_is(lock, old))
		check_warn(c, line, "use one name for both",
		    "\"%s\" is locked by \"%s\" here and by \"%s\" elsewhere",
		    check_quote(c, folder), check_quote(c, lock), old);
	else if (old == NULL)
		(void)table_put(c->locks, folder, arena_span_str(c->a, lock));
}

static void
add_extension(struct check *c, struct span name, struct buf *out)
{
	buf_add_span(out, name);
	buf_add_str(out, vars_text(c->vars, "LOCKEXT"));
}

/* The name of the lock, given or made of folder's; n is 0: none. */
static void
lock_name(struct check *c, const struct rc_head *h, struct span folder,
    struct buf *out)
{
	if (!(h->flags & RC_LOCK))
		return;
	if (h->lock.n > 0)
		buf_add_span(out, h->lock);
	else if (folder.n > 0)
		add_extension(c, folder, out);
}

/* ---- folders */

static bool
is_directory(struct span folder)
{
	return span_ends(folder, "/") || span_ends(folder, "/.");
}

static void
check_mailbox(
    struct check *c, const struct rc_head *h, struct span folder, int line)
{
	struct buf lock = BUF_EMPTY;

	lock_name(c, h, folder, &lock);
	if (lock.n > 0)
		check_lock(c, folder, buf_span(&lock), line);
	else if (vars_get_str(c->vars, "LOCKFILE") == NULL)
		check_warn(c, line,
		    "begin the recipe with :0: instead, or end the name with / "
		    "if it is a Maildir",
		    "mailbox file \"%s\" without a lock file; programs that "
		    "know no other lock may spoil it",
		    check_quote(c, folder));
	if (others_may_write(folder))
		check_warn(c, line, "put it into a folder of your own",
		    "anybody can put another file in place of \"%s\"",
		    check_quote(c, folder));
	buf_free(&lock);
}

static void
check_folder(struct check *c, const struct rc_recipe *r,
    const struct rc_head *h, int line)
{
	struct words names = { .count = 0 };
	struct span first;

	check_expand(c, line, r->text, EXPAND_WORDS, &names);
	first = word_at(&names, 0);
	if (first.n == 0)
		check_error(
		    c, line, "name a folder", "a recipe without an action");
	else if (span_at(first, 0) == '{')
		check_error(c, line, "put a blank behind the {",
		    "\"%s\" is the name of a mailbox, not a block",
		    check_quote(c, first));
	else if (is_directory(first) || span_is(first, "/dev/null")) {
		if ((h->flags & RC_LOCK) && h->lock.n == 0)
			check_warn(c, line, "leave out the second colon",
			    "\"%s\" needs no lock", check_quote(c, first));
	} else if (names.count > 1)
		check_warn(c, line,
		    "end the name with /, or quote it if it has a blank",
		    "names behind a mailbox file are passed over: \"%s\"",
		    check_quote(c, r->text));
	else if (span_at(first, first.n - 1) != CHECK_UNKNOWN)
		check_mailbox(c, h, first, line);
	words_free(&names);
}

/* ---- programs */

static bool
has_metas(struct check *c, struct span line)
{
	const char *metas = vars_get_str(c->vars, "SHELLMETAS");

	if (metas == NULL)
		metas = "&|<>~;?*[";
	return span_find_any(line, metas) < line.n;
}

/* Without a shell there are no words that only a shell knows. */
static void
check_builtin(struct check *c, struct span text, int line)
{
	static const char *const builtins[] = { "exit", "cd", "exec", "export",
		"eval", "if", "for", "while", "case", "set", "umask" };
	struct span rest = text, word;

	if (has_metas(c, text) || !span_word(&rest, " \t", &word))
		return;
	for (size_t i = 0; i < sizeof(builtins) / sizeof(*builtins); i++)
		if (span_is(word, builtins[i]))
			check_error(c, line,
			    "add a ; at the end of the command",
			    "no shell runs this line, and there is no program "
			    "\"%s\"",
			    builtins[i]);
}

/* The word behind ">>", unquoted. */
static void
appended(struct check *c, struct span text, int line, struct words *out)
{
	struct span rest = span_skip(text, span_search(text, SPAN(">>")) + 2);
	struct span word;

	if (span_word(&rest, " \t\n<>|&;()\"'`", &word))
		check_expand(c, line, word, EXPAND_VALUE, out);
}

static void
check_program_lock(struct check *c, const struct rc_recipe *r,
    const struct rc_head *h, int line)
{
	struct words word = { .count = 0 };
	struct buf lock = BUF_EMPTY;
	struct span file;

	appended(c, r->text, line, &word);
	file = word_at(&word, 0);
	lock_name(c, h, file, &lock);
	if ((h->flags & RC_LOCK) && lock.n == 0)
		check_error(c, line, "name the lock file behind the colon",
		    "there is no file to make the lock file's name of");
	else if (lock.n > 0)
		check_lock(c, file, buf_span(&lock), line);
	else if (file.n > 0 && !span_is(file, "/dev/null") &&
	    vars_get_str(c->vars, "LOCKFILE") == NULL)
		check_warn(c, line, "begin the recipe with a second colon",
		    "\"%s\" is appended to without a lock",
		    check_quote(c, file));
	buf_free(&lock);
	words_free(&word);
}

static void
check_program(struct check *c, const struct rc_recipe *r,
    const struct rc_head *h, int line)
{
	bool waits = (h->flags & (RC_WAIT | RC_WAIT_QUIET)) != 0;

	check_builtin(c, r->text, line);
	check_program_lock(c, r, h, line);
	if ((h->flags & RC_FILTER) && !waits && !(h->flags & RC_LOCK))
		check_warn(c, line, "use the flags fw",
		    "where the filter fails, what it has printed until then "
		    "takes the place of the message");
}

void
check_action(struct check *c, const struct rc_recipe *r,
    const struct rc_head *h, int line)
{
	struct words words = { .count = 0 };

	if (r->dynamic) /* flags and lock are not known */
		return;
	switch (r->action) {
	case RC_FILE:
		check_folder(c, r, h, line);
		break;
	case RC_PIPE:
	case RC_CAPTURE:
		check_program(c, r, h, line);
		break;
	case RC_FORWARD:
		check_expand(c, line, r->text, EXPAND_WORDS, &words);
		if (words.bytes.n == 1)
			check_error(
			    c, line, "name an address", "forwarded to nobody");
		words_free(&words);
		break;
	case RC_BLOCK:
		if (h->lock.n > 0 && (h->flags & RC_COPY))
			check_lock(c, SPAN(""), h->lock, line);
		break;
	case RC_MISSING:
	case RC_INCOMPLETE:
		break;
	}
}
