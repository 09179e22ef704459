/* test_known.c - dbmap/known.h: which tables may be asked */

#include "dbmap/known.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/why.h"
#include "tests/unit.h"

static char folder[64];

static void
put(const char *name, const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "we");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

static void
begin(void)
{
	snprintf(folder, sizeof(folder), "/tmp/facteur-dbmap-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void
end(void)
{
	static const char *const names[] = { "main.cf", "master.cf", "a", "b" };
	char path[128];

	for (int i = 0; i < UNIT_COUNT(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
	rmdir(folder);
}

static const char conf[] = "dbpath = /x\nquery = SELECT 1\n";

static bool
has(const struct known *k, const char *name)
{
	char full[128];

	snprintf(full, sizeof(full), "sqlite:%s/%s", folder, name);
	return known_has(k, span_str(full), span_str(conf));
}

/* Wherever a table may stand; a file that is of no use is none. */
START_TEST(scanning)
{
	static const struct {
		const char *text; /* %s: the folder */
		bool known;
	} rows[] = {
		{ "sqlite:%s/a", true },
		{ "hash:/x, sqlite:%s/a, hash:/y", true },
		{ "proxy:sqlite:%s/a", true },
		{ "pipemap:{sqlite:%s/a,inline:{a=b}}", true },
		{ "check_sender_access { sqlite:%s/a }", true },
		{ "pgsql:/etc/x sqlite:%s/a", true },
		{ "sqlite:%s/ab", false },
		{ "sqlite:%s/b", false },
		{ "pgsql:%s/a", false },
		{ "sqlite:", false },
		{ "", false },
	};
	char text[256];

	begin();
	put("a", conf);
	put("b", "dbpath = /x\n");
	for (int i = 0; i < UNIT_COUNT(rows); i++) {
		struct known *k = known_new();

		snprintf(text, sizeof(text), "%s", "");
		for (const char *p = rows[i].text; *p != '\0'; p++) {
			bool place = p[0] == '%' && p[1] == 's';
			size_t n = strlen(text);

			snprintf(text + n, sizeof(text) - n, "%.*s",
			    place ? (int)strlen(folder) : 1,
			    place ? folder : p);
			p += place;
		}
		known_scan(k, span_str(text));
		ck_assert(!has(k, "a")); /* not read yet */
		known_load(k);
		ck_assert_msg(has(k, "a") == rows[i].known, "%s", text);
		ck_assert(!has(k, "b"));
		known_free(&k);
	}
	end();
}
END_TEST

/* Of both files, expanded; and what stands in a table's file counts. */
START_TEST(reading)
{
	char text[512];
	struct known *k = known_new();
	struct why why;

	why_init(&why);
	begin();
	put("a", conf);
	put("b", conf);
	put("c", conf);
	snprintf(text, sizeof(text),
	    "myhostname = h.test\nhere = %s\nmap = sqlite:$here/a\n"
	    "late = $there/c\n",
	    folder);
	put("main.cf", text);
	put("master.cf",
	    "smtp inet n - y - - smtpd\n"
	    "  -o { smtpd_helo_restrictions = check_helo_access "
	    "sqlite:$here/b }\n"
	    "  -o there=sqlite:$here\n");
	ck_assert_msg(known_read(k, folder, &why), "%s", why_text(&why));
	known_load(k);
	ck_assert(has(k, "a"));
	ck_assert(has(k, "b"));
	ck_assert(has(k, "c"));
	put("b", "dbpath = /y\nquery = SELECT 1\n");
	known_load(k);
	ck_assert(has(k, "a"));
	ck_assert(!has(k, "b"));
	known_free(&k);
	why_free(&why);
	end();
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_test(t, scanning);
	tcase_add_test(t, reading);
}

int
main(void)
{
	return unit_main("dbmap/known", fill);
}
