/* test_imap_url.c - IMAP URLs of a message or a part of it */

#include "wire/imap_url.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "tests/unit.h"

/* What becomes of it: "mailbox validity uid NAME", or NULL. */
static const struct {
	const char *url, *want;
} urls[] = {
	{ "/INBOX/;UID=1", "INBOX 0 1 BODY[]" },
	{ "/INBOX;UIDVALIDITY=7/;UID=1", "INBOX 7 1 BODY[]" },
	{ "/INBOX;uidvalidity=7/;uid=20/;section=HEADER",
	    "INBOX 7 20 BODY[HEADER]" },
	{ "/a/b.c/;UID=9/;SECTION=1.2.MIME", "a/b.c 0 9 BODY[1.2.MIME]" },
	{ "/a/;UID=9/;SECTION=1.2/;PARTIAL=5.10", "a 0 9 BODY[1.2]<5>" },
	{ "/a/;UID=9/;PARTIAL=5", "a 0 9 BODY[]<5>" },
	{ "/caf%C3%A9/;UID=9", "caf\xc3\xa9 0 9 BODY[]" },
	{ "/a%2fb&c=d/;UID=9", "a/b&c=d 0 9 BODY[]" },
	{ "/a/;UID=9/;SECTION=HEADER.FIELDS%20(to%20From)",
	    "a 0 9 BODY[HEADER.FIELDS (to From)]" },
	{ "", NULL },
	{ "/", NULL },
	{ "//host/a/;UID=9", NULL },
	{ "imap://host/a/;UID=9", NULL },
	{ ";UID=9", NULL },
	{ "a/;UID=9", NULL },
	{ "/a", NULL },
	{ "/a;UIDVALIDITY=7", NULL },
	{ "/a;UID=9", NULL },
	{ "/;UID=9", NULL },
	{ "/a/;UID=0", NULL },
	{ "/a/;UID=4294967296", NULL },
	{ "/a/;UID=9x", NULL },
	{ "/a;UIDVALIDITY=0/;UID=9", NULL },
	{ "/a;UIDVALIDITY=7;UID=9", NULL },
	{ "/a/;UID=9;SECTION=1", NULL },
	{ "/a/;UID=9/;SECTION=", NULL },
	{ "/a/;UID=9/;SECTION=x", NULL },
	{ "/a/;UID=9/;SECTION=1]x", NULL },
	{ "/a/;UID=9/;SECTION=1%5D", NULL },
	{ "/a/;UID=9/;PARTIAL=", NULL },
	{ "/a/;UID=9/;PARTIAL=1.0", NULL },
	{ "/a/;UID=9/;PARTIAL=1.2.3", NULL },
	{ "/a/;UID=9/;PARTIAL=1/;SECTION=1", NULL },
	{ "/a/;UID=9;URLAUTH=anonymous", NULL },
	{ "/a/;UID=9/", NULL },
	{ "/%/;UID=9", NULL },
	{ "/%0/;UID=9", NULL },
	{ "/%00/;UID=9", NULL },
	{ "/%ff/;UID=9", NULL },
	{ "/a b/;UID=9", NULL },
	{ "/caf\xc3\xa9/;UID=9", NULL },
};

START_TEST(url)
{
	struct arena *a = arena_new();
	struct buf got = BUF_EMPTY;
	struct imap_url u;

	if (!imap_url_parse(a, span_str(urls[_i].url), &u)) {
		ck_assert_msg(urls[_i].want == NULL, "%s", urls[_i].url);
	} else {
		buf_add_span(&got, u.mailbox);
		buf_printf(&got, " %u %u ", u.validity, u.uid);
		imap_fetch_name(&got, &u.part);
		ck_assert_msg(urls[_i].want != NULL, "%s: %s", urls[_i].url,
		    buf_str(&got));
		ck_assert_str_eq(buf_str(&got), urls[_i].want);
		ck_assert(u.part.peek);
	}
	buf_free(&got);
	arena_free(&a);
}
END_TEST

static void
fill(TCase *c)
{
	tcase_add_loop_test(c, url, 0, UNIT_COUNT(urls));
}

int
main(void)
{
	return unit_main("wire/imap_url", fill);
}
