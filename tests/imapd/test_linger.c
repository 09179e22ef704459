/*
 * test_linger.c - one imapd serves many pages and does not grow
 *
 * Sanitizers look for what was lost at its end; its own memory shows what
 * is still held. FACTEUR_PAGES says how many pages, where that is not enough.
 */

#include "imapd/linger.h"

#include "base/log.h"
#include "base/number.h"
#include "calls/park_call.h"
#include "imapd/session.h"
#include "ipc/packet.h"
#include "tests/imapd/talk.h"
#include "tests/unit.h"

enum { PAGES = 120, WARM = 40, GROWTH_KB = 192 };

static char *base;
static struct talk page;
static int park;

static void
begin(void)
{
	struct imap_start start = { .park = -1,
		.held = -1,
		.conf = &talk_conf,
		.user = SPAN("user"),
		.mail = base,
		.client_addr = SPAN("192.0.2.1"),
		.control = { -1, talk_no_stop } };
	int fds[2], parks[2];

	ck_assert_int_eq(sock_pair(SOCK_STREAM, false, fds), 0);
	ck_assert_int_eq(sock_pair(SOCK_SEQPACKET, false, parks), 0);
	page.pid = fork();
	ck_assert_int_ne(page.pid, -1);
	if (page.pid == 0) {
		log_to(open("/dev/null", O_WRONLY | O_CLOEXEC), true, "imapd");
		close(fds[0]);
		close(parks[0]);
		start.in = start.out = fds[1];
		exit(linger(&start, parks[1]));
	}
	close(fds[1]);
	close(parks[1]);
	page.fd = fds[0];
	park = parks[0];
	free(talk_until(&page, "* PREAUTH"));
}

/* What pages of a webmail ask, and what they should not. */
static const char *const commands[] = {
	"ENABLE CONDSTORE UTF8=ACCEPT",
	"LIST \"\" * RETURN (SUBSCRIBED SPECIAL-USE STATUS (MESSAGES UNSEEN))",
	"GETQUOTAROOT INBOX",
	"SELECT INBOX",
	"UID FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE "
	"BODYSTRUCTURE PREVIEW EMAILID THREADID)",
	"UID SORT (REVERSE ARRIVAL) UTF-8 ALL",
	"UID THREAD REFERENCES UTF-8 ALL",
	"UID SEARCH RETURN (ALL SAVE) TEXT hello",
	"UID FETCH $ (BODY.PEEK[] BINARY.PEEK[1])",
	"UID STORE 1:* +FLAGS (\\Seen $Work)",
	"UID STORE 1:* -FLAGS (\\Seen $Work)",
	"APPEND Other (\\Draft kw) {30+}\r\nSubject: d\r\n\r\nhello a "
	"draft\r\n\r\n",
	"COPY 1:2 Other",
	"SETMETADATA INBOX (/private/comment \"x\")",
	"GETMETADATA INBOX /private/comment",
	"NOTIFY SET (SELECTED (MessageNew (FLAGS) MessageExpunge))",
	"NOTIFY NONE",
	"UID SEARCH RETURN (UPDATE) UNSEEN",
	"STATUS Other (MESSAGES SIZE)",
	"SELECT Other",
	"STORE 1:* +FLAGS.SILENT (\\Deleted)",
	"EXPUNGE",
	"CREATE New",
	"RENAME New Newer",
	"DELETE Newer",
	"FETCH 1:999 (NO SUCH",
	"SELECT \"none of that name\"",
	"UNKNOWN",
};

/* One page; some end in the middle of a command. */
static void
use(unsigned number)
{
	for (int i = 0; i < UNIT_COUNT(commands); i++) {
		if (number % 7 == 3 && i == (int)(number / 7) % 20) {
			talk_send(&page, SPAN("x APPEND Other {100+}\r\nhal"));
			return;
		}
		free(talk_say(&page, commands[i]));
	}
}

static void
next(void)
{
	struct packet_in in = { .bad = false };
	struct packet_out o = { .fd_count = 0 };
	int fds[2];

	close(page.fd);
	buf_clear(&page.got);
	ck_assert_int_eq(packet_recv(park, &in), PACKET_OK);
	ck_assert(park_free_get(&in));
	packet_in_done(&in);
	ck_assert_int_eq(sock_pair(SOCK_STREAM, false, fds), 0);
	park_join_put(&o, SPAN("192.0.2.2"), fds[1]);
	ck_assert_int_eq(packet_send(park, &o), 0);
	packet_done(&o);
	close(fds[1]);
	page.fd = fds[0];
	free(talk_until(&page, "* PREAUTH"));
}

/* Kilobytes of memory that no file backs: what is written to the index counts
 * as private too until the kernel has put it to disk. The allocator keeps some
 * 100 more or less. */
static unsigned long
anonymous_kb(void)
{
	char *path = mem_printf("/proc/%d/smaps_rollup", (int)page.pid);
	char line[256];
	unsigned long kb = 0, n;
	FILE *f = fopen(path, "re");

	ck_assert_ptr_nonnull(f);
	while (fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "Anonymous: %lu", &n) == 1)
			kb = n;
	(void)fclose(f);
	free(path);
	return kb;
}

static unsigned
descriptors(void)
{
	char *path = mem_printf("/proc/%d", (int)page.pid);
	unsigned n = scratch_count(path, "fd");

	free(path);
	return n;
}

static unsigned
pages(void)
{
	const char *text = getenv("FACTEUR_PAGES");
	uint64_t n = PAGES;

	if (text != NULL)
		ck_assert(number_parse(span_str(text), WARM, UINT32_MAX, &n));
	return (unsigned)n;
}

START_TEST(test_grows_not)
{
	unsigned long warm = 0, last;
	unsigned open_then = 0;

	base = scratch_maildir();
	for (int i = 0; i < 20; i++) {
		char *name = mem_printf("cur/%d.M1P1.h:2,", i + 1);

		scratch_write(base, name,
		    "Subject: s\nMessage-ID: <a@b>\nReferences: <c@d>\n"
		    "Content-Type: multipart/mixed; boundary=b\n\n"
		    "--b\n\nhello\n--b\nContent-Type: text/html\n\n<p>x\n"
		    "--b--\n");
		free(name);
	}
	begin();
	free(talk_say(&page, "CREATE Other"));
	for (unsigned i = 0; i < pages(); i++) {
		use(i);
		next();
		if (i == WARM) {
			warm = anonymous_kb();
			open_then = descriptors();
		}
	}
	last = anonymous_kb();
	ck_assert_uint_eq(descriptors(), open_then);
#if !defined(__SANITIZE_ADDRESS__) /* it keeps what was freed */
	ck_assert_msg(
	    last <= warm + GROWTH_KB, "%lu kB, then %lu kB", warm, last);
#endif
	close(park);
	talk_end(&page);
	scratch_free(&base);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_set_timeout(t, 1200);
	tcase_add_test(t, test_grows_not);
}

int
main(void)
{
	return unit_main("imapd/linger", fill);
}
