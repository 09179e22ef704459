/* test_courier.c - imapd/courier.h */

#include "imapd/courier.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/why.h"
#include "imapd/session.h"
#include "tests/unit.h"

enum { DAY = 86400 };

static const struct {
	const char *value;
	bool good;
	const char *first, *second; /* names; NULL: there is none */
	int days;
} rows[] = {
	{ "Trash:7", true, "INBOX.Trash", NULL, 7 },
	{ "7", true, "INBOX.Trash", NULL, 7 },
	{ " Trash:7 , INBOX.Junk:30 ", true, "INBOX.Trash", "INBOX.Junk", 7 },
	{ "Old.Trash:1,", true, "INBOX.Old.Trash", NULL, 1 },
	{ "", true, NULL, NULL, 0 },
	{ "Trash", false, NULL, NULL, 0 },
	{ "Trash:", false, NULL, NULL, 0 },
	{ "Trash:0", false, NULL, NULL, 0 },
	{ "Trash:-1", false, NULL, NULL, 0 },
	{ "Trash:7d", false, NULL, NULL, 0 },
	{ ":7", false, NULL, NULL, 0 },
	{ "0", false, NULL, NULL, 0 },
	{ "a:1,b:1,c:1,d:1,e:1,f:1,g:1,h:1,i:1,j:1,k:1,l:1,m:1,n:1,o:1,p:1",
	    true, "INBOX.a", "INBOX.b", 1 },
	{ "a:1,b:1,c:1,d:1,e:1,f:1,g:1,h:1,i:1,j:1,k:1,l:1,m:1,n:1,o:1,p:1,q:1",
	    false, NULL, NULL, 0 },
};

START_TEST(emptytrash)
{
	struct imap_conf conf = { .folders = { "INBOX.", '.', FOLDER_AUTO,
				      true },
		.trash = "INBOX.Trash" };
	struct arena *a = arena_new();
	bool good = imapd_emptytrash(span_str(rows[_i].value), a, &conf);

	ck_assert_int_eq(good, rows[_i].good);
	if (!good)
		conf.purge_count = 0;
	ck_assert_int_eq(conf.purge_count > 0, rows[_i].first != NULL);
	if (rows[_i].first != NULL) {
		ck_assert(span_is(conf.purges[0].name, rows[_i].first));
		ck_assert_int_eq(
		    conf.purges[0].seconds, (int64_t)rows[_i].days * DAY);
	}
	ck_assert_int_eq(conf.purge_count > 1, rows[_i].second != NULL);
	if (rows[_i].second != NULL)
		ck_assert(span_is(conf.purges[1].name, rows[_i].second));
	arena_free(&a);
}
END_TEST

/* What a file of that text says. */
static bool
take(const char *text, struct imap_conf *conf, struct arena *a, struct why *why)
{
	char path[] = "/tmp/facteur-test-XXXXXX";
	int fd = mkstemp(path);
	bool good;

	*conf = (struct imap_conf){ .folders = {
					"INBOX.", '.', FOLDER_AUTO, true } };
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	good = imapd_courier(path, a, conf, why);
	close(fd);
	unlink(path);
	return good;
}

/* Only 0 forbids keywords. */
START_TEST(keywords)
{
	static const struct {
		const char *text;
		bool none;
	} cases[] = { { "", false }, { "IMAP_KEYWORDS=0\n", true },
		{ "IMAP_KEYWORDS=1\n", false },
		{ "IMAP_KEYWORDS=2\n", false } };
	struct arena *a = arena_new();
	struct imap_conf conf;
	struct why why;

	why_init(&why);
	ck_assert_msg(
	    take(cases[_i].text, &conf, a, &why), "%s", why_text(&why));
	ck_assert(conf.no_keywords == cases[_i].none);
	arena_free(&a);
	why_free(&why);
}
END_TEST

static const struct {
	const char *text;
	bool good;
	unsigned more;
} masks[] = {
	{ "", true, 0 },
	{ "IMAP_UMASK=022\n", true, 0 },
	{ "IMAP_UMASK=077\n", true, 0 },
	{ "IMAP_UMASK=007\n", true, 0070 },
	{ "IMAP_UMASK=0027\n", true, 0050 },
	{ "IMAP_UMASK=2\n", true, 0075 },
	{ "IMAP_UMASK=0\n", true, 0077 },
	{ "IMAP_UMASK=700\n", false, 0 },
	{ "IMAP_UMASK=1007\n", false, 0 },
	{ "IMAP_UMASK=8\n", false, 0 },
	{ "IMAP_UMASK=u=rw\n", false, 0 },
};

START_TEST(masks_read)
{
	struct arena *a = arena_new();
	struct imap_conf got;
	struct why why;

	why_init(&why);
	ck_assert_msg(take(masks[_i].text, &got, a, &why) == masks[_i].good,
	    "%s", masks[_i].text);
	if (masks[_i].good)
		ck_assert_uint_eq(got.more, masks[_i].more);
	arena_free(&a);
	why_free(&why);
}
END_TEST

static const struct {
	const char *text;
	bool good;
	const char *outbox, *program, *header;
} outboxes[] = {
	{ "", true, NULL, NULL, NULL },
	{ "SENDMAIL=sendmail\nHEADERFROM=a b\n", true, NULL, NULL, NULL },
	{ "OUTBOX=\n", true, NULL, NULL, NULL },
	{ "OUTBOX=.Outbox\n", true, ".Outbox", "/usr/sbin/sendmail",
	    "X-IMAP-Sender" },
	{ "OUTBOX=.a.b\nSENDMAIL=/bin/s\nHEADERFROM=X-A\n", true, ".a.b",
	    "/bin/s", "X-A" },
	{ "OUTBOX=.a\nHEADERFROM=\n", true, ".a", "/usr/sbin/sendmail", "" },
	{ "OUTBOX=Outbox\n", false, NULL, NULL, NULL },
	{ "OUTBOX=..\n", false, NULL, NULL, NULL },
	{ "OUTBOX=.\n", false, NULL, NULL, NULL },
	{ "OUTBOX=./a\n", false, NULL, NULL, NULL },
	{ "OUTBOX=.a\nSENDMAIL=sendmail\n", false, NULL, NULL, NULL },
	{ "OUTBOX=.a\nHEADERFROM='a b'\n", false, NULL, NULL, NULL },
	{ "OUTBOX=.a\nHEADERFROM=From:\n", false, NULL, NULL, NULL },
	{ "OUTBOX=.a\nOUTBOX_MULTIPLE_SEND=x\n", false, NULL, NULL, NULL },
};

static bool
same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

START_TEST(outbox)
{
	struct arena *a = arena_new();
	struct imap_conf conf;
	struct why why;
	bool good;

	why_init(&why);
	good = take(outboxes[_i].text, &conf, a, &why);
	ck_assert_msg(good == outboxes[_i].good, "%s: %s", outboxes[_i].text,
	    why_text(&why));
	if (good)
		ck_assert_msg(same(conf.outbox, outboxes[_i].outbox) &&
			same(conf.sendmail, outboxes[_i].program) &&
			same(conf.outbox_header, outboxes[_i].header),
		    "%s: %s, %s, %s", outboxes[_i].text, conf.outbox,
		    conf.sendmail, conf.outbox_header);
	arena_free(&a);
	why_free(&why);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, masks_read, 0, UNIT_COUNT(masks));
	tcase_add_loop_test(t, outbox, 0, UNIT_COUNT(outboxes));
	tcase_add_loop_test(t, keywords, 0, 4);
	tcase_add_loop_test(t, emptytrash, 0, UNIT_COUNT(rows));
}

int
main(void)
{
	return unit_main("imapd/courier", fill);
}
