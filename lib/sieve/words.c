/*
 * words.c - the commands, tests, tags and extensions of Sieve that we have
 */

#include "sieve/words.h"

#include <string.h>

static const struct {
	const char *name;
	enum sieve_extension ext;
} extensions[] = {
	{ "fileinto", EXT_FILEINTO },
	{ "envelope", EXT_ENVELOPE },
	{ "body", EXT_BODY },
	{ "reject", EXT_REJECT },
	{ "ereject", EXT_EREJECT },
	{ "vacation", EXT_VACATION },
	{ "vacation-seconds", EXT_VACATION_SECONDS },
	{ "relational", EXT_RELATIONAL },
	{ "comparator-i;ascii-numeric", EXT_NUMERIC },
	{ "comparator-i;octet", EXT_ALWAYS },
	{ "comparator-i;ascii-casemap", EXT_ALWAYS },
	{ "subaddress", EXT_SUBADDRESS },
	{ "copy", EXT_COPY },
	{ "mailbox", EXT_MAILBOX },
	{ "imap4flags", EXT_FLAGS },
	{ "variables", EXT_VARIABLES },
	{ "date", EXT_DATE },
	{ "index", EXT_INDEX },
	{ "encoded-character", EXT_ENCODED },
	{ "environment", EXT_ENVIRONMENT },
	{ "regex", EXT_REGEX },
	{ "editheader", EXT_EDITHEADER },
	{ "include", EXT_INCLUDE },
	{ "duplicate", EXT_DUPLICATE },
	{ "ihave", EXT_IHAVE },
	{ "special-use", EXT_SPECIAL_USE },
	{ "fcc", EXT_FCC },
};

enum { EXTENSIONS = sizeof(extensions) / sizeof(*extensions) };

/* Groups: M match type, C comparator, A address part, I index, L :last, Z zone,
 * B body transform, K copy, N create, F flags, and letters of single ones. */
const struct sieve_word sieve_words[] = {
	{ "require", CMD_REQUIRE, false, EXT_NONE, "S", "", TESTS_NONE, false },
	{ "if", CMD_IF, false, EXT_NONE, "", "", TESTS_ONE, true },
	{ "elsif", CMD_ELSIF, false, EXT_NONE, "", "", TESTS_ONE, true },
	{ "else", CMD_ELSE, false, EXT_NONE, "", "", TESTS_NONE, true },
	{ "stop", CMD_STOP, false, EXT_NONE, "", "", TESTS_NONE, false },
	{ "keep", CMD_KEEP, false, EXT_NONE, "", "F", TESTS_NONE, false },
	{ "discard", CMD_DISCARD, false, EXT_NONE, "", "", TESTS_NONE, false },
	{ "fileinto", CMD_FILEINTO, false, EXT_FILEINTO, "s", "FKNU",
	    TESTS_NONE, false },
	{ "redirect", CMD_REDIRECT, false, EXT_NONE, "s", "K", TESTS_NONE,
	    false },
	{ "reject", CMD_REJECT, false, EXT_REJECT, "s", "", TESTS_NONE, false },
	{ "ereject", CMD_REJECT, false, EXT_EREJECT, "s", "", TESTS_NONE,
	    false },
	{ "vacation", CMD_VACATION, false, EXT_VACATION, "s", "dsfamhcFNU",
	    TESTS_NONE, false },
	{ "set", CMD_SET, false, EXT_VARIABLES, "ss", "4321", TESTS_NONE,
	    false },
	{ "setflag", CMD_SETFLAG, false, EXT_FLAGS, "?sS", "", TESTS_NONE,
	    false },
	{ "addflag", CMD_ADDFLAG, false, EXT_FLAGS, "?sS", "", TESTS_NONE,
	    false },
	{ "removeflag", CMD_REMOVEFLAG, false, EXT_FLAGS, "?sS", "", TESTS_NONE,
	    false },
	{ "addheader", CMD_ADDHEADER, false, EXT_EDITHEADER, "ss", "l",
	    TESTS_NONE, false },
	{ "deleteheader", CMD_DELETEHEADER, false, EXT_EDITHEADER, "s?S",
	    "MCil", TESTS_NONE, false },
	{ "include", CMD_INCLUDE, false, EXT_INCLUDE, "s", "Pot", TESTS_NONE,
	    false },
	{ "return", CMD_RETURN, false, EXT_INCLUDE, "", "", TESTS_NONE, false },
	{ "global", CMD_GLOBAL, false, EXT_INCLUDE, "S", "", TESTS_NONE,
	    false },
	{ "error", CMD_ERROR, false, EXT_IHAVE, "s", "", TESTS_NONE, false },
	{ "address", TEST_ADDRESS, true, EXT_NONE, "SS", "MCAIL", TESTS_NONE,
	    false },
	{ "allof", TEST_ALLOF, true, EXT_NONE, "", "", TESTS_LIST, false },
	{ "anyof", TEST_ANYOF, true, EXT_NONE, "", "", TESTS_LIST, false },
	{ "body", TEST_BODY, true, EXT_BODY, "S", "MCB", TESTS_NONE, false },
	{ "currentdate", TEST_CURRENTDATE, true, EXT_DATE, "sS", "MCZ",
	    TESTS_NONE, false },
	{ "date", TEST_DATE, true, EXT_DATE, "ssS", "MCZYIL", TESTS_NONE,
	    false },
	{ "duplicate", TEST_DUPLICATE, true, EXT_DUPLICATE, "", "hqel",
	    TESTS_NONE, false },
	{ "envelope", TEST_ENVELOPE, true, EXT_ENVELOPE, "SS", "MCA",
	    TESTS_NONE, false },
	{ "environment", TEST_ENVIRONMENT, true, EXT_ENVIRONMENT, "sS", "MC",
	    TESTS_NONE, false },
	{ "exists", TEST_EXISTS, true, EXT_NONE, "S", "", TESTS_NONE, false },
	{ "false", TEST_FALSE, true, EXT_NONE, "", "", TESTS_NONE, false },
	{ "hasflag", TEST_HASFLAG, true, EXT_FLAGS, "?SS", "MC", TESTS_NONE,
	    false },
	{ "header", TEST_HEADER, true, EXT_NONE, "SS", "MCIL", TESTS_NONE,
	    false },
	{ "ihave", TEST_IHAVE, true, EXT_IHAVE, "S", "", TESTS_NONE, false },
	{ "mailboxexists", TEST_MAILBOXEXISTS, true, EXT_MAILBOX, "S", "",
	    TESTS_NONE, false },
	{ "not", TEST_NOT, true, EXT_NONE, "", "", TESTS_ONE, false },
	{ "size", TEST_SIZE, true, EXT_NONE, "n", "O", TESTS_NONE, false },
	{ "specialuse_exists", TEST_SPECIALUSE, true, EXT_SPECIAL_USE, "?sS",
	    "", TESTS_NONE, false },
	{ "string", TEST_STRING, true, EXT_VARIABLES, "SS", "MC", TESTS_NONE,
	    false },
	{ "true", TEST_TRUE, true, EXT_NONE, "", "", TESTS_NONE, false },
	{ .name = NULL },
};

const struct sieve_tag sieve_tags[] = {
	{ "is", 'M', 0, EXT_NONE },
	{ "contains", 'M', 0, EXT_NONE },
	{ "matches", 'M', 0, EXT_NONE },
	{ "regex", 'M', 0, EXT_REGEX },
	{ "count", 'M', 's', EXT_RELATIONAL },
	{ "value", 'M', 's', EXT_RELATIONAL },
	{ "comparator", 'C', 's', EXT_NONE },
	{ "all", 'A', 0, EXT_NONE },
	{ "localpart", 'A', 0, EXT_NONE },
	{ "domain", 'A', 0, EXT_NONE },
	{ "user", 'A', 0, EXT_SUBADDRESS },
	{ "detail", 'A', 0, EXT_SUBADDRESS },
	{ "index", 'I', 'n', EXT_INDEX },
	{ "last", 'L', 0, EXT_INDEX },
	{ "index", 'i', 'n', EXT_NONE }, /* of editheader */
	{ "last", 'l', 0, EXT_NONE }, /* of editheader and duplicate */
	{ "header", 'q', 's', EXT_NONE },
	{ "uniqueid", 'q', 's', EXT_NONE },
	{ "seconds", 'e', 'n', EXT_NONE },
	{ "specialuse", 'U', 's', EXT_SPECIAL_USE },
	{ "fcc", 'c', 's', EXT_FCC },
	{ "personal", 'P', 0, EXT_NONE },
	{ "global", 'P', 0, EXT_NONE },
	{ "once", 'o', 0, EXT_NONE },
	{ "optional", 't', 0, EXT_NONE },
	{ "zone", 'Z', 's', EXT_NONE },
	{ "originalzone", 'Y', 0, EXT_NONE },
	{ "raw", 'B', 0, EXT_NONE },
	{ "content", 'B', 'S', EXT_NONE },
	{ "text", 'B', 0, EXT_NONE },
	{ "over", 'O', 0, EXT_NONE },
	{ "under", 'O', 0, EXT_NONE },
	{ "copy", 'K', 0, EXT_COPY },
	{ "create", 'N', 0, EXT_MAILBOX },
	{ "flags", 'F', 'S', EXT_FLAGS },
	{ "days", 'd', 'n', EXT_NONE },
	{ "seconds", 'd', 'n', EXT_VACATION_SECONDS },
	{ "subject", 's', 's', EXT_NONE },
	{ "from", 'f', 's', EXT_NONE },
	{ "addresses", 'a', 'S', EXT_NONE },
	{ "mime", 'm', 0, EXT_NONE },
	{ "handle", 'h', 's', EXT_NONE },
	/* set's, by precedence */
	{ "lower", '4', 0, EXT_NONE },
	{ "upper", '4', 0, EXT_NONE },
	{ "lowerfirst", '3', 0, EXT_NONE },
	{ "upperfirst", '3', 0, EXT_NONE },
	{ "quotewildcard", '2', 0, EXT_NONE },
	{ "quoteregex", '2', 0, EXT_REGEX },
	{ "length", '1', 0, EXT_NONE },
	{ .name = NULL },
};

const struct sieve_word *
sieve_word_find(struct span name, bool is_test)
{
	for (const struct sieve_word *w = sieve_words; w->name != NULL; w++)
		if (w->is_test == is_test && span_iis(name, w->name))
			return w;
	return NULL;
}

const struct sieve_tag *
sieve_tag_find(struct span name, const char *groups)
{
	for (const struct sieve_tag *t = sieve_tags; t->name != NULL; t++)
		if (span_iis(name, t->name) && strchr(groups, t->group) != NULL)
			return t;
	return NULL;
}

enum sieve_extension
sieve_extension_find(struct span name)
{
	for (size_t i = 0; i < EXTENSIONS; i++)
		if (span_is(name, extensions[i].name))
			return extensions[i].ext;
	return EXT_NONE;
}

bool
sieve_extension_later(struct span name)
{
	enum sieve_extension e = sieve_extension_find(name);

	return e != EXT_NONE && e != EXT_VARIABLES && e != EXT_ENCODED;
}

const char *
sieve_extension_name(enum sieve_extension e)
{
	for (size_t i = 0; i < EXTENSIONS; i++)
		if (extensions[i].ext == e)
			return extensions[i].name;
	return "";
}

const char *
sieve_extensions(void)
{
	return "fileinto envelope body reject ereject vacation "
	       "vacation-seconds relational comparator-i;ascii-numeric "
	       "subaddress copy mailbox imap4flags variables date index "
	       "encoded-character environment regex editheader include "
	       "duplicate ihave special-use fcc";
}
