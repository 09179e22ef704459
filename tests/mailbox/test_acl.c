/* test_acl.c - lists of rights: ours, Courier's and Dovecot's; arithmetic */

#include "mailbox/acl.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "tests/unit.h"

static struct arena *a;

static void
setup(void)
{
	a = arena_new();
}

static void
teardown(void)
{
	arena_free(&a);
}

static const char *
rights_text(unsigned rights, bool virtual_too)
{
	struct buf out = BUF_EMPTY;
	const char *kept;

	acl_rights_put(&out, rights, virtual_too);
	kept = arena_str(a, buf_str(&out));
	buf_free(&out);
	return kept;
}

/* Rights as a client gives them, as they are kept, and as they are told. */
static const struct {
	const char *in, *kept, *told; /* kept NULL: one is not known */
} rights[] = {
	{ "", "", "" },
	{ "lr", "lr", "lr" },
	{ "rl", "lr", "lr" },
	{ "llll", "l", "l" },
	{ "d", "te", "ted" },
	{ "t", "t", "td" },
	{ "c", "kx", "kxc" },
	{ "x", "x", "xc" },
	{ "lrswipkxtea", "lrswipkxtea", "lrswipkxteacd" },
	{ "lrswipcda", "lrswipkxtea", "lrswipkxteacd" },
	{ "q", NULL, NULL },
	{ "lR", NULL, NULL },
	{ "l r", NULL, NULL },
	{ "0", NULL, NULL },
};

START_TEST(rights_words)
{
	unsigned got;
	bool good = acl_rights_parse(span_str(rights[_i].in), &got);

	ck_assert_msg(good == (rights[_i].kept != NULL), "%s", rights[_i].in);
	if (!good)
		return;
	ck_assert_str_eq(rights_text(got, false), rights[_i].kept);
	ck_assert_str_eq(rights_text(got, true), rights[_i].told);
}
END_TEST

START_TEST(rights_nul)
{
	unsigned got;

	ck_assert(!acl_rights_parse(span_of("l\0r", 3), &got));
}
END_TEST

static const struct {
	const char *wire, *id, *told; /* id NULL: none */
	bool minus;
} ids[] = {
	{ "bob", "user=bob", "bob", false },
	{ "-bob", "user=bob", "-bob", true },
	{ "user=bob", "user=bob", "bob", false },
	{ "user=anyone", "user=anyone", "user=anyone", false },
	{ "user=owner", "user=owner", "user=owner", false },
	{ "user=-x", "user=-x", "user=-x", false },
	{ "user=$x", "user=$x", "user=$x", false },
	{ "anyone", "anyone", "anyone", false },
	{ "-anyone", "anyone", "-anyone", true },
	{ "owner", "owner", "owner", false },
	{ "administrators", "administrators", "administrators", false },
	{ "$staff", "group=staff", "group=staff", false },
	{ "-$staff", "group=staff", "-group=staff", true },
	{ "group=staff", "group=staff", "group=staff", false },
	{ "bob smith@example.org", "user=bob smith@example.org",
	    "bob smith@example.org", false },
	{ "J\303\266rg", "user=J\303\266rg", "J\303\266rg", false },
	{ "", NULL, NULL, false },
	{ "-", NULL, NULL, false },
	{ "$", NULL, NULL, false },
	{ "a\nb", NULL, NULL, false },
	{ "a\177", NULL, NULL, false },
	{ "\303", NULL, NULL, false },
};

START_TEST(identifiers)
{
	struct acl_entry e = { .rights = 0 };
	struct buf out = BUF_EMPTY;
	bool good = acl_id_take(a, span_str(ids[_i].wire), &e.id, &e.minus);

	ck_assert_msg(good == (ids[_i].id != NULL), "\"%s\"", ids[_i].wire);
	if (!good)
		return;
	ck_assert_msg(span_is(e.id, ids[_i].id), "\"%s\"", ids[_i].wire);
	ck_assert_int_eq(e.minus, ids[_i].minus);
	acl_id_put(&out, &e);
	ck_assert_str_eq(buf_str(&out), ids[_i].told);
	buf_free(&out);
}
END_TEST

START_TEST(identifier_too_long)
{
	struct span id;
	bool minus;
	char long_one[ACL_ID_MAX + 1];

	memset(long_one, 'a', sizeof(long_one));
	ck_assert(
	    !acl_id_take(a, span_of(long_one, sizeof(long_one)), &id, &minus));
	ck_assert(
	    acl_id_take(a, span_of(long_one, ACL_ID_MAX - 5), &id, &minus));
}
END_TEST

/* A file, who asks, and what he may. */
static const struct {
	enum acl_form form;
	const char *text, *user, *groups;
	const char *want; /* NULL: the file is not understood */
} files[] = {
	/* ours */
	{ ACL_FORM_OWN, "facteur-acl 1\n", "owner", "", "lrswipkxtea" },
	{ ACL_FORM_OWN, "facteur-acl 1\n", "bob", "", "" },
	{ ACL_FORM_OWN, "facteur-acl 1\nlr user=bob\n", "bob", "", "lr" },
	{ ACL_FORM_OWN, "facteur-acl 1\nlr user=bob", "bob", "", "lr" },
	{ ACL_FORM_OWN, "facteur-acl 1\nlr user=bob\n", "bobby", "", "" },
	{ ACL_FORM_OWN, "facteur-acl 1\nlr user=bob\n", "Bob", "", "" },
	{ ACL_FORM_OWN, "facteur-acl 1\nl anyone\nr user=bob\n", "bob", "",
	    "lr" },
	{ ACL_FORM_OWN, "facteur-acl 1\nlrw anyone\nw -user=bob\n", "bob", "",
	    "lr" },
	{ ACL_FORM_OWN, "facteur-acl 1\nlrw anyone\nw -user=bob\n", "ann", "",
	    "lrw" },
	{ ACL_FORM_OWN, "facteur-acl 1\nw -anyone\nlrw user=bob\n", "bob", "",
	    "lr" },
	{ ACL_FORM_OWN, "facteur-acl 1\nlr group=staff\n", "bob", "staff",
	    "lr" },
	{ ACL_FORM_OWN, "facteur-acl 1\nlr group=staff\n", "bob", "dev", "" },
	{ ACL_FORM_OWN, "facteur-acl 1\nlr group=staff\n", "staff", "", "" },
	{ ACL_FORM_OWN, "facteur-acl 1\nlra administrators\n", "bob",
	    "dev administrators", "lra" },
	{ ACL_FORM_OWN, "facteur-acl 1\nr owner\n", "owner", "", "lra" },
	{ ACL_FORM_OWN, "facteur-acl 1\nr owner\n", "bob", "", "" },
	{ ACL_FORM_OWN, "facteur-acl 1\nr user=owner\n", "owner", "", "lra" },
	{ ACL_FORM_OWN, "facteur-acl 1\nrwla -owner\n", "owner", "",
	    "lsipkxtea" },
	{ ACL_FORM_OWN, "facteur-acl 1\n- user=bob\n", "bob", "", "" },
	{ ACL_FORM_OWN, "facteur-acl 1 ranked\nlrw anyone\nlr user=bob\n",
	    "bob", "", "lr" },
	{ ACL_FORM_OWN, "facteur-acl 1 ranked\nlrw anyone\nlr user=bob\n",
	    "ann", "", "lrw" },
	{ ACL_FORM_OWN, "", "bob", "", NULL },
	{ ACL_FORM_OWN, "facteur-acl 2\nlr user=bob\n", "bob", "", NULL },
	{ ACL_FORM_OWN, "facteur-acl 1x\nlr user=bob\n", "bob", "", NULL },
	{ ACL_FORM_OWN, "facteur-acl 1\nlr user=bob\nlz user=bob\n", "bob", "",
	    NULL },
	{ ACL_FORM_OWN, "facteur-acl 1\nlr user=bob\n\n", "bob", "", NULL },
	{ ACL_FORM_OWN, "facteur-acl 1\nlr bob\n", "bob", "", NULL },
	{ ACL_FORM_OWN, "facteur-acl 1\nlr user=\n", "bob", "", NULL },
	/* Courier */
	{ ACL_FORM_COURIER, "owner aceilrstwx\nuser=bob lr\n", "bob", "",
	    "lr" },
	{ ACL_FORM_COURIER, "owner aceilrstwx\nuser=bob lrc\n", "bob", "",
	    "lrk" },
	{ ACL_FORM_COURIER, "anyone lrw\n-user=bob w\n", "bob", "", "lr" },
	{ ACL_FORM_COURIER, "owner aceilrstwx\n", "owner", "", "lrswikxtea" },
	{ ACL_FORM_COURIER, "", "bob", "", "" },
	{ ACL_FORM_COURIER, "nonsense lr\n", "bob", "", NULL },
	/* Dovecot */
	{ ACL_FORM_DOVECOT, "# shared\n\nuser=bob lr\n", "bob", "", "lr" },
	{ ACL_FORM_DOVECOT, "user=bob lr:insert write-seen\n", "bob", "",
	    "lrsi" },
	{ ACL_FORM_DOVECOT, "user=bob :lookup read\n", "bob", "", "lr" },
	{ ACL_FORM_DOVECOT, "\"user=bob smith\" lr\n", "bob smith", "", "lr" },
	{ ACL_FORM_DOVECOT, "anyone lrwi\nuser=bob lr\n", "bob", "", "lr" },
	{ ACL_FORM_DOVECOT, "authenticated lrwi\ngroup=staff lr\n", "bob",
	    "staff", "lr" },
	{ ACL_FORM_DOVECOT, "group=a l\ngroup=b r\n", "bob", "a b", "lr" },
	{ ACL_FORM_DOVECOT, "user=bob lrw\ngroup-override=out\n", "bob", "out",
	    "" },
	{ ACL_FORM_DOVECOT, "-anyone w\nuser=bob lrw\n", "bob", "", "lrw" },
	{ ACL_FORM_DOVECOT, "anyone lrw\n-user=bob w\n", "bob", "", "lr" },
	{ ACL_FORM_DOVECOT, "user=bob lrcd\n", "bob", "", "lr" },
	{ ACL_FORM_DOVECOT, "anyone lr\n", "owner", "", "lrswipkxtea" },
	{ ACL_FORM_DOVECOT, "owner lr\n", "owner", "", "lra" },
	{ ACL_FORM_DOVECOT, "\"user=bob lr\n", "bob", "", NULL },
	{ ACL_FORM_DOVECOT, "user=bob lr\nwhat is this\n", "bob", "", NULL },
};

static unsigned
rights_in(const struct acl *acl, const char *user, const char *groups)
{
	struct span list[8], rest = span_str(groups), word;
	struct acl_who who = { span_str(user), strcmp(user, "owner") == 0, list,
		0 };

	while (span_word(&rest, " ", &word))
		list[who.group_count++] = word;
	return acl_rights(acl, &who);
}

START_TEST(whole_files)
{
	struct acl acl;
	bool good =
	    acl_parse(a, span_str(files[_i].text), files[_i].form, &acl);
	const char *want = files[_i].want == NULL ? "" : files[_i].want;

	ck_assert_msg(good == (files[_i].want != NULL), "%s", files[_i].text);
	ck_assert_msg(strcmp(rights_text(rights_in(&acl, files[_i].user,
					     files[_i].groups),
				 false),
			  want) == 0,
	    "%s for %s: %s", files[_i].text, files[_i].user,
	    rights_text(
		rights_in(&acl, files[_i].user, files[_i].groups), false));
	/* whatever was wrong, the owner gets in */
	ck_assert_uint_eq(
	    rights_in(&acl, "owner", "") & ACL_OWNERS, ACL_OWNERS);
}
END_TEST

/* Each file again as ours gives the same rights. */
START_TEST(written_again)
{
	struct acl acl, again;
	struct buf out = BUF_EMPTY;

	if (!acl_parse(a, span_str(files[_i].text), files[_i].form, &acl))
		return;
	acl_put(&out, &acl);
	ck_assert(acl_parse(a, buf_span(&out), ACL_FORM_OWN, &again));
	ck_assert_uint_eq(rights_in(&acl, files[_i].user, files[_i].groups),
	    rights_in(&again, files[_i].user, files[_i].groups));
	buf_free(&out);
}
END_TEST

/* As another program's it never gives more, whatever that makes of it. */
START_TEST(given_back)
{
	static const char *const users[] = { "bob", "ann", "bob smith",
		"nobody" };
	const char *groups = files[_i].groups;
	struct acl acl, theirs;

	if (!acl_parse(a, span_str(files[_i].text), files[_i].form, &acl))
		return;
	for (int k = 0; k < 2 * UNIT_COUNT(users); k++) {
		const char *user = users[k / 2];
		struct buf out = BUF_EMPTY;

		(void)(k % 2 == 0 ? acl_put_courier(&out, &acl)
				  : acl_put_dovecot(&out, &acl));
		ck_assert_msg(
		    acl_parse(a, buf_span(&out),
			k % 2 == 0 ? ACL_FORM_COURIER : ACL_FORM_DOVECOT,
			&theirs),
		    "%s", buf_str(&out));
		ck_assert_msg((rights_in(&theirs, user, groups) &
				  ~rights_in(&acl, user, groups)) == 0,
		    "%s: %s from %s", user, buf_str(&out), files[_i].text);
		buf_free(&out);
	}
}
END_TEST

static const struct {
	const char *text, *courier, *dovecot;
} given[] = {
	{ "facteur-acl 1\n", "owner clrswixtea\n", "" },
	{ "facteur-acl 1\nlrk user=bob\nw -anyone\n",
	    "owner clrswixtea\nuser=bob clr\n-anyone w\n",
	    "user=bob lrk\n-anyone w\n" },
	{ "facteur-acl 1\nlr anyone\nwp user=bob\n",
	    "owner clrswixtea\nanyone lr\nuser=bob w\n",
	    "anyone lr\nuser=bob lrwp\n" },
	{ "facteur-acl 1 ranked\nlrw anyone\nlr user=bob\n",
	    "owner clrswixtea\nanyone lrw\nuser=bob lr\n-user=bob w\n",
	    "anyone lrw\nuser=bob lr\n" },
	{ "facteur-acl 1\nlr user=bob smith\n", "owner clrswixtea\n",
	    "\"user=bob smith\" lr\n" },
	{ "facteur-acl 1\nlr owner\nr group-override=x\n",
	    "owner lra\ngroup=x r\n", "owner lra\ngroup-override=x r\n" },
};

START_TEST(given_texts)
{
	struct buf out = BUF_EMPTY;
	struct acl acl;

	ck_assert(acl_parse(a, span_str(given[_i].text), ACL_FORM_OWN, &acl));
	(void)acl_put_courier(&out, &acl);
	ck_assert_str_eq(buf_str(&out), given[_i].courier);
	buf_clear(&out);
	(void)acl_put_dovecot(&out, &acl);
	ck_assert_str_eq(buf_str(&out), given[_i].dovecot);
	buf_free(&out);
}
END_TEST

/* Cut anywhere, a file never gives more than it does whole. */
START_TEST(cut_files)
{
	struct span text = span_str(files[_i].text);
	struct acl acl;

	for (size_t n = 0; n <= text.n; n++) {
		(void)acl_parse(a, span_head(text, n), files[_i].form, &acl);
		ck_assert_uint_eq(
		    rights_in(&acl, "nobody at all", "") & ACL_ADMIN, 0);
	}
}
END_TEST

START_TEST(too_many)
{
	struct buf out = BUF_EMPTY;
	struct acl acl, more;
	struct acl_entry e = { SPAN("user=one-more"), false, ACL_READ };

	buf_add_str(&out, "facteur-acl 1\n");
	for (int i = 0; i < ACL_ENTRIES_MAX; i++)
		buf_printf(&out, "lr user=u%d\n", i);
	ck_assert(acl_parse(a, buf_span(&out), ACL_FORM_OWN, &acl));
	ck_assert_uint_eq(acl.count, ACL_ENTRIES_MAX);
	ck_assert(!acl_change(a, &acl, ACL_SET, &e, &more));
	ck_assert(acl_change(a, &acl, ACL_REMOVE, &e, &more));
	buf_add_str(&out, "lr user=last\n");
	ck_assert(!acl_parse(a, buf_span(&out), ACL_FORM_OWN, &acl));
	ck_assert_uint_eq(acl.count, 0);
	buf_free(&out);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, rights_words, 0, UNIT_COUNT(rights));
	tcase_add_test(t, rights_nul);
	tcase_add_loop_test(t, identifiers, 0, UNIT_COUNT(ids));
	tcase_add_test(t, identifier_too_long);
	tcase_add_loop_test(t, whole_files, 0, UNIT_COUNT(files));
	tcase_add_loop_test(t, written_again, 0, UNIT_COUNT(files));
	tcase_add_loop_test(t, given_back, 0, UNIT_COUNT(files));
	tcase_add_loop_test(t, given_texts, 0, UNIT_COUNT(given));
	tcase_add_loop_test(t, cut_files, 0, UNIT_COUNT(files));
	tcase_add_test(t, too_many);
}

int
main(void)
{
	return unit_main("mailbox/acl", fill);
}
