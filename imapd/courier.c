/* courier.c - what imapd takes from Courier's file of that name */

#include "imapd/courier.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/number.h"
#include "base/why.h"
#include "config/courier.h"
#include "imapd/session.h"
#include "mailbox/folder.h"

enum { DAY = 86400, DAYS_MAX = 36500 };

/* Names are written as clients do, or without what all begin with. */
static struct span
name_of(const struct imap_conf *conf, struct arena *a, struct span name)
{
	const char *prefix = conf->folders.prefix;
	struct buf full = BUF_EMPTY;

	if (!span_starts(name, prefix))
		buf_add_str(&full, prefix);
	buf_add_span(&full, name);
	name = arena_span(a, buf_span(&full));
	buf_free(&full);
	return name;
}

bool
imapd_emptytrash(struct span value, struct arena *a, struct imap_conf *out)
{
	struct span one, name, rest = span_trim(value);
	int days;

	out->purge_count = 0;
	if (number_parse_int(rest, 1, DAYS_MAX, &days)) {
		out->purges[out->purge_count++] =
		    (struct imap_purge){ span_str(out->trash),
			    (int64_t)days * DAY };
		return true;
	}
	while (span_cut(&rest, ',', &one)) {
		one = span_trim(one);
		if (one.n == 0)
			continue;
		if (!span_cut(&one, ':', &name) ||
		    !number_parse_int(span_trim(one), 1, DAYS_MAX, &days) ||
		    name.n == 0 || out->purge_count == IMAP_PURGES_MAX)
			return false;
		out->purges[out->purge_count++] =
		    (struct imap_purge){ name_of(out, a, span_trim(name)),
			    (int64_t)days * DAY };
	}
	return true;
}

/* Or none (RFC 5322, 2.2). */
static bool
is_field_name(struct span name)
{
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] <= ' ' || name.p[i] > '~' || name.p[i] == ':')
			return false;
	return true;
}

static bool
is_directory(const struct imap_conf *conf, const char *dir)
{
	struct buf name = BUF_EMPTY;
	bool good = dir[0] == '.' &&
	    folder_from_dir(&conf->folders, span_str(dir), &name);

	buf_free(&name);
	return good;
}

static bool
refuse(const struct courier *c, const char *name, const char *wanted,
    struct why *why)
{
	why_set(why, "4.3.5", "%s, line %u: %s=%s: %s", courier_file(c),
	    courier_line(c, name), name, courier_get(c, name), wanted);
	return false;
}

/* A folder's directory, as in Courier: ".Outbox". */
static bool
take_outbox(const struct courier *c, struct arena *a, struct imap_conf *out,
    struct why *why)
{
	const char *dir = courier_get(c, "OUTBOX");
	const char *program = courier_get(c, "SENDMAIL");
	const char *header = courier_get(c, "HEADERFROM");

	if (!courier_yes(
		c, "OUTBOX_MULTIPLE_SEND", false, &out->outbox_many, why))
		return false;
	if (dir == NULL || dir[0] == '\0')
		return true;
	if (!is_directory(out, dir))
		return refuse(c, "OUTBOX",
		    "wanted is a folder's directory, such as .Outbox", why);
	if (program == NULL || program[0] == '\0')
		program = "/usr/sbin/sendmail";
	if (program[0] != '/')
		return refuse(c, "SENDMAIL", "it must begin with /", why);
	if (header == NULL)
		header = "X-IMAP-Sender";
	if (!is_field_name(span_str(header)))
		return refuse(
		    c, "HEADERFROM", "no header has such a name", why);
	out->outbox = arena_str(a, dir);
	out->sendmail = arena_str(a, program);
	out->outbox_header = arena_str(a, header);
	return true;
}

/* 022 is what Courier's own file has, so nobody has asked for it; mail stays
 * its owner's then. */
static bool
take_umask(const struct courier *c, struct imap_conf *out, struct why *why)
{
	const char *text = courier_get(c, "IMAP_UMASK");
	unsigned mask = 022;

	if (text != NULL && text[0] != '\0' &&
	    (!number_parse_octal(span_str(text), 0777, &mask) ||
		(mask & 0700) != 0))
		return refuse(c, "IMAP_UMASK",
		    "wanted are rights of the group and others to be taken "
		    "away, such as 007",
		    why);
	out->more = mask == 022 ? 0 : (mode_t)(077 & ~mask);
	return true;
}

static bool
take(const struct courier *c, struct arena *a, struct imap_conf *out,
    struct why *why)
{
	const char *trash = courier_get(c, "IMAP_TRASHFOLDERNAME");
	const char *empty = courier_get(c, "IMAP_EMPTYTRASH");
	const char *keywords = courier_get(c, "IMAP_KEYWORDS");

	/* 2 is 1 by another algorithm */
	out->no_keywords = keywords != NULL && span_is(span_str(keywords), "0");
	if (trash == NULL || trash[0] == '\0')
		trash = "Trash";
	out->trash = name_of(out, a, span_str(trash)).p;
	if (!courier_yes(c, "IMAP_ACL", out->acl, &out->acl, why) ||
	    !courier_yes(
		c, "IMAP_MOVE_EXPUNGE_TO_TRASH", false, &out->to_trash, why) ||
	    !courier_yes(
		c, "IMAP_LOG_DELETIONS", false, &out->log_deletions, why) ||
	    !take_umask(c, out, why) || !take_outbox(c, a, out, why))
		return false;
	if (empty == NULL || imapd_emptytrash(span_str(empty), a, out))
		return true;
	why_set(why, "4.3.5",
	    "%s, line %u: IMAP_EMPTYTRASH=%s: wanted are folders and days, "
	    "such as Trash:7,Junk:30",
	    courier_file(c), courier_line(c, "IMAP_EMPTYTRASH"), empty);
	return false;
}

bool
imapd_courier(
    const char *path, struct arena *a, struct imap_conf *out, struct why *why)
{
	struct courier *c = courier_load(path, true, why);
	bool good;

	if (c == NULL)
		return false;
	good = take(c, a, out, why);
	courier_free(&c);
	return good;
}
