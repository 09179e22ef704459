/*
 * use.c - what folders are for, by their names (RFC 6154)
 */

#include "mailbox/use.h"

enum { NAMES_MOST = 5 };

static const struct {
	const char *attribute;
	const char *names[NAMES_MOST];
} uses[USES] = {
	{ "\\Archive", { "Archive", "Archives", NULL } },
	{ "\\Drafts", { "Drafts", "Entw\xc3\xbcrfe", "Brouillons", NULL } },
	{ "\\Junk", { "Junk", "Spam", "Junk E-mail", NULL } },
	{ "\\Sent",
	    { "Sent", "Sent Messages", "Sent Items", "Sent Mail", NULL } },
	{ "\\Trash", { "Trash", "Deleted Messages", "Deleted Items", NULL } },
};

const char *
uses_attribute(size_t i)
{
	return uses[i].attribute;
}

const char *
uses_name(size_t i, size_t k)
{
	return k < NAMES_MOST ? uses[i].names[k] : NULL;
}

size_t
uses_of(struct span name)
{
	for (size_t i = 0; i < USES; i++)
		for (size_t k = 0; uses_name(i, k) != NULL; k++)
			if (span_is(name, uses[i].names[k]))
				return i;
	return USES;
}

size_t
uses_find(struct span attribute)
{
	size_t i = 0;

	while (i < USES && !span_iis(attribute, uses[i].attribute))
		i++;
	return i;
}
