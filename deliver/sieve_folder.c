/*
 * sieve_folder.c - a message into a folder that a Sieve script names
 *
 * Folders are those of IMAP: "Lists.foo" and "INBOX.Lists.foo" are one, and so
 * is "Lists/foo" as scripts of other servers have it.
 */

#include "deliver/sieve_folder.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "deliver/box.h"
#include "deliver/conf.h"
#include "deliver/mail.h"
#include "mailbox/arrive.h"
#include "mailbox/flags.h"
#include "mailbox/folder.h"
#include "mailbox/maildir.h"
#include "mailbox/store.h"
#include "mailbox/subs.h"
#include "mailbox/tree.h"
#include "mailbox/use.h"
#include "os/users.h"
#include "sieve/run.h"

static const struct folder_conf naming = {
	.prefix = "INBOX.", .separator = '.', .alias = true
};

/* The user's Maildir; NULL: the mailbox is none, or why. */
static struct tree *
tree_of(struct mail *m, struct why *why)
{
	const struct deliver_conf *c = m->place->conf;
	const char *path = NULL;
	struct tree *t;

	if (*c->home_mailbox != '\0' &&
	    span_ends(span_str(c->home_mailbox), "/"))
		path = arena_printf(
		    m->arena, "%s/%s", m->place->user->home, c->home_mailbox);
	else if (*c->home_mailbox == '\0' && box_spool_path(m) == NULL)
		path = arena_printf(m->arena, "%s%s/", c->mail_spool_directory,
		    m->place->user->name);
	t = path == NULL ? NULL : tree_open(AT_FDCWD, path, &naming, why);
	if (t != NULL)
		tree_keep_indexes(t, c->index_directory);
	return t;
}

static struct span
name_of(struct mail *m, struct span name)
{
	bool whole = span_iis(name, "INBOX") || span_istarts(name, "INBOX.") ||
	    span_istarts(name, "INBOX/");
	char *copy = arena_printf(m->arena, "%s%.*s",
	    whole ? "" : naming.prefix, (int)name.n, name.p);
	struct span got = span_str(copy);

	for (size_t i = 0; i < got.n; i++)
		if (copy[i] == '/')
			copy[i] = '.';
	return got;
}

bool
sieve_folder_exists(struct mail *m, struct span name)
{
	enum tree_result got;
	struct why why;
	struct tree *t;
	struct maildir *md = NULL;
	bool there;

	why_init(&why);
	t = tree_of(m, &why);
	if (t != NULL)
		md = tree_folder(t, name_of(m, name), &got, &why);
	there = md != NULL;
	maildir_close(&md);
	tree_close(&t);
	why_free(&why);
	return there;
}

/* The folder for a use, by the names that IMAP tells it by; NULL: none. */
static struct maildir *
folder_for(struct tree *t, struct mail *m, struct span use)
{
	size_t i = uses_find(use);
	struct maildir *md = NULL;
	enum tree_result got;
	const char *name;
	struct why why;

	why_init(&why);
	for (size_t k = 0;
	     i < USES && md == NULL && (name = uses_name(i, k)) != NULL; k++)
		md = tree_folder(t, name_of(m, span_str(name)), &got, &why);
	why_free(&why);
	return md;
}

bool
sieve_folder_has_use(struct mail *m, struct span name, struct span use)
{
	struct span plain = span_skip(name_of(m, name), strlen(naming.prefix));
	struct maildir *md = NULL;
	struct why why;
	struct tree *t;
	bool there;

	if (name.n > 0)
		return uses_find(use) < USES &&
		    uses_of(plain) == uses_find(use) &&
		    sieve_folder_exists(m, name);
	why_init(&why);
	t = tree_of(m, &why);
	if (t != NULL)
		md = folder_for(t, m, use);
	there = md != NULL;
	maildir_close(&md);
	tree_close(&t);
	why_free(&why);
	return there;
}

/* ---- flags */

static unsigned
flag_bit(struct span name)
{
	static const struct {
		const char *name;
		unsigned bit;
	} known[] = { { "\\Seen", FLAG_SEEN }, { "\\Answered", FLAG_ANSWERED },
		{ "\\Flagged", FLAG_FLAGGED }, { "\\Deleted", FLAG_DELETED },
		{ "\\Draft", FLAG_DRAFT } };

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (span_iis(name, known[i].name))
			return known[i].bit;
	return 0;
}

struct marks {
	unsigned flags;
	struct span *keywords;
	size_t count;
};

static struct marks
marks_of(struct mail *m, const struct sieve_action *a)
{
	struct marks k = { .keywords = arena_array(m->arena, a->flag_count + 1,
			       sizeof(struct span)) };

	for (size_t i = 0; i < a->flag_count; i++) {
		unsigned bit = flag_bit(a->flags[i]);

		k.flags |= bit;
		if (bit == 0)
			k.keywords[k.count++] = a->flags[i];
	}
	return k;
}

/* ---- storing */

struct target {
	struct maildir *md;
	struct tree *tree;
	const struct sieve_action *action;
	struct span message;
};

static int
write_all(struct mail *m, const struct target *to, struct store_file *f,
    struct why *why)
{
	size_t count;
	struct store_piece *all;

	if (to->action->head.p != NULL) { /* the script has changed it */
		struct span rest = span_skip(to->message, to->action->tail);

		return store_add(f, to->action->head, why) == -1
		    ? -1
		    : store_add(f, rest, why);
	}
	all = mail_pieces(m, m->trace, &count);

	for (size_t i = 0; i < count; i++) {
		const struct store_piece *p = &all[i];
		int got = p->fd == -1
		    ? store_add(f, p->bytes, why)
		    : store_add_file(f, p->fd, p->at, p->n, why);

		if (got == -1)
			return -1;
	}
	return 0;
}

static struct arrive *
begin_numbers(struct mail *m, const struct target *to)
{
	/* a folder that a group shares has its list for the group */
	mode_t mask = umask(007);
	struct arrive *arrive;
	struct why why;

	why_init(&why);
	arrive = arrive_begin(to->md, to->tree, &why);
	(void)umask(mask);
	if (arrive == NULL)
		log_warning("%s: a message has lost its keywords: %s",
		    m->place->user->name, why_text(&why));
	why_free(&why);
	return arrive;
}

/* Keywords need a number in the folder's list, which is given before the
 * message is seen there. Without them it is delivered all the same. */
static enum outcome
finish(struct mail *m, const struct target *to, struct store_file *f,
    struct why *why)
{
	const struct marks k = marks_of(m, to->action);
	const struct store_how how = { .flags = k.flags };
	const struct arrive_files files = { &f, &how, 1, .anyway = true };
	struct arrive_message one = { .keywords = k.keywords,
		.keyword_count = k.count };
	struct arrive *arrive = k.count > 0 ? begin_numbers(m, to) : NULL;
	enum outcome got;

	if (arrive == NULL)
		return store_finish(&f, &how, 1, why);
	got = arrive_store(arrive, &files, &one, why) == 0 ? DONE : DEFER;
	arrive_end(&arrive);
	return got;
}

static enum outcome
put(struct mail *m, void *arg, uint64_t *size, struct why *why)
{
	const struct target *to = arg;
	struct store_file *f = store_begin(to->md, why);
	enum outcome got = DEFER;

	if (f == NULL)
		return DEFER;
	if (write_all(m, to, f, why) == 0)
		got = finish(m, to, f, why);
	*size = store_size(f);
	store_drop(&f);
	return got;
}

/* Where nothing is known of subscriptions the first login makes them. */
static void
subscribe(struct tree *t, struct mail *m, struct span name)
{
	struct why why;

	if (!subs_known(t))
		return;
	why_init(&why);
	if (subs_set(t, name, true, &why) == -1)
		log_warning("%s: a new folder is not subscribed to: %s",
		    m->place->user->name, why_text(&why));
	why_free(&why);
}

static struct maildir *
folder_open(struct tree *t, struct mail *m, const struct sieve_action *a,
    enum tree_result *got, struct why *why)
{
	struct span name = name_of(m, a->text);
	struct maildir *md = a->use.n == 0 ? NULL : folder_for(t, m, a->use);

	if (md == NULL)
		md = tree_folder(t, name, got, why);
	if (md != NULL || *got != TREE_MISSING || !a->create)
		return md;
	*got = tree_make(t, name, why);
	if (*got != TREE_DONE && *got != TREE_EXISTS)
		return NULL;
	if (*got == TREE_DONE)
		subscribe(t, m, name);
	return tree_folder(t, name, got, why);
}

bool
sieve_folder_store(struct mail *m, struct span message,
    const struct sieve_action *a, enum outcome *got, struct why *why)
{
	enum tree_result found = TREE_TROUBLE;
	struct target to = {
		.tree = tree_of(m, why), .action = a, .message = message
	};
	bool none;

	if (to.tree == NULL) {
		*got = DEFER;
		return buf_span(&why->text).n > 0;
	}
	to.md = folder_open(to.tree, m, a, &found, why);
	none = to.md == NULL && found != TREE_TROUBLE;
	if (to.md != NULL)
		*got = box_deliver_in(m, tree_inbox(to.tree), put, &to, why);
	else if (!none)
		why_set(why, "4.3.0", "the folder cannot be opened");
	*got = none || to.md != NULL ? *got : DEFER;
	maildir_close(&to.md);
	tree_close(&to.tree);
	return !none;
}
