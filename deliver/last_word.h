/* last_word.h - what a delivery is said to have ended with: changed by a table
 * (local_delivery_status_filter and its kin), and logged */

#ifndef DELIVER_LAST_WORD_H
#define DELIVER_LAST_WORD_H

#include <stdbool.h>

#include "calls/delivery_log.h"

struct deliver_conf;
struct why;

struct last_word {
	const char *ident; /* "local", "virtual" or "pipe" */
	const struct delivery_log *log;
	bool logged; /* already, unless a table has a say in it */
};

/* The parameter whose tables have a say in what that agent says, or NULL. */
const char *
last_word_tables(const struct deliver_conf *conf, const char *ident);
/* fn is called when why is as it is to be told, and has been logged; at once
 * where no table has a say. */
void last_word(const struct deliver_conf *conf, const struct last_word *w,
    struct why *why, void (*fn)(void *arg), void *arg);
void last_word_log(
    const char *ident, const struct delivery_log *log, const struct why *why);

#endif
