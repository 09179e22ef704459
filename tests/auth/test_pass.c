/* test_pass.c - auth/pass.h */

#include "auth/pass.h"

#include <stdio.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "calls/auth_call.h"
#include "tests/unit.h"

enum { NOW = 1700000000 };

static char folder[64];

static struct passes *
begin(void)
{
	if (folder[0] == '\0') {
		snprintf(folder, sizeof(folder), "/tmp/facteur-test-XXXXXX");
		ck_assert_ptr_nonnull(mkdtemp(folder));
	}
	return passes_new(folder);
}

static void
end(void)
{
	char path[100];

	snprintf(path, sizeof(path), "%s/park.key", folder);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(rmdir(folder), 0);
	folder[0] = '\0';
}

static struct session_start
sample(void)
{
	return (struct session_start){ .user = SPAN("fb00"),
		.uid = 1000,
		.gid = 1001,
		.home = SPAN("/home/fb00"),
		.mail = SPAN("/home/fb00/Maildir"),
		.quota = SPAN("1S"),
		.client_addr = SPAN("192.0.2.1"),
		.local_addr = SPAN("192.0.2.2"),
		.via = SPAN("imapd-ssl"),
		.client_port = 1234,
		.tls = true,
		.fd = -1,
		.park = -1,
		.held = -1,
		.watch = -1 };
}

START_TEST(there_and_back)
{
	/* another process of auth reads what the first one sealed */
	struct passes *p = begin(), *next = begin();
	struct arena *a = arena_new();
	struct buf pass = BUF_EMPTY;
	struct session_start start = sample(), got;

	pass_make(p, &start, NOW, &pass);
	ck_assert(pass_read(next, buf_span(&pass), NOW + 5, a, &got));
	ck_assert(span_is(got.user, "fb00") && got.uid == 1000);
	ck_assert(got.gid == 1001 && span_is(got.home, "/home/fb00"));
	ck_assert(span_is(got.mail, "/home/fb00/Maildir"));
	ck_assert(span_is(got.quota, "1S") && got.client_port == 1234);
	ck_assert(span_is(got.via, "imapd-ssl") && got.tls);
	ck_assert_int_eq(got.fd, -1);
	ck_assert_int_eq(got.park, -1);
	buf_free(&pass);
	arena_free(&a);
	passes_free(&p);
	passes_free(&next);
	end();
}
END_TEST

START_TEST(forged_or_old)
{
	struct passes *p = begin(), *other;
	struct arena *a = arena_new();
	struct buf pass = BUF_EMPTY;
	struct session_start start = sample(), got;
	struct span s;

	pass_make(p, &start, NOW, &pass);
	s = buf_span(&pass);
	for (size_t i = 0; i < s.n; i++) {
		pass.p[i] ^= 1;
		ck_assert(!pass_read(p, s, NOW, a, &got));
		ck_assert(!pass_read(p, span_head(s, i), NOW, a, &got));
		pass.p[i] ^= 1;
	}
	ck_assert(pass_read(p, s, NOW + PASS_LIFE - 1, a, &got));
	ck_assert(!pass_read(p, s, NOW + PASS_LIFE, a, &got));
	ck_assert(pass_read(p, s, NOW - 1, a, &got));
	ck_assert(!pass_read(p, s, NOW - PASS_LIFE, a, &got));
	end();
	other = begin();
	ck_assert(!pass_read(other, s, NOW, a, &got));
	buf_free(&pass);
	arena_free(&a);
	passes_free(&p);
	passes_free(&other);
	end();
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_test(t, there_and_back);
	tcase_add_test(t, forged_or_old);
}

int
main(void)
{
	return unit_main("auth/pass", fill);
}
