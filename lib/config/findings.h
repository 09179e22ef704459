/* findings.h - what a main.cf says in vain: for postconf and facteur check */

#ifndef CONFIG_FINDINGS_H
#define CONFIG_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct main_cf;

enum finding_kind {
	FINDING_UNUSED, /* no program knows the name, no value refers to it */
	FINDING_UNSUPPORTED, /* Postfix has it, no program of ours reads it */
	FINDING_UNDEFINED /* a value refers to a name that is not set */
};

struct finding {
	enum finding_kind kind;
	const char *name;
	const char *value; /* of that name; FINDING_UNDEFINED: "" */
	const char *where; /* "FILE, line N" of the setting, or that refers */
};

/* A look through m, which must outlive it. First tell it what stands in
 * master.cf, then walk. */
struct findings;

struct findings *findings_new(const struct main_cf *m);
void findings_free(struct findings **f);
/* Who says whether a program reads a parameter of the shared table; without
 * this call, param_served() does. A parameter that none reads is a finding
 * when it is set to something else than its default. */
void findings_served(struct findings *f, bool (*served)(struct span name));
/* A service's name: NAME_destination_recipient_limit and its kin are used.
 * When none is told, such parameters are taken as used whatever the name. */
void findings_service(struct findings *f, const char *name);
/* The value of an option -o in master.cf: names it refers to are used. */
void findings_text(struct findings *f, const char *value);
/* The findings, by the file's order: *at begins at 0. */
bool findings_next(struct findings *f, size_t *at, struct finding *found);
/* True when the name of an option -o is worth a finding: *kind says which. */
bool
findings_judge(struct findings *f, const char *name, enum finding_kind *kind);
/* Walk the names in the value of an option -o that are set nowhere: *at begins
 * at 0. What other options of the row set is the caller's business. */
bool findings_undefined(
    const struct findings *f, const char *value, size_t *at, struct span *name);
/* The name belongs to a service (smtp_destination_recipient_limit). */
bool findings_of_service(const struct findings *f, const char *name);
/* As one says it: "unused parameter". */
const char *finding_text(enum finding_kind kind);

#endif
