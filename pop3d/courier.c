/* courier.c - what pop3d takes from Courier's file of that name */

#include "pop3d/courier.h"

#include "base/buf.h"
#include "config/courier.h"
#include "config/places.h"
#include "pop3d/conf.h"

bool
pop3d_courier(const char *folder, struct pop3_conf *out, struct why *why)
{
	struct buf path = BUF_EMPTY;
	struct courier *c;
	bool good;

	(void)places_find(folder, PLACE_POP3D, &path);
	c = courier_load(buf_str(&path), true, why);
	buf_free(&path);
	good = c != NULL &&
	    courier_yes(
		c, "POP3_LOG_DELETIONS", false, &out->log_deletions, why);
	courier_free(&c);
	return good;
}
