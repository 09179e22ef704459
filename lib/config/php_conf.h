/* php_conf.h - SquirrelMail's config.php, read as data and never run */

#ifndef CONFIG_PHP_CONF_H
#define CONFIG_PHP_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "config/php_value.h"

struct notes;
struct why;

/* What the constant SM_PATH stands for. */
#define PHP_SM_PATH "/usr/share/squirrelmail/"

/* Assignments to variables: $name = value; and $name['a'][0] = value; with
 * strings, whole numbers, true, false, null, array(...), [...], other
 * variables of the file, the constant SM_PATH, and these joined by a dot. What
 * is more than that (calls, conditions, functions) is left out with a note. */
struct php_conf;

/* sm_path is what SM_PATH stands for. NULL: why says file, line and remedy;
 * only for what cannot be text (NUL and control bytes, a string or comment
 * without end) and for limits: 1 MiB, arrays 8 deep, 8 MiB of values.
 * $smtpServerAdress, misspelt in a well-known listing, is taken as
 * $smtpServerAddress where that one is not set. */
struct php_conf *php_conf_parse(
    struct span text, const char *name, const char *sm_path, struct why *why);
/* The file and all that it includes. One that is absent is empty. */
struct php_conf *
php_conf_load(const char *path, const char *sm_path, struct why *why);
/* Read another file on top, what it sets wins: config_local.php. */
bool php_conf_add(
    struct php_conf *c, struct span text, const char *name, struct why *why);
void php_conf_free(struct php_conf **c);
const struct notes *php_conf_notes(const struct php_conf *c);

/* Names of files that include, include_once, require and require_once of the
 * text ask for, as written there: *at begins at 0. Reading them is the
 * caller's business. */
bool
php_conf_include_next(const struct php_conf *c, size_t *at, const char **file);

/* The value of $name, or NULL. Lives as long as c. */
const struct php_value *
php_conf_get(const struct php_conf *c, const char *name);
/* "FILE, line N" where it was last set, or NULL. */
const char *php_conf_where(const struct php_conf *c, const char *name);
bool php_conf_next(const struct php_conf *c, size_t *at, const char **name,
    const struct php_value **value);

/* Typed, with a default where it is not set. PHP's own habits: '143' is a
 * number, 1 and '1' are true, 0, '', '0' and null are false. false: why says
 * file, line and what is wanted. */
bool php_conf_string(const struct php_conf *c, const char *name,
    const char *otherwise, const char **value, struct why *why);
bool php_conf_bool(const struct php_conf *c, const char *name, bool otherwise,
    bool *value, struct why *why);
bool php_conf_int(const struct php_conf *c, const char *name, int64_t otherwise,
    int64_t *value, struct why *why);

/* What Facteur's webmail makes of a variable of SquirrelMail. */
enum php_use {
	PHP_USED,
	PHP_MOOT, /* no object here: nothing is lost without it */
	PHP_MISSING, /* asks for something that the webmail does not do */
	PHP_UNKNOWN
};
/* value: a setting that asks for nothing is PHP_MOOT whatever its name. */
enum php_use php_conf_use(const char *name, const struct php_value *value);
/* The names that are known, sorted; NULL behind the last. */
const char *php_conf_known(size_t i, enum php_use *use);
#endif
