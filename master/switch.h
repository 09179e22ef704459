/* switch.h - what main.cf switches off, and where it may log
 *
 * Words of main.cf, judged; nothing is opened here.
 */

#ifndef MASTER_SWITCH_H
#define MASTER_SWITCH_H

#include <stdbool.h>

/* Is the row NAME TYPE switched off by master_service_disable? Items are
 * "type", "name/type" (or "name.type"), each behind "!" or not; the first that
 * fits decides. */
bool service_is_disabled(const char *list, const char *name, const char *type);
/* Does path lie at or below one of the prefixes (maillog_file_prefixes)? "" is
 * no file, and may be. */
bool log_path_allowed(const char *prefixes, const char *path);

#endif
