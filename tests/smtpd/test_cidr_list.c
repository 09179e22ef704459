/* test_cidr_list.c - smtpd/cidr_list.h */

#include "smtpd/cidr_list.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/why.h"
#include "os/file.h"
#include "os/sock.h"
#include "tests/unit.h"

static const struct {
	const char *list, *address;
	bool in;
} cases[] = {
	{ "127.0.0.0/8", "127.1.2.3", true },
	{ "127.0.0.0/8", "128.0.0.1", false },
	{ "192.168.0.0/24, 127.0.0.0/8", "192.168.0.255", true },
	{ "192.168.0.0/24, 127.0.0.0/8", "192.168.1.0", false },
	{ "192.0.2.1", "192.0.2.1", true },
	{ "192.0.2.1", "192.0.2.2", false },
	{ "0.0.0.0/0", "198.51.100.7", true },
	{ "0.0.0.0/0", "2001:db8::1", false },
	{ "[2001:db8::]/32", "2001:db8:ffff::1", true },
	{ "2001:db8::/32", "2001:db9::1", false },
	{ "[::1]/128", "::1", true },
	{ "::/0", "192.0.2.1", false },
	{ "10.1.0.0/17", "10.1.127.255", true },
	{ "10.1.0.0/17", "10.1.128.0", false },
	/* order decides */
	{ "!10.0.0.7, 10.0.0.0/8", "10.0.0.7", false },
	{ "!10.0.0.7, 10.0.0.0/8", "10.0.0.8", true },
	{ "10.0.0.0/8, !10.0.0.7", "10.0.0.7", true },
	/* v4 in v6's clothes is v4 */
	{ "192.0.2.0/24", "::ffff:192.0.2.9", true },
	{ "", "127.0.0.1", false },
	{ " , ,\t", "127.0.0.1", false },
};

static struct cidr_list *
list_of(const char *text)
{
	struct why why;
	struct cidr_list *l;

	why_init(&why);
	l = cidr_list_new(span_str(text), &why);
	ck_assert_msg(l != NULL, "%s: %s", text, why_text(&why));
	why_free(&why);
	return l;
}

static bool
has(const struct cidr_list *l, const char *address)
{
	struct address a;

	ck_assert(address_parse(span_str(address), 0, &a));
	return cidr_list_has(l, address_bytes(&a));
}

START_TEST(in_list)
{
	struct cidr_list *l = list_of(cases[_i].list);

	ck_assert_msg(has(l, cases[_i].address) == cases[_i].in, "%s in %s",
	    cases[_i].address, cases[_i].list);
	ck_assert(!cidr_list_has(l, span_of("", 0)));
	cidr_list_free(&l);
}
END_TEST

static const char *const refused[] = {
	"127.0.0.1/8", /* host bits */
	"10.0.0.0/33",
	"10.0.0.0/",
	"10.0.0.0/-1",
	"10.0.0",
	"2001:db8::/129",
	"2001:db8::1/32",
	"hash:/etc/postfix/nets",
	"host.example.com",
	"!",
	"!/etc/hosts",
	"/absent/file",
	"10.0.0.0/8 nonsense",
};

START_TEST(refusals)
{
	struct why why;

	why_init(&why);
	ck_assert_msg(cidr_list_new(span_str(refused[_i]), &why) == NULL, "%s",
	    refused[_i]);
	ck_assert_uint_gt(why.text.n, 0);
	why_free(&why);
}
END_TEST

START_TEST(from_file)
{
	char path[] = "/tmp/facteur-test.XXXXXX";
	int fd = mkstemp(path);
	char *text = mem_printf("192.0.2.1 %s 198.51.100.1", path);
	struct cidr_list *l;
	struct why why;

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(
	    file_write(fd, SPAN("# ours\n10.0.0.0/8 # all\n!192.0.2.2\n")), 0);
	l = list_of(text);
	ck_assert(has(l, "10.9.9.9"));
	ck_assert(has(l, "192.0.2.1"));
	ck_assert(has(l, "198.51.100.1"));
	ck_assert(!has(l, "192.0.2.2"));
	cidr_list_free(&l);
	free(text);
	/* a file that names itself */
	ck_assert_int_eq(file_write(fd, span_str(path)), 0);
	why_init(&why);
	ck_assert_ptr_null(cidr_list_new(span_str(path), &why));
	why_free(&why);
	file_close(&fd);
	unlink(path);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, in_list, 0, UNIT_COUNT(cases));
	tcase_add_loop_test(t, refusals, 0, UNIT_COUNT(refused));
	tcase_add_test(t, from_file);
}

int
main(void)
{
	return unit_main("smtpd/cidr_list", fill);
}
