/* place.h - the folder of the cache, made while the process is still root */

#ifndef VERIFY_PLACE_H
#define VERIFY_PLACE_H

#include <stdbool.h>

struct verify_conf;

/* address_verify_map's folder, made for mail_owner where it is not there. False
 * (told in the log): there is no place for a file, the cache lives in memory.
 */
bool place_prepare(const struct verify_conf *conf);

#endif
