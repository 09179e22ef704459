/*
 * acl_file.c - facteur.acl: a folder's list, on disk
 *
 * Three files may be there. Ours goes before the others: it was made from them
 * when the list was changed for the first time.
 */

#include "mailbox/acl_file.h"

#include <errno.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/why.h"
#include "mailbox/maildir.h"
#include "mailbox/side_file.h"
#include "os/file.h"

/* The list by the folder's name, or by that of the nearest one above. */
static int
read_by_name(const struct acl_place *p, struct buf *out)
{
	struct span name = p->name;
	struct buf file = BUF_EMPTY;
	int got = 0;

	while (got == 0 && p->names != -1 && name.n > 0) {
		buf_clear(&file);
		buf_add_span(&file, name);
		if (span_at(name, 0) != '.' && span_find(name, '/') == name.n &&
		    name.n <= ACL_ID_MAX)
			got = side_read(
			    p->names, buf_str(&file), ACL_TEXT_MAX, out);
		name = span_head(name,
		    span_rfind(name, '.') < name.n ? span_rfind(name, '.') : 0);
	}
	buf_free(&file);
	return got;
}

/* As side_read(): whatever file counts. */
static int
read_any(const struct acl_place *p, struct buf *out, const char **file,
    enum acl_form *form)
{
	static const struct {
		const char *file;
		enum acl_form form;
	} own[] = {
		{ ACL_FILE, ACL_FORM_OWN },
		{ ACL_COURIER_FILE, ACL_FORM_COURIER },
		{ ACL_DOVECOT_FILE, ACL_FORM_DOVECOT },
	};
	int got;

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		*file = own[i].file;
		*form = own[i].form;
		got = side_read(maildir_dir(p->m), *file, ACL_TEXT_MAX, out);
		if (got != 0)
			return got;
	}
	*file = ACL_COURIER_NAMES;
	*form = ACL_FORM_COURIER;
	return read_by_name(p, out);
}

int
acl_file_read(const struct acl_place *p, struct arena *a, struct acl *out,
    struct why *why)
{
	struct buf text = BUF_EMPTY;
	enum acl_form form;
	const char *file;
	int got = read_any(p, &text, &file, &form);

	*out = (struct acl){ .count = 0 };
	if (got == -1 && errno == EFBIG) {
		log_warning("%s/%s: too long; it gives nobody but the owner "
			    "rights",
		    maildir_path(p->m), file);
		out->found = true;
		got = 0;
	} else if (got == -1) {
		(void)side_trouble(p->m, "read", file, why);
	} else if (got == 1 && !acl_parse(a, buf_span(&text), form, out)) {
		log_warning("%s/%s: a line is not understood; nobody but the "
			    "owner has rights",
		    maildir_path(p->m), file);
	}
	out->found = out->found || got == 1;
	buf_free(&text);
	return got == -1 ? -1 : 0;
}

int
acl_file_write(const struct maildir *m, const struct acl *acl, struct why *why)
{
	struct buf text = BUF_EMPTY;
	int got;

	acl_put(&text, acl);
	got = file_replace(
	    maildir_dir(m), ACL_FILE, buf_span(&text), maildir_file_mode(m));
	if (got == -1)
		(void)side_trouble(m, "write", ACL_FILE, why);
	buf_free(&text);
	return got;
}

int
acl_file_export(
    const struct maildir *m, bool dovecot, struct buf *out, struct why *why)
{
	struct arena *a = arena_new();
	struct buf text = BUF_EMPTY;
	struct acl acl;
	int got = side_read(maildir_dir(m), ACL_FILE, ACL_TEXT_MAX, &text);
	bool whole;

	if (got == -1) {
		(void)side_trouble(m, "read", ACL_FILE, why);
	} else if (got == 1) {
		whole = acl_parse(a, buf_span(&text), ACL_FORM_OWN, &acl);
		whole = (dovecot ? acl_put_dovecot(out, &acl)
				 : acl_put_courier(out, &acl)) &&
		    whole;
		if (!whole)
			log_warning("%s/%s: cannot be told to another program; "
				    "it has the owner alone",
			    maildir_path(m), ACL_FILE);
	}
	buf_free(&text);
	arena_free(&a);
	return got;
}

static enum acl_file_result
change_locked(const struct acl_place *p, enum acl_op op,
    const struct acl_entry *e, struct why *why)
{
	struct arena *a = arena_new();
	enum acl_file_result got = ACL_FILE_TROUBLE;
	struct acl old, fresh;

	if (acl_file_read(p, a, &old, why) == -1)
		got = ACL_FILE_TROUBLE;
	else if (!acl_change(a, &old, op, e, &fresh))
		got = ACL_FILE_TOO_MANY;
	else if (acl_file_write(p->m, &fresh, why) == 0)
		got = ACL_FILE_DONE;
	arena_free(&a);
	return got;
}

enum acl_file_result
acl_file_change(const struct acl_place *p, enum acl_op op,
    const struct acl_entry *e, struct why *why)
{
	int lock = side_lock(p->m, ACL_FILE, 0, why), error;
	enum acl_file_result got = ACL_FILE_TROUBLE;

	if (lock != -1)
		got = change_locked(p, op, e, why);
	error = errno;
	file_close(&lock);
	errno = error;
	return got;
}
