/* test_tickets.c - auth/tickets.h */

#include "auth/tickets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/digest.h"
#include "base/secret.h"
#include "maps/store.h"
#include "os/file.h"
#include "os/loop.h"
#include "tests/unit.h"

static char folder[64];
static struct loop *loop;

static struct tickets *
begin(int64_t idle, int64_t life)
{
	if (folder[0] == '\0') {
		snprintf(folder, sizeof(folder), "/tmp/facteur-test-XXXXXX");
		ck_assert_ptr_nonnull(mkdtemp(folder));
		loop = loop_new();
	}
	return tickets_open(loop, folder, idle, life);
}

static void
end(struct tickets *t)
{
	char path[100];

	tickets_free(&t);
	snprintf(path, sizeof(path), "%s/tickets.db", folder);
	(void)unlink(path);
	ck_assert_int_eq(rmdir(folder), 0);
	folder[0] = '\0';
	loop_free(&loop);
}

static const char *const words[] = { NULL, "", "bench", "p\xc3\xa9 / % =",
	"0123456789012345678901234567890123456789012345678901234567890123",
	"012345678901234567890123456789012345678901234567890123456789012" };

/* What is kept comes back to who has the ticket, also after a start. */
START_TEST(kept)
{
	const char *text = words[_i];
	struct secret *word = text == NULL ? NULL : secret_new(span_str(text));
	struct tickets *t = begin(3600, 7200);
	struct buf ticket = BUF_EMPTY, user = BUF_EMPTY;
	struct secret *got = NULL;

	tickets_make(t, SPAN("a b/c"), word, &ticket);
	secret_free(&word);
	for (int i = 0; i < 2; i++) {
		ck_assert(tickets_check(t, buf_span(&ticket), &user, &got));
		ck_assert_str_eq(buf_str(&user), "a b/c");
		ck_assert((got == NULL) == (text == NULL));
		if (got != NULL)
			ck_assert_str_eq(secret_span(got).p, text);
		secret_free(&got);
		buf_clear(&user);
		tickets_flush(t);
		tickets_free(&t);
		t = begin(3600, 7200);
	}
	ck_assert(tickets_check(t, buf_span(&ticket), &user, NULL));
	tickets_end(t, buf_span(&ticket));
	ck_assert(!tickets_check(t, buf_span(&ticket), &user, &got));
	ck_assert_ptr_null(got);
	end(t);
	buf_free(&ticket);
	buf_free(&user);
}
END_TEST

/* One octet of what is sealed, changed in the file. */
static void
spoil(struct span ticket)
{
	char path[100];
	unsigned char digest[SHA256_BYTES];
	struct buf key = BUF_EMPTY, changed = BUF_EMPTY;
	struct store *store;
	struct span text;
	int64_t until;
	size_t at;

	snprintf(path, sizeof(path), "hash:%s/tickets", folder);
	store = store_open(loop, path, 10, 1000);
	digest_sha256(ticket, digest);
	hex_encode(&key, span_of((const char *)digest, sizeof(digest)));
	ck_assert(store_get(store, buf_span(&key), &until, &text));
	buf_add_span(&changed, text);
	at = span_find(text, '/') + 30;
	ck_assert_uint_lt(at, changed.n);
	changed.p[at] = changed.p[at] == 'A' ? 'B' : 'A';
	store_put(store, buf_span(&key), until, buf_span(&changed));
	store_flush(store);
	store_free(&store);
	buf_free(&key);
	buf_free(&changed);
}

/* The file does not tell the password, and nobody changes it there. */
START_TEST(sealed)
{
	struct secret *word = secret_new(SPAN("marker-of-a-password"));
	struct tickets *t = begin(3600, 7200);
	struct buf ticket = BUF_EMPTY, user = BUF_EMPTY, all = BUF_EMPTY;
	struct secret *got = NULL;
	char path[100];

	tickets_make(t, SPAN("fb00"), word, &ticket);
	secret_free(&word);
	tickets_flush(t);
	snprintf(path, sizeof(path), "%s/tickets.db", folder);
	ck_assert_int_eq(file_read_path(path, 1 << 20, &all), 0);
	ck_assert(span_search(buf_span(&all), SPAN("fb00")) < all.n);
	ck_assert(span_search(buf_span(&all), SPAN("marker-of")) == all.n);
	ck_assert(span_search(buf_span(&all), buf_span(&ticket)) == all.n);
	tickets_free(&t);
	spoil(buf_span(&ticket));
	t = begin(3600, 7200);
	ck_assert(tickets_check(t, buf_span(&ticket), &user, &got));
	ck_assert_ptr_null(got);
	end(t);
	buf_free(&ticket);
	buf_free(&user);
	buf_free(&all);
}
END_TEST

START_TEST(nobodys)
{
	struct tickets *t = begin(0, 0);
	struct buf ticket = BUF_EMPTY, user = BUF_EMPTY;

	tickets_make(t, SPAN("fb00"), NULL, &ticket);
	ck_assert(!tickets_check(t, SPAN("x"), &user, NULL));
	ck_assert(!tickets_check(t, SPAN(""), &user, NULL));
	ck_assert_uint_eq(user.n, 0);
	end(t);
	buf_free(&ticket);
	buf_free(&user);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, kept, 0, UNIT_COUNT(words));
	tcase_add_test(t, sealed);
	tcase_add_test(t, nobodys);
}

int
main(void)
{
	return unit_main("auth/tickets", fill);
}
