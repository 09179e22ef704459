/* test_places.c - config/places.h */

#include "config/places.h"

#include <fcntl.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/why.h"
#include "os/file.h"
#include "tests/unit.h"

static const struct {
	const char *given, *environment;
	bool privileged;
	const char *want; /* NULL: refused */
} folders[] = {
	{ NULL, NULL, false, "/etc/facteur" },
	{ NULL, "", false, "/etc/facteur" },
	{ NULL, "/srv/a", false, "/srv/a" },
	{ "/srv/b", "/srv/a", false, "/srv/b" },
	{ "", "/srv/a", false, "/srv/a" },
	{ NULL, "/srv/a", true, "/etc/facteur" },
	{ "/etc/facteur", "/srv/a", true, "/etc/facteur" },
	{ "/srv/b", NULL, true, NULL },
};

START_TEST(folder)
{
	struct why why;
	const char *got;

	why_init(&why);
	if (folders[_i].environment == NULL)
		unsetenv("MAIL_CONFIG");
	else
		setenv("MAIL_CONFIG", folders[_i].environment, 1);
	got = places_folder_of(folders[_i].given, folders[_i].privileged, &why);
	if (folders[_i].want == NULL) {
		ck_assert_ptr_null(got);
		ck_assert_ptr_nonnull(strstr(why_text(&why), "/srv/b"));
	} else {
		ck_assert_str_eq(got, folders[_i].want);
	}
	unsetenv("MAIL_CONFIG");
	why_free(&why);
}
END_TEST

static const struct {
	const char *present, *folder;
	enum place which;
	const char *want;
	bool old;
} finds[] = {
	{ "", "/etc/facteur", PLACE_MAIN_CF, "/etc/facteur/main.cf", false },
	{ "etc/postfix/main.cf", "/etc/facteur", PLACE_MAIN_CF,
	    "/etc/postfix/main.cf", true },
	{ "etc/postfix/main.cf etc/facteur/main.cf", "/etc/facteur",
	    PLACE_MAIN_CF, "/etc/facteur/main.cf", false },
	{ "etc/postfix/master.cf", "/etc/facteur", PLACE_MASTER_CF,
	    "/etc/facteur/master.cf", false },
	{ "etc/courier/imapd", "/etc/facteur", PLACE_IMAPD,
	    "/etc/courier/imapd", true },
	{ "etc/courier/pop3d", "/etc/facteur", PLACE_POP3D,
	    "/etc/courier/pop3d", true },
	{ "etc/courier/authdaemonrc", "/etc/facteur", PLACE_AUTHDAEMONRC,
	    "/etc/courier/authdaemonrc", true },
	{ "etc/squirrelmail/config.php", "/etc/facteur", PLACE_CONFIG_PHP,
	    "/etc/squirrelmail/config.php", true },
	{ "", "/etc/facteur", PLACE_PROCMAILRC, "/etc/procmailrc", false },
	{ "", "/etc/facteur", PLACE_ALIASES, "/etc/aliases", false },
};

static void
shell(const char *command, const char *root)
{
	struct buf line = BUF_EMPTY;

	buf_printf(&line, "cd %s && %s", root, command);
	ck_assert_int_eq(system(buf_str(&line)), 0);
	buf_free(&line);
}

START_TEST(find)
{
	char root[] = "/tmp/facteur-test-XXXXXX";
	struct span rest = span_str(finds[_i].present), file;
	struct buf path = BUF_EMPTY, want = BUF_EMPTY;
	bool old;

	ck_assert_ptr_nonnull(mkdtemp(root));
	shell("mkdir -p etc/facteur etc/postfix etc/courier etc/squirrelmail",
	    root);
	while (span_word(&rest, " ", &file)) {
		struct buf touch = BUF_EMPTY;

		buf_printf(&touch, ": >%.*s", (int)file.n, file.p);
		shell(buf_str(&touch), root);
		buf_free(&touch);
	}
	old = places_find_under(root, finds[_i].folder, finds[_i].which, &path);
	buf_printf(&want, "%s%s", root, finds[_i].want);
	ck_assert_str_eq(buf_str(&path), buf_str(&want));
	ck_assert_int_eq(old, finds[_i].old);
	shell("rm -rf etc && rmdir $PWD", root);
	buf_free(&want);
	buf_free(&path);
}
END_TEST

/* A folder of one's own has no old homes. */
START_TEST(instance)
{
	struct buf path = BUF_EMPTY;

	ck_assert(!places_find("/srv/x", PLACE_IMAPD, &path));
	ck_assert_str_eq(buf_str(&path), "/srv/x/imapd");
	buf_free(&path);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, folder, 0, UNIT_COUNT(folders));
	tcase_add_loop_test(t, find, 0, UNIT_COUNT(finds));
	tcase_add_test(t, instance);
}

int
main(void)
{
	return unit_main("config/places", fill);
}
