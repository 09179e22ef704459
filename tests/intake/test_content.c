/* test_content.c - intake/content.h: what lands in the file, and what does not
 */

#include "intake/content.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/crc.h"
#include "message/header.h"
#include "os/fault.h"
#include "os/file.h"
#include "queue/edits.h"
#include "tests/unit.h"

static struct content *
make(int fd, enum dot_mode mode)
{
	struct content_conf conf = { .fd = fd,
		.size_max = 100000,
		.header_size_max = 1000,
		.drop = SPAN("bcc, Return-Path"),
		.mode = mode };

	return content_new(&conf);
}

static void
file_get(int fd, struct buf *out)
{
	off_t n = lseek(fd, 0, SEEK_END);

	buf_clear(out);
	ck_assert_int_eq(
	    file_read_at(fd, buf_room(out, (size_t)n), (size_t)n, 0), 0);
	out->n = (size_t)n;
}

/* What DATA's bytes mean, told slowly: where the content ends (n: nowhere), or
 * -1 where a lone CR or LF stands first. */
static long
oracle(struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		bool crlf = span_starts(span_skip(s, i), "\r\n");
		bool start = i == 0 ||
		    (i >= 2 && s.p[i - 2] == '\r' && s.p[i - 1] == '\n');

		if (start && span_starts(span_skip(s, i), ".\r\n"))
			return (long)i + 3;
		/* a CR at the very end may still get its LF */
		if (s.p[i] == '\r' && !crlf && i + 1 < s.n)
			return -1;
		if (s.p[i] == '\n' && (i == 0 || s.p[i - 1] != '\r'))
			return -1;
	}
	return (long)s.n + 1;
}

static const char alphabet[] = { '\r', '\n', '.', '\0', 'a' };

/* Every mixture of up to seven bytes: only CRLF "." CRLF ends the content, and
 * a lone CR or LF never passes (S1). */
START_TEST(smuggling_matrix)
{
	struct buf out = BUF_EMPTY;
	int fd = memfd_create("content", MFD_CLOEXEC);

	for (unsigned n = 1; n <= 7; n++) {
		unsigned most = 1;

		for (unsigned i = 0; i < n; i++)
			most *= sizeof(alphabet);
		for (unsigned which = 0; which < most; which++) {
			struct content *c = make(fd, DOT_STRICT);
			char bytes[8];
			size_t used;
			enum dot_result got;
			long want;

			for (unsigned i = 0, w = which; i < n; i++, w /= 5)
				bytes[i] = alphabet[w % 5];
			want = oracle(span_of(bytes, n));
			got = content_dots(c, span_of(bytes, n), &used);
			ck_assert_msg(want == -1 ? got == DOT_BAD
				: want <= (long)n
				? got == DOT_END && (long)used == want
				: got == DOT_MORE && used == n,
			    "sequence %u of %u bytes: %d", which, n, got);
			content_free(&c);
		}
	}
	close(fd);
	buf_free(&out);
}
END_TEST

/* Where lone newlines are let in, they end no message and leave no CR. */
START_TEST(normalised)
{
	int fd = memfd_create("content", MFD_CLOEXEC);
	struct content *c = make(fd, DOT_NORMALISE);
	struct span in = SPAN("a\n.\nb\r\n.\nc\n.\r\nd\re\r\n..f\r\n.\r\nRSET");
	struct buf out = BUF_EMPTY;
	size_t used;

	ck_assert_int_eq(content_dots(c, in, &used), DOT_END);
	ck_assert(span_is(span_skip(in, used), "RSET"));
	ck_assert(content_finish(c));
	file_get(fd, &out);
	for (size_t i = 0; i < out.n; i++)
		ck_assert_int_ne(out.p[i], '\r');
	ck_assert(span_ends(buf_span(&out), "d e\n.f\n"));
	ck_assert_uint_eq(content_size(c), out.n);
	content_free(&c);
	close(fd);
	buf_free(&out);
}
END_TEST

static const struct {
	const char *in, *out;
	bool good; /* with lone newlines forbidden */
} chunks[] = {
	{ "a\r\nb\r\n", "a\nb\n", true },
	{ ".\r\n..\r\n.\r\n", ".\n..\n.\n", true },
	{ "no end", "no end\n", true }, { "\r\n\r\n", "\n\n", true },
	{ "a\nb\r\n", "a\nb\n", false }, { "a\rb\r\n", "a b\n", false },
	{ "a\r\r\n", "a \n", false },
	{ "a\r", "a \n", true }, /* its LF may be in the next chunk */
};

/* The same, cut at each byte. */
START_TEST(chunk)
{
	size_t n = strlen(chunks[_i].in);

	for (size_t cut = 0; cut <= n; cut++) {
		int fd = memfd_create("content", MFD_CLOEXEC);
		struct span in = span_of(chunks[_i].in, n);
		struct content *c = make(fd, DOT_NORMALISE);
		struct content *strict = make(fd, DOT_STRICT);
		struct buf out = BUF_EMPTY;

		ck_assert(content_chunk(c, span_head(in, cut)));
		ck_assert(content_chunk(c, span_skip(in, cut)));
		ck_assert(content_finish(c));
		file_get(fd, &out);
		ck_assert_msg(span_is(buf_span(&out), chunks[_i].out),
		    "cut at %zu: \"%.*s\"", cut, (int)out.n, out.p);
		ck_assert_uint_eq(content_crc(c), crc_add(0, buf_span(&out)));
		ck_assert_msg((content_chunk(strict, span_head(in, cut)) &&
				  content_chunk(strict, span_skip(in, cut))) ==
			chunks[_i].good,
		    "cut at %zu", cut);
		content_free(&c);
		content_free(&strict);
		buf_free(&out);
		close(fd);
	}
}
END_TEST

START_TEST(stripped)
{
	static const struct content_bytes bytes = {
		.strip = { [0] = true, ['x'] = true }, .reject = { [7] = true }
	};
	int fd = memfd_create("content", MFD_CLOEXEC);
	struct content_conf conf = { .fd = fd,
		.header_size_max = 1000,
		.bytes = &bytes,
		.mode = DOT_NORMALISE };
	struct content *c = content_new(&conf);
	struct buf got = BUF_EMPTY;

	ck_assert(content_chunk(c, SPAN("xSubxject: a\r\n\r\nbx\0x\r\nxx")));
	ck_assert(content_finish(c));
	file_get(fd, &got);
	ck_assert(span_is(buf_span(&got), "Subject: a\n\nb\n"));
	ck_assert_uint_eq(content_size(c), got.n);
	ck_assert_uint_eq(content_crc(c), crc_add(0, buf_span(&got)));
	ck_assert(!content_bad_bytes(c));
	content_free(&c);
	buf_free(&got);
	close(fd);
}
END_TEST

/* Above the limit all is read and nothing more is written. */
START_TEST(too_big)
{
	int fd = memfd_create("content", MFD_CLOEXEC);
	struct content *c = make(fd, DOT_STRICT);
	struct buf line = BUF_EMPTY;
	size_t used;

	for (int i = 0; i < 98; i++)
		buf_add_byte(&line, 'x');
	buf_add_str(&line, "\r\n");
	for (int i = 0; i < 100000; i++)
		ck_assert_int_eq(
		    content_dots(c, buf_span(&line), &used), DOT_MORE);
	ck_assert_int_eq(content_dots(c, SPAN(".\r\n"), &used), DOT_END);
	ck_assert(content_finish(c));
	ck_assert(content_too_big(c));
	ck_assert_uint_eq(content_size(c), 9900000);
	ck_assert_int_le(lseek(fd, 0, SEEK_END), 100000);
	content_free(&c);
	close(fd);
	buf_free(&line);
}
END_TEST

START_TEST(disk_full)
{
	int fd = memfd_create("content", MFD_CLOEXEC);
	struct content *c = make(fd, DOT_STRICT);
	size_t used;

	fault_arm(FAULT_WRITE, 1, ENOSPC, false);
	ck_assert_int_eq(content_dots(c, SPAN("a\r\n.\r\n"), &used), DOT_END);
	ck_assert(!content_finish(c));
	ck_assert_int_eq(errno, ENOSPC);
	fault_arm(FAULT_WRITE, 0, 0, false);
	content_free(&c);
	close(fd);
}
END_TEST

START_TEST(header)
{
	int fd = memfd_create("content", MFD_CLOEXEC);
	struct content *c = make(fd, DOT_STRICT);
	const struct header_facts *facts;
	struct span drops, text;
	enum edit_kind kind;
	uint32_t field;
	size_t used;

	ck_assert_int_eq(content_dots(c,
			     SPAN("Received: a\r\nBCC: x\r\n y\r\nDate: z\r\n"
				  "return-path: <>\r\n\r\nBcc: body\r\n.\r\n"),
			     &used),
	    DOT_END);
	ck_assert(content_finish(c));
	facts = content_facts(c);
	ck_assert_uint_eq(facts->received, 1);
	ck_assert_uint_eq(
	    facts->seen & (HEADER_DATE | HEADER_FROM), HEADER_DATE);
	drops = content_drops(c);
	ck_assert(edits_next(&drops, &kind, &field, &text));
	ck_assert(kind == EDIT_DELETE && field == 1);
	ck_assert(edits_next(&drops, &kind, &field, &text));
	ck_assert(kind == EDIT_DELETE && field == 3);
	ck_assert(!edits_next(&drops, &kind, &field, &text));
	content_free(&c);
	close(fd);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_test(t, smuggling_matrix);
	tcase_add_test(t, normalised);
	tcase_add_loop_test(t, chunk, 0, UNIT_COUNT(chunks));
	tcase_add_test(t, stripped);
	tcase_add_test(t, too_big);
	tcase_add_test(t, disk_full);
	tcase_add_test(t, header);
}

int
main(void)
{
	return unit_main("intake/content", fill);
}
