/* test_visit.c - a visitor's imapd, and owners' imapd's that lie, end or hang
 *
 * The test is login and the owner's imapd at once.
 */

#include "imapd/session.h"

#include <sys/socket.h>
#include <unistd.h>

#include "calls/share_call.h"
#include "ipc/packet.h"
#include "os/file.h"
#include "tests/imapd/talk.h"
#include "tests/unit.h"

static char *base;
static struct talk t;
static struct imap_conf conf;
static int park; /* login's end */
static struct talk there; /* the visitor's imapd, as its host sees it */

static void
setup(void)
{
	int fds[2];

	base = scratch_maildir();
	scratch_write(base, "facteur.shared", "");
	conf = talk_conf;
	conf.acl = true;
	conf.shared = "#shared";
	ck_assert_int_eq(sock_pair(SOCK_SEQPACKET, false, fds), 0);
	park = fds[0];
	talk_park(&t, base, &conf, fds[1]);
	close(fds[1]);
	free(talk_until(&t, "* PREAUTH"));
	there.fd = -1;
	there.got = (struct buf)BUF_EMPTY;
}

static void
teardown(void)
{
	file_close(&there.fd);
	buf_free(&there.got);
	close(park);
	talk_end(&t);
	scratch_free(&base);
}

/* login: a question, answered; of a visit, there is the host's end. */
static void
answer(enum share_kind kind, enum auth_verdict verdict, const char *list)
{
	struct packet_out o = { .fd_count = 0 };
	struct packet_in in = { .bad = false };
	struct share_answer a = { .verdict = verdict,
		.text = SPAN("no"),
		.list = span_str(list),
		.fd = -1 };
	struct share_ask ask;
	int fds[2] = { -1, -1 };

	ck_assert_int_eq(packet_recv(park, &in), PACKET_OK);
	ck_assert(share_ask_get(&in, &ask));
	ck_assert_int_eq(ask.kind, kind);
	ck_assert(span_is(ask.pass, "pass"));
	if (kind == SHARE_VISIT)
		ck_assert(span_is(ask.owner, "ann"));
	if (kind == SHARE_VISIT && verdict == AUTH_OK) {
		ck_assert_int_eq(sock_pair(SOCK_STREAM, false, fds), 0);
		file_close(&there.fd);
		buf_clear(&there.got);
		there.fd = fds[0];
		a.fd = fds[1];
	}
	share_answer_put(&o, 0, &a);
	ck_assert_int_eq(packet_send(park, &o), 0);
	packet_done(&o);
	packet_in_done(&in);
	file_close(&fds[1]);
}

static void
say(const char *command)
{
	talk_send(&t, span_str(command));
	talk_send(&t, SPAN("\r\n"));
}

static void
expect(const char *start, const char *want)
{
	char *got = talk_until(&t, start);

	ck_assert_msg(
	    strstr(got, want) != NULL, "wanted %s in:\n%s", want, got);
	free(got);
}

static void
greet(void)
{
	talk_send(&there, SPAN("* PREAUTH [CAPABILITY IMAP4rev1] ready\r\n"));
}

START_TEST(refused)
{
	say("x SELECT #shared.ann.b");
	answer(SHARE_VISIT, AUTH_DENIED, "");
	expect("x ", "x NO [NONEXISTENT]");
	say("x SELECT #shared.ann.b");
	answer(SHARE_VISIT, AUTH_TROUBLE, "");
	expect("x ", "x NO [UNAVAILABLE]");
	TALK(&t, "NOOP", "x OK");
	/* none of these is asked about */
	TALK(&t, "SELECT #shared", "x NO [NONEXISTENT]");
	TALK(&t, "SELECT #shared.", "x NO [NONEXISTENT]");
	TALK(&t, "SELECT #sharedx", "x NO");
	/* login ends */
	ck_assert_int_eq(shutdown(park, SHUT_RDWR), 0);
	TALK(&t, "SELECT #shared.ann.b", "x NO [UNAVAILABLE]");
	TALK(&t, "NAMESPACE", ")) NIL NIL");
}
END_TEST

/* What comes behind an APPEND that is refused is its message still. */
START_TEST(append_refused)
{
	static const enum auth_verdict no[] = { AUTH_DENIED, AUTH_TROUBLE };
	char *got;

	for (size_t i = 0; i < UNIT_COUNT(no); i++) {
		say("x APPEND #shared.ann.b {23+}\r\ny CREATE evil\r\nz NOOP"
		    "\r\n () {8+}\r\nv NOOP\r\n");
		answer(SHARE_VISIT, no[i], "");
		say("w NOOP");
		got = talk_until(&t, "w ");
		ck_assert_msg(strstr(got, "x NO [") != NULL, "%s", got);
		ck_assert_msg(strstr(got, "y ") == NULL, "%s", got);
		ck_assert_msg(strstr(got, "z ") == NULL, "%s", got);
		ck_assert_msg(strstr(got, "v ") == NULL, "%s", got);
		free(got);
		/* one that waits to be told sends none */
		say("x APPEND #shared.ann.b {6}");
		answer(SHARE_VISIT, no[i], "");
		expect("x ", "x NO [");
		TALK(&t, "NOOP", "x OK");
	}
}
END_TEST

/* What a host says instead of a greeting. */
static const char *const greetings[] = { "", "* BYE no\r\n", "+ hello\r\n",
	"* OK hello\r\n", "\r\n", "x OK\r\n" };

START_TEST(no_greeting)
{
	say("x SELECT #shared.ann.b");
	answer(SHARE_VISIT, AUTH_OK, "");
	talk_send(&there, span_str(greetings[_i]));
	file_close(&there.fd);
	expect("x ", "x NO [UNAVAILABLE]");
	TALK(&t, "NOOP", "x OK");
}
END_TEST

/* What it says to SELECT before it ends, and what the client hears last. */
static const struct {
	const char *said, *start, *heard;
} lies[] = {
	{ "", "x ", "x NO [UNAVAILABLE]" },
	{ "* BYE I go\r\n", "x ", "x NO [UNAVAILABLE]" },
	{ "* 3 EXISTS\r\n", "x ", "x NO [UNAVAILABLE]" },
	{ "y OK [READ-WRITE] not yours\r\n", "x ", "x NO [UNAVAILABLE]" },
	{ "xx OK [READ-WRITE] not yours\r\n", "x ", "x NO [UNAVAILABLE]" },
	{ "* LIST () \".\" {9999999}\r\nabc", "abc* BYE", "gone away" },
	{ "* LIST () \".\" {99999999999999999999999}\r\n", "x ",
	    "x NO [UNAVAILABLE]" },
	{ "* LIST () \".\" {11}\r\nx OK done\r\n", "* BYE", "gone away" },
	/* a client may wait for a literal, or not */
	{ "* OK hello {30}\r\nx OK yes\r\n", "x ", "x NO [UNAVAILABLE]" },
	{ "x OK yes {30}\r\n", "x ", "x NO [UNAVAILABLE]" },
	{ "x NO [NONEXISTENT] none\r\n", "x ", "x NO [NONEXISTENT]" },
	{ "x BAD what\r\n", "x ", "x BAD what" },
	{ "x OK [READ-WRITE] yes\r\n", "x ", "x OK [READ-WRITE]" },
};

START_TEST(ends)
{
	say("x SELECT #shared.ann.b");
	answer(SHARE_VISIT, AUTH_OK, "");
	greet();
	free(talk_until(&there, "x SELECT #shared.ann.b"));
	talk_send(&there, span_str(lies[_i].said));
	file_close(&there.fd);
	expect(lies[_i].start, lies[_i].heard);
	/* one's own folders are served, unless the other's was selected */
	if (_i == UNIT_COUNT(lies) - 1) {
		say("x FETCH 1 FLAGS");
		expect("* BYE", "gone");
	} else if (lies[_i].start[0] == 'x') {
		TALK(&t, "SELECT INBOX", "x OK");
	}
}
END_TEST

/* A line that has no end costs no memory, and none of it is lost. */
START_TEST(long_line)
{
	static const char piece[] = "0123456789abcdef0123456789abcdef";
	size_t most = 200000, n = 0;
	char *got;

	say("x STATUS #shared.ann.b (MESSAGES)");
	answer(SHARE_VISIT, AUTH_OK, "");
	greet();
	free(talk_until(&there, "x STATUS"));
	talk_send(&there, SPAN("* STATUS "));
	for (size_t i = 0; i < most; i += sizeof(piece) - 1)
		talk_send(&there, span_str(piece));
	talk_send(&there, SPAN(" {7}\r\nx OK \r\n)\r\nx OK done\r\n"));
	got = talk_until(&t, "x OK done");
	n = strlen(got);
	ck_assert_uint_eq(
	    n, most + strlen("* STATUS  {7}\r\nx OK \r\n)\r\nx OK done\r\n"));
	free(got);
	TALK(&t, "NOOP", "x OK");
}
END_TEST

/* Of LIST's answers nothing gets through but what LIST asks for. */
START_TEST(listed)
{
	char *got;

	say("x LIST \"\" #shared.*");
	answer(SHARE_LIST, AUTH_OK, "ann\n");
	answer(SHARE_VISIT, AUTH_OK, "");
	greet();
	free(talk_until(&there, "~ LIST"));
	talk_send(&there,
	    SPAN("* 3 EXISTS\r\n* LIST () \".\" #shared.ann.b\r\n"
		 "* OK [ALERT] pay me\r\n* CAPABILITY IMAP4\r\n"
		 "+ more\r\nx OK early\r\n~ OK done\r\n"));
	got = talk_until(&t, "x ");
	ck_assert_str_eq(
	    got, "* LIST () \".\" #shared.ann.b\r\nx OK List completed\r\n");
	free(got);
	/* and one that ends does not end the client's LIST */
	say("x LIST \"\" #shared.*");
	answer(SHARE_LIST, AUTH_OK, "ann\n");
	free(talk_until(&there, "~ LIST"));
	file_close(&there.fd);
	expect("x ", "x OK");
	TALK(&t, "NOOP", "x OK");
}
END_TEST

/* A message that is larger than said, smaller, or none. */
static const struct {
	const char *said, *start, *heard;
} fetches[] = {
	{ "~ OK none\r\n", "x ", "Nothing" },
	{ "~ NO [NOPERM] no\r\n", "x ", "x NO [NOPERM] no" },
	{ "* 1 FETCH (UID 1 FLAGS () INTERNALDATE \" 1-Jan-2024 00:00:00 "
	  "+0000\" BODY[] {6}\r\nA: b\r\n)\r\n~ OK done\r\n",
	    "x ", "x OK [COPYUID" },
	{ "* 1 FETCH (UID 1 BODY[] {9}\r\nA: b\r\n)\r\n~ OK done\r\n", "* BYE",
	    "gone" },
	{ "* 1 FETCH (UID 1 BODY[] {99999999999}\r\nA: b\r\n", "* BYE",
	    "gone" },
	{ "* 1 FETCH (UID 1 BODY[] {0}\r\n)\r\n~ OK done\r\n", "x ", "x " },
};

START_TEST(copied)
{
	say("x SELECT #shared.ann.b");
	answer(SHARE_VISIT, AUTH_OK, "");
	greet();
	free(talk_until(&there, "x SELECT"));
	talk_send(&there, SPAN("x OK [READ-ONLY] yes\r\n"));
	expect("x ", "x OK");
	say("x COPY 1 INBOX");
	free(talk_until(&there, "~ FETCH 1 (UID FLAGS INTERNALDATE"));
	talk_send(&there, span_str(fetches[_i].said));
	file_close(&there.fd);
	expect(fetches[_i].start, fetches[_i].heard);
	ck_assert_int_eq(scratch_count(base, "tmp"), 0);
	ck_assert_int_eq(scratch_count(base, "new"),
	    _i == 2       ? 1
		: _i == 5 ? 1
			  : 0);
}
END_TEST

static void
select_there(void)
{
	say("x SELECT #shared.ann.b");
	answer(SHARE_VISIT, AUTH_OK, "");
	greet();
	free(talk_until(&there, "x SELECT"));
	talk_send(&there, SPAN("* 9 EXISTS\r\nx OK [READ-WRITE] yes\r\n"));
	expect("x ", "x OK");
}

/* A command that the client has sent already is not answered before its time.
 */
START_TEST(early_tag)
{
	char *got;

	select_there();
	say("x NOOP");
	free(talk_until(&there, "x NOOP"));
	talk_send(&there, SPAN("y OK done\r\n+ go on\r\n* 3 EXPUNGE\r\n"));
	talk_send(&there, SPAN("x OK noop\r\n"));
	got = talk_until(&t, "x ");
	ck_assert_str_eq(got, "* 3 EXPUNGE\r\nx OK noop\r\n");
	free(got);
}
END_TEST

/* Which commands say that the client knows of sequences, here as well. */
static const struct {
	const char *command;
	bool says;
} sequences[] = {
	{ "SEARCH SUBJECT MODSEQ", false },
	{ "SEARCH SUBJECT \"a MODSEQ 1\"", false },
	{ "SEARCH MODSEQ 1", true },
	{ "UID SEARCH UNSEEN MODSEQ 1", true },
	{ "FETCH 1 (FLAGS BODY.PEEK[HEADER.FIELDS (MODSEQ)])", false },
	{ "FETCH 1 (FLAGS MODSEQ)", true },
	{ "FETCH 1 FLAGS (CHANGEDSINCE 3)", true },
	{ "STORE 1 +FLAGS (UNCHANGEDSINCE)", false },
	{ "STORE 1 (UNCHANGEDSINCE 9) flags (x)", true },
	{ "SORT (DATE) UTF-8 SUBJECT \"x MODSEQ\"", false },
	{ "SORT (DATE) UTF-8 MODSEQ 1", true },
	{ "CHECK", false },
};

START_TEST(knows_sequences)
{
	char *line = mem_printf("x %s", sequences[_i].command), *got;

	scratch_write(base, "cur/1.M1P1.h:2,", "Subject: x\n\nbody\n");
	select_there();
	say(line);
	free(talk_until(&there, line));
	talk_send(&there, SPAN("x OK done\r\n"));
	expect("x ", "x OK");
	say("x SELECT INBOX");
	free(talk_until(&there, "~ UNSELECT"));
	talk_send(&there, SPAN("~ OK\r\n"));
	expect("x ", "x OK");
	got = talk_say(&t, "STORE 1 +FLAGS (\\Seen)");
	ck_assert_msg((strstr(got, "MODSEQ") != NULL) == sequences[_i].says,
	    "%s: %s", line, got);
	free(got);
	free(line);
}
END_TEST

/* The selected folder's messages are counted during LIST as well. */
START_TEST(list_counts)
{
	char *got;

	select_there();
	say("x LIST \"\" #shared.*");
	answer(SHARE_LIST, AUTH_OK, "ann\n");
	free(talk_until(&there, "~ LIST"));
	talk_send(&there,
	    SPAN("* 3 EXPUNGE\r\n* OK [ALERT] pay me\r\n* LIST () \".\" "
		 "#shared.ann.b\r\n* 8 EXISTS\r\n~ OK done\r\n"));
	got = talk_until(&t, "x ");
	ck_assert_str_eq(got,
	    "* 3 EXPUNGE\r\n* LIST () \".\" #shared.ann.b\r\n"
	    "* 8 EXISTS\r\nx OK List completed\r\n");
	free(got);
}
END_TEST

/* Nothing that may tell EXPUNGEs comes before the numbers are used. */
START_TEST(moved_by_number)
{
	char *asked;

	select_there();
	say("x MOVE 5 INBOX");
	asked = talk_until(&there, "~ FETCH 5 ");
	ck_assert_msg(strstr(asked, "EXPUNGE") == NULL, "%s", asked);
	free(asked);
	talk_send(&there,
	    SPAN("* 5 FETCH (UID 50 FLAGS ($one) BODY[] {6}\r\nA: b\r\n)\r\n"
		 "~ OK done\r\n"));
	free(talk_until(&there, "~ UID EXPUNGE 4294967295"));
	talk_send(&there, SPAN("* 2 EXPUNGE\r\n~ OK done\r\n"));
	free(talk_until(&there, "~ UID STORE 50 +FLAGS.SILENT (\\Deleted)"));
	talk_send(&there, SPAN("~ OK done\r\n"));
	free(talk_until(&there, "~ UID EXPUNGE 50"));
	talk_send(&there, SPAN("* 4 EXPUNGE\r\n~ OK done\r\n"));
	expect("x ", "* 4 EXPUNGE\r\nx OK Move completed");
	ck_assert_int_eq(scratch_count(base, "new"), 1);
}
END_TEST

/* Far more than was asked for. */
START_TEST(too_many)
{
	select_there();
	say("x COPY 1 INBOX");
	free(talk_until(&there, "~ FETCH 1 "));
	for (int i = 0; i < 1000; i++)
		talk_send(&there,
		    SPAN("* 1 FETCH (UID 1 FLAGS ($one $two) BODY[] "
			 "{6}\r\nA: b\r\n)\r\n"));
	talk_send(&there, SPAN("~ OK done\r\n"));
	expect("x ", "x NO [LIMIT]");
	ck_assert_int_eq(scratch_count(base, "new"), 0);
	ck_assert_int_eq(scratch_count(base, "tmp"), 0);
}
END_TEST

static void
fill(TCase *c)
{
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, refused);
	tcase_add_test(c, append_refused);
	tcase_add_test(c, early_tag);
	tcase_add_loop_test(c, knows_sequences, 0, UNIT_COUNT(sequences));
	tcase_add_test(c, list_counts);
	tcase_add_test(c, moved_by_number);
	tcase_add_test(c, too_many);
	tcase_add_loop_test(c, no_greeting, 0, UNIT_COUNT(greetings));
	tcase_add_loop_test(c, ends, 0, UNIT_COUNT(lies));
	tcase_add_test(c, long_line);
	tcase_add_test(c, listed);
	tcase_add_loop_test(c, copied, 0, UNIT_COUNT(fetches));
}

int
main(void)
{
	return unit_main("imapd/visit", fill);
}
