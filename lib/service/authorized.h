/* authorized.h - which users of this machine may do something
 * (authorized_submit_users and its kin)
 */

#ifndef SERVICE_AUTHORIZED_H
#define SERVICE_AUTHORIZED_H

#include <stdbool.h>
#include <sys/types.h>

struct authorized;

/* Read the value of a parameter: names of users, "static:..." for everybody,
 * each behind "!" or not, "/file" for the items in it; the first that fits
 * decides, and who fits none may not. Accounts and files are looked at here,
 * before any jail. What is not understood fits nobody, and is logged. */
struct authorized *authorized_new(const char *parameter, const char *value);
void authorized_free(struct authorized **a);
/* Root always may. */
bool authorized_has(const struct authorized *a, uid_t uid);
/* And who asks as the account of this daemon, which is mail_owner. */
bool authorized_serves(const struct authorized *a, uid_t uid);

#endif
