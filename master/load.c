/*
 * load.c - the configuration, read and laid over what runs
 *
 * A reload makes all new rows first, taking the old ones' sockets over as far
 * as they listen on the same; only when all succeeded are the old rows let go
 * and their children asked to drain. No port is closed and opened again, no
 * session dropped. When anything fails, the old configuration goes on.
 */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/why.h"
#include "config/master_cf.h"
#include "config/param.h"
#include "config/places.h"
#include "config/remarks.h"
#include "master/child.h"
#include "master/conf.h"
#include "master/courier_switch.h"
#include "master/master.h"
#include "master/roles.h"
#include "master/row.h"
#include "master/spool.h"
#include "master/switch.h"

/* What is read before anything changes. */
struct fresh {
	struct arena *arena;
	struct main_cf *main_cf;
	struct master_conf *conf;
	struct accounts accounts;
	struct master_cf *master_cf;
	struct list rows;
};

static struct row *
row_find(struct list *rows, const struct master_row *spec)
{
	LIST_EACH(l, rows)
	{
		struct row *r = LIST_OF(l, struct row, in);

		if (strcmp(r->name, spec->column[MASTER_SERVICE]) == 0 &&
		    strcmp(r->type, master_type_name(spec->type)) == 0)
			return r;
	}
	return NULL;
}

/* pop3 and pop3s rows of login belong to the pop3 group. */
static bool
in_group(const struct master *m, const struct master_row *spec)
{
	const struct role *role = role_find(master_row_program(spec));
	const char *group = role == NULL ? "" : role->group;

	if (m->group == NULL)
		return true;
	if (role != NULL && strcmp(role->program, "login") == 0 &&
	    strncmp(spec->column[MASTER_SERVICE], "pop3", 4) == 0)
		group = "pop3";
	return strcmp(group, m->group) == 0;
}

/* The listener of the old rows that gave its descriptor to this one. */
static struct row_listener *
giver_of(struct list *rows, const struct row_listener *l)
{
	LIST_EACH(k, rows)
	{
		struct row *r = LIST_OF(k, struct row, in);

		for (size_t i = 0; i < r->listener_count; i++)
			if (r->listeners[i].fd == -1 &&
			    strcmp(r->listeners[i].key, l->key) == 0)
				return &r->listeners[i];
	}
	return NULL;
}

/* Listeners that a failed reload took are given back to the old rows. */
static void
give_back(struct list *from, struct list *to)
{
	LIST_EACH(l, from)
	{
		struct row *r = LIST_OF(l, struct row, in);

		for (size_t i = 0; i < r->listener_count; i++) {
			struct row_listener *was =
			    giver_of(to, &r->listeners[i]);

			if (was == NULL)
				continue;
			was->fd = r->listeners[i].fd;
			r->listeners[i].fd = -1;
		}
	}
}

static int
rows_make(struct master *m, struct fresh *f, struct why *why)
{
	size_t n;
	const struct master_row *specs = master_cf_rows(f->master_cf, &n);

	for (size_t i = 0; i < n; i++) {
		struct row *r;

		if (master_row_folded(&specs[i]) || !in_group(m, &specs[i]) ||
		    service_is_disabled(f->conf->master_service_disable,
			specs[i].column[MASTER_SERVICE],
			master_type_name(specs[i].type)))
			continue;
		if (courier_switched_off(m->config_dir, &specs[i], why))
			continue;
		if (why->outcome != DONE)
			return -1;
		r = row_new(m, &specs[i], row_find(&m->rows, &specs[i]), why);
		if (r == NULL)
			return -1;
		list_add_tail(&f->rows, &r->in);
	}
	return 0;
}

static void
rows_free(struct list *rows)
{
	while (!list_empty(rows)) {
		struct row *r = LIST_OF(rows->next, struct row, in);

		row_free(&r);
	}
}

/* Old children drain beside the new ones; of those that may not run twice, the
 * new row waits for the end of the old. */
static void
children_pass(struct row *old, struct row *fresh)
{
	while (!list_empty(&old->children)) {
		struct child *c = LIST_OF(old->children.next, struct child, in);

		if (fresh == NULL) {
			child_orphan(c);
			continue;
		}
		child_drain(c, false);
		list_remove(&c->in);
		list_add_tail(&fresh->children, &c->in);
		c->row = fresh;
	}
}

static void
rows_replace(struct master *m, struct fresh *f)
{
	while (!list_empty(&m->rows)) {
		struct row *old = LIST_OF(m->rows.next, struct row, in);
		struct row *fresh = NULL;

		LIST_EACH(l, &f->rows)
		{
			struct row *r = LIST_OF(l, struct row, in);

			if (strcmp(r->name, old->name) == 0 &&
			    strcmp(r->type, old->type) == 0)
				fresh = r;
		}
		children_pass(old, fresh);
		row_free(&old);
	}
	while (!list_empty(&f->rows)) {
		struct list *l = list_pop(&f->rows);

		list_add_tail(&m->rows, l);
		row_start(LIST_OF(l, struct row, in));
	}
}

/* A value that makes no sense ends the programs that read it. What runs is not
 * given up for it; at a start all else may run. */
static bool
values_bad(const struct master *m, const struct fresh *f, struct why *why)
{
	size_t at = 0;
	struct why bad;

	if (m->conf != NULL)
		return param_check_next(f->main_cf, &at, why);
	why_init(&bad);
	while (param_check_next(f->main_cf, &at, &bad))
		log_error("%s", why_text(&bad));
	why_free(&bad);
	return false;
}

static int
read_all(struct master *m, struct fresh *f, struct why *why)
{
	f->arena = arena_new();
	list_init(&f->rows);
	f->conf = master_conf_read(f->arena, m->config_dir, &f->main_cf, why);
	if (f->conf == NULL ||
	    accounts_find(f->conf, &f->accounts, why) == -1 ||
	    spool_make(f->conf, &f->accounts, why) == -1)
		return -1;
	if (!master_log_allowed(f->conf, why))
		return -1;
	f->master_cf = master_cf_load(m->config_dir, why);
	return f->master_cf == NULL || values_bad(m, f, why) ? -1 : 0;
}

static void
remark(void *arg, bool warning, const char *text)
{
	(void)arg;
	if (warning)
		log_warning("%s", text);
	else
		log_info("%s", text);
}

/* What is said in vain is told once by the group whose files it stands in. */
static void
remarks_log(const struct master *m, const struct fresh *f)
{
	static const struct {
		const char *group;
		enum place place;
	} files[] = { { "imap", PLACE_IMAPD }, { "pop3", PLACE_POP3D },
		{ "auth", PLACE_AUTHDAEMONRC } };
	struct why why;

	if (m->group == NULL || strcmp(m->group, "mta") == 0)
		remarks_main(f->main_cf, f->master_cf, remark, NULL);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (m->group != NULL && strcmp(m->group, files[i].group) != 0)
			continue;
		why_init(&why);
		if (!remarks_courier(
			m->config_dir, files[i].place, remark, NULL, &why))
			log_error("%s", why_text(&why));
		why_free(&why);
	}
}

int
master_load(struct master *m, struct why *why)
{
	struct fresh f = { .arena = NULL };
	struct fresh old = { .arena = m->arena, .main_cf = m->main_cf };
	struct master_conf *old_conf = m->conf;
	int got = read_all(m, &f, why);

	if (got == 0) {
		m->conf = f.conf;
		got = rows_make(m, &f, why);
	}
	if (got == -1) {
		m->conf = old_conf;
		give_back(&f.rows, &m->rows);
		rows_free(&f.rows);
		master_cf_free(&f.master_cf);
		main_cf_free(&f.main_cf);
		arena_free(&f.arena);
		return -1;
	}
	remarks_log(m, &f);
	m->arena = f.arena;
	m->main_cf = f.main_cf;
	m->accounts = f.accounts;
	rows_replace(m, &f);
	master_cf_free(&f.master_cf);
	main_cf_free(&old.main_cf);
	arena_free(&old.arena);
	return 0;
}
