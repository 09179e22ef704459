/*
 * scan.c - what lies in the spool at start
 *
 * active/ was under way when the last qmgr ended: it goes on at once. deferred/
 * waits for its time. hold/ waits for the administrator. incoming/ holds what
 * nobody was told 250 for: it is removed, since its writers are gone with the
 * sockets of the last qmgr.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/log.h"
#include "base/table.h"
#include "os/clock.h"
#include "os/file.h"
#include "qmgr/accept_log.h"
#include "qmgr/qmgr.h"

static void
found_message(struct qmgr *q, const char *name, enum place place)
{
	struct message *m = message_load(q, name, place);

	if (m == NULL)
		return;
	accept_log_found(m);
	message_sleep(m);
	if (place == PLACE_HOLD)
		return;
	if (place == PLACE_ACTIVE)
		retry_now(m);
	else
		retry_plan(m, m->next_try);
}

static void
found(struct qmgr *q, const char *name, enum place place)
{
	if (!spool_id_ok(span_str(name))) {
		log_warning(
		    "%s/: not a queue file, left alone", place_name(place));
		return;
	}
	if (place == PLACE_INCOMING) {
		log_info("%s: unfinished message removed", name);
		if (file_unlink(q->folders[place], name) == -1)
			log_error("%s: remove: %s", name, strerror(errno));
	} else if (table_get(q->messages, span_str(name)) == NULL) {
		found_message(q, name, place);
	}
}

static void
scan_folder(struct qmgr *q, enum place place)
{
	int fd = file_open_dir(q->folders[place], ".", false);
	DIR *dir = fd == -1 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (dir == NULL)
		log_fatal("read %s/: %s", place_name(place), strerror(errno));
	while ((entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.')
			found(q, entry->d_name, place);
	closedir(dir);
}

void
scan_start(struct qmgr *q)
{
	accept_log_start(q);
	scan_folder(q, PLACE_INCOMING);
	scan_folder(q, PLACE_ACTIVE);
	scan_folder(q, PLACE_DEFERRED);
	scan_folder(q, PLACE_HOLD);
	accept_log_ready(q);
}
