/* test_key_table.c - mauth/key_table.h and mauth/key_make.h */

#include "mauth/key_table.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/why.h"
#include "mauth/dkim_sig.h"
#include "mauth/key_make.h"
#include "tests/unit.h"

static const char text[] = "# a comment\n"
			   "\n"
			   "a.example s1 /k/a1.pem\n"
			   "A.Example\ts2  /k/a2.pem  ed25519 # and a remark\n"
			   ".b.example s1 /k/b.pem RSA\n"
			   "c.b.example s3 /k/c.pem\n";

static const struct {
	const char *domain, *files;
} lookups[] = {
	{ "a.example", "/k/a1.pem /k/a2.pem " },
	{ "x.a.example", "" },
	{ "b.example", "/k/b.pem " },
	{ "x.y.b.example", "/k/b.pem " },
	{ "c.b.example", "/k/c.pem " },
	{ "d.c.b.example", "/k/b.pem " },
	{ "xb.example", "" },
	{ "example", "" },
	{ "", "" },
};

START_TEST(lookup)
{
	const struct key_row *rows[KEY_TABLE_PER_DOMAIN];
	struct arena *a = arena_new();
	struct buf got = BUF_EMPTY;
	struct key_table *t;
	struct why why;
	size_t n;

	why_init(&why);
	t = key_table_parse(span_str(text), "keys", a, &why);
	ck_assert_msg(t != NULL, "%s", why_text(&why));
	ck_assert_uint_eq(t->count, 4);
	ck_assert_int_eq(t->rows[1].algorithm, MAUTH_ED25519_SHA256);
	n = key_table_find(t, span_str(lookups[_i].domain), rows);
	for (size_t i = 0; i < n; i++) {
		buf_add_span(&got, rows[i]->file);
		buf_add_byte(&got, ' ');
	}
	ck_assert_str_eq(buf_str(&got), lookups[_i].files);
	buf_free(&got);
	arena_free(&a);
	why_free(&why);
}
END_TEST

static const char *const bad[] = {
	"a.example",
	"a.example s1",
	"a.example s1 relative.pem",
	"a.example s1 /k.pem dsa",
	"a.example s1 /k.pem rsa more",
	"a..example s1 /k.pem",
	"a.example s_\\ /k.pem",
	"\xff s1 /k.pem",
	"../x s1 /k.pem",
};

START_TEST(ill_formed)
{
	struct arena *a = arena_new();
	struct why why;

	why_init(&why);
	ck_assert_msg(
	    key_table_parse(span_str(bad[_i]), "keys", a, &why) == NULL, "%s",
	    bad[_i]);
	ck_assert(strncmp(why_text(&why), "keys, line 1: ", 14) == 0);
	arena_free(&a);
	why_free(&why);
}
END_TEST

/* A key that is made can be told of: its record parses. */
START_TEST(made)
{
	enum mauth_algorithm algorithm =
	    _i == 0 ? MAUTH_RSA_SHA256 : MAUTH_ED25519_SHA256;
	struct buf pem = BUF_EMPTY, record = BUF_EMPTY;
	struct arena *a = arena_new();
	struct dkim_key key;

	ck_assert(key_make(algorithm, &pem, &record));
	ck_assert(span_starts(buf_span(&pem), "-----BEGIN PRIVATE KEY-----"));
	ck_assert_ptr_null(dkim_key_parse(buf_span(&record), a, &key));
	ck_assert_int_eq(key.algorithm, algorithm);
	buf_wipe(&pem);
	buf_free(&record);
	arena_free(&a);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, lookup, 0, UNIT_COUNT(lookups));
	tcase_add_loop_test(t, ill_formed, 0, UNIT_COUNT(bad));
	tcase_add_loop_test(t, made, 0, 2);
}

int
main(void)
{
	return unit_main("mauth/key_table", fill);
}
