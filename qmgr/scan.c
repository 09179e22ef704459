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
#include "queue/structure.h"

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
	ids_seen(q, span_str(name));
	if (place == PLACE_INCOMING) {
		log_info("%s: unfinished message removed", name);
		if (file_unlink(q->folders[place], name) == -1)
			log_error("%s: remove: %s", name, strerror(errno));
	} else {
		struct message *m = table_get(q->messages, span_str(name));

		if (m == NULL)
			found_message(q, name, place);
		else if (m->place != place)
			log_warning("%s: in %s/ as well as in %s/, left alone",
			    name, place_name(place), place_name(m->place));
	}
}

static void
repaired(void *arg, bool trouble, const char *text)
{
	(void)arg;
	if (trouble)
		log_warning("%s", text);
	else
		log_info("%s", text);
}

bool
scan_mode(struct qmgr *q, const char *id, enum place place)
{
	struct structure s = { .say = repaired };

	return structure_mode(&s, q->folders[place], place_name(place), id) &&
	    s.modes > 0;
}

static bool
is_subfolder(const struct dirent *entry)
{
	return (entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN) &&
	    structure_is_hash(entry->d_name);
}

/* Queue files of subfolders, as a backup of a hashed queue leaves them. */
static void
subfolders_empty(struct qmgr *q, enum place place)
{
	struct structure s = { .say = repaired };
	const char *name = place_name(place);

	if (structure_flatten(&s, q->folders[place], name) == -1)
		log_error("read %s/: %s", name, strerror(errno));
}

/* True when there were subfolders: files may have come from them. */
static bool
scan_folder(struct qmgr *q, enum place place)
{
	int fd = file_open_dir(q->folders[place], ".", false);
	DIR *dir = fd == -1 ? NULL : fdopendir(fd);
	struct dirent *entry;
	bool hashed = false;

	if (dir == NULL)
		log_fatal("read %s/: %s", place_name(place), strerror(errno));
	while ((entry = readdir(dir)) != NULL)
		if (is_subfolder(entry))
			hashed = true;
		else if (entry->d_name[0] != '.')
			found(q, entry->d_name, place);
	closedir(dir);
	return hashed;
}

static void
scan_place(struct qmgr *q, enum place place)
{
	if (!scan_folder(q, place))
		return;
	subfolders_empty(q, place);
	(void)scan_folder(q, place);
}

static DIR *
corrupt_open(struct qmgr *q)
{
	int fd = file_open_dir(q->folders[PLACE_CORRUPT], ".", false);
	DIR *dir = fd == -1 ? NULL : fdopendir(fd);

	if (dir == NULL) {
		log_error("read corrupt/: %s", strerror(errno));
		file_close(&fd);
	}
	return dir;
}

/* What is set aside stays there under its id. */
static void
scan_corrupt_ids(struct qmgr *q)
{
	DIR *dir = corrupt_open(q);
	struct dirent *entry;

	if (dir == NULL)
		return;
	while ((entry = readdir(dir)) != NULL)
		ids_seen(q, span_str(entry->d_name));
	closedir(dir);
}

static bool
corrupt_back(struct qmgr *q, const char *id)
{
	struct message *m;

	if (table_get(q->messages, span_str(id)) != NULL ||
	    spool_move(q, id, PLACE_CORRUPT, PLACE_DEFERRED) == -1)
		return false;
	m = message_load(q, id, PLACE_DEFERRED);
	if (m == NULL) {
		/* damaged, it is there again already */
		(void)!spool_move(q, id, PLACE_DEFERRED, PLACE_CORRUPT);
		return false;
	}
	message_sleep(m);
	retry_now(m);
	return true;
}

uint64_t
scan_corrupt(struct qmgr *q, struct span qid)
{
	DIR *dir = corrupt_open(q);
	struct dirent *entry;
	uint64_t count = 0;

	if (dir == NULL)
		return 0;
	while ((entry = readdir(dir)) != NULL)
		if (spool_id_ok(span_str(entry->d_name)) &&
		    (qid.n == 0 || span_is(qid, entry->d_name)) &&
		    corrupt_back(q, entry->d_name))
			count++;
	closedir(dir);
	return count;
}

void
scan_start(struct qmgr *q)
{
	ids_start(q);
	accept_log_start(q);
	scan_corrupt_ids(q);
	scan_place(q, PLACE_INCOMING);
	scan_place(q, PLACE_ACTIVE);
	scan_place(q, PLACE_DEFERRED);
	scan_place(q, PLACE_HOLD);
	accept_log_ready(q);
}
