/* snapshot.h - all that an IMAP client can see of an account, to be compared */

#ifndef TESTS_IMAPD_SNAPSHOT_H
#define TESTS_IMAPD_SNAPSHOT_H

#include <inttypes.h>

#include "tests/imapd/talk.h"

enum { SNAP_FOLDERS = 12, SNAP_MESSAGES = 64, SNAP_WORD = 48, SNAP_TEXT = 256 };

struct snap_folder {
	char name[SNAP_WORD];
	char guid[SNAP_TEXT]; /* MAILBOXID */
	char note[SNAP_TEXT]; /* of METADATA */
	unsigned long validity, next;
	unsigned long long highest;
	bool subscribed;
	bool asked; /* by QRESYNC, and so vanished is right: */
	char vanished[SNAP_TEXT];
};

struct snap_message {
	size_t folder;
	unsigned long uid;
	unsigned long long modseq;
	char subject[SNAP_WORD];
	char flags[SNAP_TEXT]; /* " \Seen kw ", sorted */
	bool whole;
	bool news; /* told by QRESYNC as changed since */
};

struct snapshot {
	struct snap_folder folders[SNAP_FOLDERS];
	size_t folder_count;
	struct snap_message list[SNAP_MESSAGES];
	size_t count;
};

static inline unsigned long long
snap_number(const char *text, const char *before)
{
	const char *at = strstr(text, before);

	return at == NULL ? 0 : strtoull(at + strlen(before), NULL, 10);
}

/* What stands between the two in text; "" when it is not there. */
static inline void
snap_between(char *out, size_t room, const char *text, const char *before,
    const char *after)
{
	const char *at = strstr(text, before);
	const char *end =
	    at == NULL ? NULL : strstr(at + strlen(before), after);

	out[0] = '\0';
	if (end == NULL)
		return;
	at += strlen(before);
	ck_assert_int_lt(end - at, (int)room);
	memcpy(out, at, (size_t)(end - at));
	out[end - at] = '\0';
}

/* The next word of *at, which ends before sep; false at the end. */
static inline bool
snap_word(const char **at, char sep, char *out, size_t room)
{
	const char *end;

	while (**at == sep)
		(*at)++;
	if (**at == '\0')
		return false;
	end = strchr(*at, sep);
	if (end == NULL)
		end = *at + strlen(*at);
	ck_assert_int_lt(end - *at, (int)room);
	memcpy(out, *at, (size_t)(end - *at));
	out[end - *at] = '\0';
	*at = end;
	return true;
}

static inline int
snap_word_cmp(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* "\Seen b a" to " \Seen a b ", without \Recent. */
static inline void
snap_sort_flags(char *flags)
{
	char words[32][SNAP_WORD];
	const char *rest = flags;
	size_t n = 0, at = 0;

	while (n < 32 && snap_word(&rest, ' ', words[n], SNAP_WORD))
		n += strcmp(words[n], "\\Recent") != 0;
	qsort(words, n, sizeof(words[0]), snap_word_cmp);
	flags[at++] = ' ';
	flags[at] = '\0';
	for (size_t i = 0; i < n; i++)
		at += (size_t)snprintf(
		    flags + at, SNAP_TEXT - at, "%s ", words[i]);
}

static inline struct snap_folder *
snap_folder(struct snapshot *s, const char *name)
{
	for (size_t i = 0; i < s->folder_count; i++)
		if (strcmp(s->folders[i].name, name) == 0)
			return &s->folders[i];
	return NULL;
}

static inline const struct snap_folder *
snap_by_guid(const struct snapshot *s, const char *guid)
{
	for (size_t i = 0; i < s->folder_count; i++)
		if (strcmp(s->folders[i].guid, guid) == 0)
			return &s->folders[i];
	return NULL;
}

/* The next "* LIST (...) "." NAME"; NULL when there is none. */
static inline const char *
snap_list_line(const char *at, char *name, bool *can)
{
	char line[SNAP_TEXT];

	at = strstr(at, "* LIST ");
	if (at == NULL)
		return NULL;
	snap_between(line, sizeof(line), at, "* ", "\r\n");
	*can = strstr(line, "\\No") == NULL; /* \Noselect, \NonExistent */
	snap_between(name, SNAP_WORD, at, "\".\" ", "\r\n");
	if (name[0] == '"') {
		memmove(name, name + 1, strlen(name));
		name[strlen(name) - 1] = '\0';
	}
	return at + 7;
}

static inline void
snap_folders(struct snapshot *s, struct talk *t)
{
	char *got = talk_say(t, "LIST \"\" * RETURN (SUBSCRIBED)");
	char name[SNAP_WORD], line[SNAP_TEXT];
	bool can;

	for (const char *at = got, *next;
	     (next = snap_list_line(at, name, &can)) != NULL; at = next) {
		struct snap_folder *f = &s->folders[s->folder_count];

		if (!can)
			continue;
		ck_assert_uint_lt(s->folder_count, SNAP_FOLDERS);
		s->folder_count++;
		(void)snprintf(f->name, sizeof(f->name), "%s", name);
		snap_between(line, sizeof(line), next, "(", ")");
		f->subscribed = strstr(line, "\\Subscribed") != NULL;
	}
	free(got);
}

static inline void
snap_message(struct snapshot *s, size_t folder, const char *at)
{
	struct snap_message *m = &s->list[s->count++];
	char text[SNAP_TEXT], want[SNAP_TEXT];

	ck_assert_uint_le(s->count, SNAP_MESSAGES);
	m->folder = folder;
	m->uid = snap_number(at, "UID ");
	m->modseq = snap_number(at, "MODSEQ (");
	snap_between(m->flags, sizeof(m->flags), at, "FLAGS (", ")");
	snap_sort_flags(m->flags);
	snap_between(m->subject, sizeof(m->subject), at, "Subject: ", "\r\n");
	snap_between(text, sizeof(text), at, "BODY[TEXT] {", ")\r\n");
	(void)snprintf(want, sizeof(want), "}\r\nbody of %s\r\n", m->subject);
	m->whole = strstr(text, want) != NULL;
}

static inline void
snap_messages(struct snapshot *s, size_t folder, const char *got)
{
	for (const char *at = strstr(got, " FETCH ("); at != NULL;
	     at = strstr(at + 1, " FETCH ("))
		snap_message(s, folder, at);
}

/* What a client that has the folder as it was then is told first. */
static inline void
snap_qresync(struct snapshot *s, struct snap_folder *f, const char *got)
{
	f->asked = true;
	snap_between(f->vanished, sizeof(f->vanished), got,
	    "VANISHED (EARLIER) ", "\r\n");
	for (const char *at = strstr(got, " FETCH ("); at != NULL;
	     at = strstr(at + 1, " FETCH (")) {
		unsigned long uid = snap_number(at, "UID ");

		for (size_t i = 0; i < s->count; i++)
			if (s->list[i].uid == uid &&
			    &s->folders[s->list[i].folder] == f)
				s->list[i].news = true;
	}
}

/* Select and ask all at once: three tagged answers, the last with x. */
static inline char *
snap_ask(
    struct talk *t, const struct snap_folder *f, const struct snap_folder *was)
{
	struct buf line = BUF_EMPTY;
	char *got;

	buf_printf(&line, "s SELECT %s", f->name);
	if (was != NULL)
		buf_printf(&line, " (QRESYNC (%lu %llu 1:%lu))", was->validity,
		    was->highest, was->next);
	buf_printf(&line, "\r\ng GETMETADATA %s /private/comment\r\n", f->name);
	buf_add_str(&line,
	    "f UID FETCH 1:* (FLAGS MODSEQ "
	    "BODY.PEEK[HEADER.FIELDS (SUBJECT)] BODY.PEEK[TEXT])\r\n"
	    "x UNSELECT\r\n");
	talk_send(t, buf_span(&line));
	got = talk_until(t, "x ");
	ck_assert_msg(strstr(got, "\ns OK") != NULL &&
		strstr(got, "\ng OK") != NULL && strstr(got, "\nf OK") != NULL,
	    "%s: %s", buf_str(&line), got);
	buf_free(&line);
	return got;
}

static inline void
snap_look(
    struct snapshot *s, size_t i, struct talk *t, const struct snapshot *before)
{
	struct snap_folder *f = &s->folders[i];
	const struct snap_folder *was = NULL;
	char *got, *rest;

	for (size_t k = 0; before != NULL && k < before->folder_count; k++)
		if (strcmp(before->folders[k].name, f->name) == 0)
			was = &before->folders[k];
	got = snap_ask(t, f, was);
	rest = strstr(got, "\ns OK");
	rest[1] = '\0';
	rest += 2;
	f->validity = snap_number(got, "[UIDVALIDITY ");
	f->next = snap_number(got, "[UIDNEXT ");
	f->highest = snap_number(got, "[HIGHESTMODSEQ ");
	snap_between(f->guid, sizeof(f->guid), got, "[MAILBOXID (", ")");
	snap_between(
	    f->note, sizeof(f->note), rest, "/private/comment ", ")\r\n");
	snap_messages(s, i, rest);
	if (was != NULL && was->validity == f->validity)
		snap_qresync(s, f, got);
	free(got);
}

/* Look at all of the Maildir with a session of its own; with before, as a
 * client that had seen that. To be freed. */
static inline struct snapshot *
snap_take(const char *mail, const struct imap_conf *conf,
    const struct snapshot *before)
{
	struct snapshot *s = mem_new(sizeof(*s));
	struct talk t;

	talk_begin(&t, mail, conf);
	free(talk_say(&t, "ENABLE QRESYNC"));
	snap_folders(s, &t);
	for (size_t i = 0; i < s->folder_count; i++)
		snap_look(s, i, &t, before);
	free(talk_say(&t, "LOGOUT"));
	talk_end(&t);
	return s;
}

#endif
