/* The envelope and the content, and their odd ends. */

#include "smtp/delivery.h"

#include "tests/smtp/script.h"

START_TEST(lmtp)
{
	static const char *const rcpts[] = { THREE_RCPT };
	static const struct want want[] = { { DONE, "2.0.0", "250 2.0.0 b" },
		{ BOUNCE, "5.1.1", "550 5.1.1 unknown" },
		{ DEFER, "4.2.2",
		    "452 4.2.2 full (in reply to end of DATA command)" } };
	struct delivery_rcpt list[3];
	struct delivery_request r;

	w.names = names;
	world_conf("lmtp_skip_quit_response = yes\n");
	world_script(1,
	    SCRIPT{ "S 220 LMTP", "C LHLO client.example\r\n", "S 250-x",
		"S 250 PIPELINING", MAIL, RCPT1, RCPT2, RCPT3, DATA, OK, OK,
		"S 550 5.1.1 unknown", OK, GO, "M", "S 250 2.0.0 b",
		"S 452 4.2.2 full", QUIT, NULL });
	r = world_request(letter, "mx1.x.example", list, rcpts);
	world_deliver(&r, true);
	check_results(want, 3);
	check_scripts();
}
END_TEST

/* What was said for some before it broke is kept. */
START_TEST(lmtp_breaks_between_words)
{
	static const char *const rcpts[] = { THREE_RCPT };
	static const struct want want[] = { { DONE, "2.0.0", "250 2.0.0 b" },
		{ DEFER, "4.4.2", "lost connection" },
		{ DEFER, "4.4.2", "lost connection" } };
	struct delivery_rcpt list[3];
	struct delivery_request r;

	w.names = names;
	world_script(1,
	    SCRIPT{ "S 220 LMTP", "C LHLO client.example\r\n", "S 250 x", MAIL,
		OK, RCPT1, OK, RCPT2, OK, RCPT3, OK, DATA, GO, "M",
		"S 250 2.0.0 b", "CLOSE" });
	r = world_request(letter, "mx1.x.example", list, rcpts);
	world_deliver(&r, true);
	check_results(want, 3);
}
END_TEST

START_TEST(notifications)
{
	static const char *const rcpts[] = { "b@x.example", "c@x.example",
		NULL };
	static const struct want want[] = { { DONE, "2.1.0", "" },
		{ DONE, "2.1.0", "" } };
	struct delivery_rcpt list[2];
	struct delivery_request r;

	w.names = names;
	world_script(1,
	    SCRIPT{ GREET, "S 250-mx", "S 250-8BITMIME", "S 250 DSN",
		"C MAIL FROM:<> BODY=8BITMIME RET=HDRS ENVID=a+2Bb\r\n", OK,
		"C RCPT TO:<b@x.example> NOTIFY=SUCCESS,DELAY "
		"ORCPT=rfc822;o+3Dx@y\r\n",
		OK, "C RCPT TO:<c@x.example> NOTIFY=NEVER\r\n", OK, DATA, GO,
		"M", OK, QUIT, NULL });
	r = world_request(letter, "lone.example", list, rcpts);
	r.sender = SPAN("");
	r.ret = RET_HDRS;
	r.envid = SPAN("a+b");
	r.flags = QUEUE_8BIT;
	list[0].notify = NOTIFY_SUCCESS | NOTIFY_DELAY;
	list[0].orcpt = SPAN("rfc822;o=x@y");
	list[1].notify = NOTIFY_NEVER;
	world_deliver(&r, false);
	check_results(want, 2);
	check_scripts();
}
END_TEST

static const struct {
	unsigned flags;
	const char *const *script;
	struct want want;
} flagged[] = {
	/* nothing in it needs what was asked for */
	{ QUEUE_SMTPUTF8, SCRIPT{ PLAIN, TAKES, QUIT, NULL },
	    { DONE, "2.0.0", "" } },
	{ QUEUE_SMTPUTF8,
	    SCRIPT{ GREET, "S 250-mx", "S 250 SMTPUTF8",
		"C MAIL FROM:<a@client.example> SMTPUTF8\r\n", OK, RCPT1, OK,
		DATA, GO, "M", OK, QUIT, NULL },
	    { DONE, "2.1.0", "" } },
	/* sent as it is, and said so */
	{ QUEUE_8BIT, SCRIPT{ PLAIN, TAKES, QUIT, NULL },
	    { DONE, "2.0.0", "" } },
};

START_TEST(flags)
{
	static const char *const rcpts[] = { ONE_RCPT };
	struct delivery_rcpt list[1];
	struct delivery_request r;

	w.names = names;
	world_script(1, flagged[_i].script);
	r = world_request(letter, "lone.example", list, rcpts);
	r.flags = flagged[_i].flags;
	world_deliver(&r, false);
	check_results(&flagged[_i].want, 1);
	check_scripts();
}
END_TEST

/* More than the sockets hold, with dots and long lines. */
START_TEST(large)
{
	static const char *const rcpts[] = { ONE_RCPT };
	static const struct want want = { DONE, "2.1.0", "" };
	struct buf text = BUF_EMPTY, sent = BUF_EMPTY;
	struct delivery_rcpt list[1];
	struct delivery_request r;

	for (int i = 0; i < 60000; i++) {
		buf_printf(&text, "%s line %d of the message\n",
		    i % 3 == 0 ? "." : "", i);
		buf_printf(&sent, "%s line %d of the message\r\n",
		    i % 3 == 0 ? ".." : "", i);
	}
	buf_add_str(&sent, ".\r\n");
	w.names = names;
	world_script(1,
	    SCRIPT{
		PLAIN, MAIL, OK, RCPT1, OK, DATA, GO, "M", OK, QUIT, NULL });
	r = world_request(buf_str(&text), "lone.example", list, rcpts);
	world_deliver(&r, false);
	check_results(&want, 1);
	check_scripts();
	ck_assert(span_eq(buf_span(&w.message), buf_span(&sent)));
	buf_free(&text);
	buf_free(&sent);
}
END_TEST

/* A server that has enough in the middle of a large message: its word counts,
 * though not as success. */
static const struct {
	const char *reply;
	struct want want;
} enough[] = {
	{ "S 552 5.3.4 too much", { BOUNCE, "5.3.4", "552 5.3.4 too much" } },
	{ "S 421 4.3.1 no room", { DEFER, "4.3.1", "421 4.3.1 no room" } },
	{ "S 250 2.0.0 got it", { DEFER, "4.0.0", "250 2.0.0 got it" } },
};

START_TEST(cut_off)
{
	static const char *const rcpts[] = { ONE_RCPT };
	struct buf text = BUF_EMPTY;
	struct delivery_rcpt list[1];
	struct delivery_request r;

	for (int i = 0; i < 400000; i++)
		buf_printf(&text, "line %d of the message\n", i);
	w.names = names;
	world_script(1,
	    SCRIPT{ PLAIN, MAIL, OK, RCPT1, OK, DATA, GO, enough[_i].reply,
		"STALL" });
	r = world_request(buf_str(&text), "lone.example", list, rcpts);
	world_deliver(&r, false);
	check_results(&enough[_i].want, 1);
	buf_free(&text);
}
END_TEST

/* The queue file is shorter than its envelope says: no final dot. */
START_TEST(file_too_short)
{
	static const char *const rcpts[] = { ONE_RCPT };
	static const struct want want = { DEFER, "4.3.0",
		"queue file read error" };
	struct delivery_rcpt list[1];
	struct delivery_request r;

	w.names = names;
	world_script(
	    1, SCRIPT{ PLAIN, MAIL, OK, RCPT1, OK, DATA, GO, "STALL" });
	r = world_request(letter, "lone.example", list, rcpts);
	r.content_size += 1000;
	world_deliver(&r, false);
	check_results(&want, 1);
	ck_assert_uint_eq(w.message.n, 0);
}
END_TEST

/* RFC 3030: one chunk, once it is known who gets it. */
START_TEST(chunk)
{
	static const char *const rcpts[] = { "b@x.example", "c@x.example",
		NULL };
	static const struct want want[] = { { DONE, "2.0.0", "as 1" },
		{ BOUNCE, "5.1.1", "nobody" } };
	struct delivery_rcpt list[2];
	struct delivery_request r;

	w.names = names;
	world_script(1,
	    SCRIPT{ GREET, "S 250-mx", "S 250-PIPELINING", "S 250-8BITMIME",
		"S 250 CHUNKING", MAIL, RCPT1, RCPT2, OK, OK,
		"S 550 5.1.1 nobody", "C BDAT 20 LAST\r\n", "C Subject: x\r\n",
		"C \r\n", "C .dot\r\n", "S 250 2.0.0 Ok: queued as 1", QUIT,
		NULL });
	r = world_request("Subject: x\n\n.dot\n", "lone.example", list, rcpts);
	world_deliver(&r, false);
	check_results(want, 2);
	check_scripts();
}
END_TEST

/* BDAT is offered, and not known after all. */
START_TEST(no_chunk_after_all)
{
	static const char *const rcpts[] = { ONE_RCPT };
	static const struct want want[] = { { DONE, "2.0.0", "queued as 1" } };
	struct delivery_rcpt list[1];
	struct delivery_request r;

	w.names = names;
	world_script(1,
	    SCRIPT{ GREET, "S 250-mx", "S 250 CHUNKING", MAIL, OK, RCPT1, OK,
		"C BDAT 21 LAST\r\n", "C Subject: x\r\n", "C \r\n",
		"C hello\r\n", "S 502 5.5.1 what?", NULL });
	world_script(1,
	    SCRIPT{ GREET, "S 250-mx", "S 250 CHUNKING", TAKES, QUIT, NULL });
	r = world_request(letter, "lone.example", list, rcpts);
	world_deliver(&r, false);
	check_results(want, 1);
	check_scripts();
	check_log("again without BDAT");
}
END_TEST

START_TEST(no_chunk_for_nobody)
{
	static const char *const rcpts[] = { ONE_RCPT };
	static const struct want want[] = { { BOUNCE, "5.1.1", "nobody" } };
	struct delivery_rcpt list[1];
	struct delivery_request r;

	w.names = names;
	world_script(1,
	    SCRIPT{ GREET, "S 250-mx", "S 250 CHUNKING", MAIL, OK, RCPT1,
		"S 550 5.1.1 nobody", QUIT, NULL });
	r = world_request(letter, "lone.example", list, rcpts);
	world_deliver(&r, false);
	check_results(want, 1);
	check_scripts();
}
END_TEST

/* What the server does not take as 8-bit is encoded, if that is allowed. */
static const struct {
	const char *keyword;
	bool never, encoded;
} eight[] = {
	{ "S 250 SIZE", false, true },
	{ "S 250 8BITMIME", false, false },
	{ "S 250 SIZE", true, false },
};

START_TEST(seven_bit)
{
	static const char text[] =
	    "Content-Transfer-Encoding: 8bit\n\nna\xc3\xafve\n";
	static const char *const rcpts[] = { ONE_RCPT };
	static const struct want want[] = { { DONE, "2.0.0", "as 1" } };
	struct delivery_rcpt list[1];
	struct delivery_request r;

	w.names = names;
	w.conf.disable_mime_output_conversion = eight[_i].never;
	world_script(1,
	    SCRIPT{ GREET, "S 250-mx", eight[_i].keyword,
		"C MAIL FROM:<a@client.example>", OK, RCPT1, OK, DATA, GO, "M",
		"S 250 2.0.0 Ok: queued as 1", QUIT, NULL });
	r = world_request(text, "lone.example", list, rcpts);
	r.flags = QUEUE_8BIT;
	world_deliver(&r, false);
	check_results(want, 1);
	ck_assert((strstr(buf_str(&w.message), "=C3=AFve") != NULL) ==
	    eight[_i].encoded);
	ck_assert((strstr(buf_str(&w.message), "quoted-printable") != NULL) ==
	    eight[_i].encoded);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_checked_fixture(t, world_begin, world_end);
	tcase_add_test(t, lmtp);
	tcase_add_test(t, lmtp_breaks_between_words);
	tcase_add_test(t, notifications);
	tcase_add_loop_test(t, flags, 0, UNIT_COUNT(flagged));
	tcase_add_test(t, large);
	tcase_add_loop_test(t, cut_off, 0, UNIT_COUNT(enough));
	tcase_add_test(t, file_too_short);
	tcase_add_test(t, chunk);
	tcase_add_test(t, no_chunk_after_all);
	tcase_add_test(t, no_chunk_for_nobody);
	tcase_add_loop_test(t, seven_bit, 0, UNIT_COUNT(eight));
}

int
main(void)
{
	return unit_main("smtp/transact", fill);
}
