/* test_imap_notify.c - what NOTIFY and ESEARCH say of mailboxes */

#include "wire/imap_notify.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "tests/unit.h"
#include "wire/imap_fetch.h"

static void
put_filter(struct buf *out, const struct imap_filter *f)
{
	buf_printf(out, "%d", (int)f->kind);
	for (size_t i = 0; i < f->count; i++)
		buf_printf(out, " %.*s", (int)f->names[i].n, f->names[i].p);
}

/* "kind names", a '|' between. */
static const struct {
	const char *text, *want;
} sources[] = {
	{ "IN (selected)", "0" },
	{ "in (Selected personal)", "0|3" },
	{ "IN (mailboxes \"a b\" subtree (c d) subtree-one e subscribed)",
	    "7 a b|5 c d|6 e|4" },
	{ "IN (inboxes)", "2" },
	{ "IN ()", NULL },
	{ "IN selected", NULL },
	{ "IN (selected-delayed)", NULL },
	{ "IN (mailboxes)", NULL },
	{ "IN (mailboxes ())", NULL },
	{ "IN (personal (x))", NULL },
	{ "IN (selected ", NULL },
};

START_TEST(source)
{
	struct arena *a = arena_new();
	struct span rest = span_str(sources[_i].text);
	struct imap_sources s;
	struct buf got = BUF_EMPTY;

	if (imap_sources(a, &rest, &s)) {
		for (size_t i = 0; i < s.count; i++) {
			buf_add_str(&got, i > 0 ? "|" : "");
			put_filter(&got, &s.list[i]);
		}
		ck_assert_msg(sources[_i].want != NULL, "%s", sources[_i].text);
		ck_assert_str_eq(buf_str(&got), sources[_i].want);
	} else {
		ck_assert_msg(sources[_i].want == NULL, "%s", sources[_i].text);
	}
	buf_free(&got);
	arena_free(&a);
}
END_TEST

/* "kind names=events+items", "STATUS " before; or "NONE". */
static const struct {
	const char *text, *want;
} sets[] = {
	{ " NONE", "NONE" },
	{ " none\r\n", "NONE" },
	{ " SET (selected NONE)", "0=0" },
	{ " SET STATUS (personal (MessageNew MessageExpunge))", "STATUS 3=3" },
	{ " SET (selected (MessageNew (UID FLAGS) MessageExpunge FlagChange))",
	    "0=7+2" },
	{ " SET (selected-delayed (MessageExpunge MessageNew))"
	  " (subtree (a b) (MailboxName SubscriptionChange))"
	  " (mailboxes c (MailboxMetadataChange ServerMetadataChange))",
	    "1=3|5 a b=24|7 c=96" },
	{ " SET (personal (AnnotationChange MessageNew MessageExpunge))",
	    "3=131" },
	{ " SET (selected (Foo))", "0=128" },
	/* 5: which go together */
	{ " SET (personal (MessageNew))", NULL },
	{ " SET (personal (MessageExpunge))", NULL },
	{ " SET (personal (FlagChange))", NULL },
	/* 6.1: of the selected one messages only, and once */
	{ " SET (selected (MailboxName))", NULL },
	{ " SET (selected NONE) (selected-delayed NONE)", NULL },
	/* 8: attributes of the selected one only */
	{ " SET (personal (MessageNew (UID) MessageExpunge))", NULL },
	{ " SET (selected (MessageNew () MessageExpunge))", NULL },
	{ " SET (subtree-one a (MailboxName))", NULL },
	{ " SET", NULL },
	{ " SET STATUS", NULL },
	{ " SET (personal)", NULL },
	{ " SET (personal ())", NULL },
	{ " SET personal NONE", NULL },
	{ " SET (selected MessageNew)", NULL },
	{ " NONE x", NULL },
	{ " SET (personal NONE) x", NULL },
	{ "", NULL },
};

START_TEST(set)
{
	struct arena *a = arena_new();
	struct imap_notify n;
	struct buf got = BUF_EMPTY;

	if (imap_notify_parse(a, span_str(sets[_i].text), &n)) {
		buf_add_str(&got, n.none ? "NONE" : n.status ? "STATUS " : "");
		for (size_t i = 0; i < n.count; i++) {
			const struct imap_notify_group *g = &n.groups[i];

			buf_add_str(&got, i > 0 ? "|" : "");
			put_filter(&got, &g->filter);
			buf_printf(&got, "=%u", g->events);
			if (g->fetch != NULL)
				buf_printf(&got, "+%zu", g->fetch->count);
		}
		ck_assert_msg(sets[_i].want != NULL, "%s", sets[_i].text);
		ck_assert_str_eq(buf_str(&got), sets[_i].want);
	} else {
		ck_assert_msg(sets[_i].want == NULL, "%s", sets[_i].text);
	}
	buf_free(&got);
	arena_free(&a);
}
END_TEST

START_TEST(events)
{
	struct buf b = BUF_EMPTY;

	imap_put_events(&b, 0);
	buf_add_byte(&b, ',');
	imap_put_events(&b,
	    EVENT_MESSAGE_NEW | EVENT_MESSAGE_EXPUNGE | EVENT_MAILBOX_METADATA);
	ck_assert_str_eq(buf_str(&b),
	    "NONE,(MessageNew MessageExpunge MailboxMetadataChange)");
	buf_free(&b);
}
END_TEST

static void
fill(TCase *c)
{
	tcase_add_test(c, events);
	tcase_add_loop_test(c, source, 0, UNIT_COUNT(sources));
	tcase_add_loop_test(c, set, 0, UNIT_COUNT(sets));
}

int
main(void)
{
	return unit_main("wire/imap_notify", fill);
}
