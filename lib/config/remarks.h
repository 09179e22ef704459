/* remarks.h - all that the configuration says in vain, as lines for people:
 * for the log of master and for facteur check */

#ifndef CONFIG_REMARKS_H
#define CONFIG_REMARKS_H

#include <stdbool.h>

#include "config/places.h"

struct courier;
struct main_cf;
struct master_cf;
struct why;

/* text is one line without control bytes, good until the call returns.
 * warning: somebody should look; otherwise it is worth knowing. */
typedef void remark_fn(void *arg, bool warning, const char *text);

/* Parameters that are unknown or without effect, in main.cf and in master.cf's
 * options; rows that start nothing; rows without which the suite does not work.
 * services may be NULL where master.cf could not be read. */
void remarks_main(const struct main_cf *m, const struct master_cf *services,
    remark_fn *say, void *arg);
/* Settings of Courier's file (PLACE_IMAPD, PLACE_POP3D, PLACE_AUTHDAEMONRC) and
 * of its -ssl file that are unknown or not honoured. false: one of the files
 * cannot be read, why says which and what to do. */
bool remarks_courier(const char *folder, enum place which, remark_fn *say,
    void *arg, struct why *why);

/* Variables of config.php that are unknown or not honoured, and servers that
 * are not this host. false: it cannot be read, why says what to do. */
bool remarks_config_php(const struct main_cf *m, const char *folder,
    remark_fn *say, void *arg, struct why *why);
/* Is a server of config.php this host: its name, one of mydestination, an
 * address of it, or a socket? */
bool php_server_here(const struct main_cf *m, const char *server);

#endif
