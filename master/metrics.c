/*
 * metrics.c - the pages in which rows count, as files for facteur metrics
 *
 * A file for each row in the folder metrics (of a group: metrics-GROUP) beside
 * master.pid, readable for all. Its first page says whose it is and is written
 * here alone; the second is mapped by the row's processes.
 */

#include "master/metrics.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/metric.h"
#include "master/conf.h"
#include "master/master.h"
#include "master/roles.h"
#include "master/row.h"
#include "os/file.h"

enum { COUNTERS = METRICS * sizeof(uint64_t) };

static char *
folder_of(const struct master *m, const char *folder)
{
	return mem_printf("%s/metrics%s%s", folder, m->group == NULL ? "" : "-",
	    m->group == NULL ? "" : m->group);
}

void
metrics_clean(const struct master *m, const char *folder)
{
	char *path = folder_of(m, folder);
	int fd = file_open_dir(AT_FDCWD, path, false);
	DIR *dir = fd == -1 ? NULL : fdopendir(fd);
	struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.')
			(void)file_unlink(dirfd(dir), entry->d_name);
	if (dir != NULL)
		closedir(dir);
	free(path);
}

/* "inet-127.0.0.1_25-smtpd": a name that no service can turn into a path. */
static char *
file_name(const struct row *r)
{
	char *name = mem_printf("%s-%s-%s", r->type, r->name, r->role->program);

	for (char *p = name; *p != '\0'; p++)
		if (!ascii_alnum((unsigned char)*p) &&
		    strchr("-._", *p) == NULL)
			*p = '_';
	return name;
}

static int
page_write(int fd, const struct row *r)
{
	char *head =
	    mem_printf(METRIC_MAGIC "\n%s\n%s\n", r->role->program, r->name);
	int got = file_write_at(fd, span_str(head), 0);

	free(head);
	return got == -1 ? -1 : ftruncate(fd, METRIC_HEADER + COUNTERS);
}

static int
page_make(const struct row *r)
{
	char *path =
	    folder_of(r->master, r->master->conf->process_id_directory);
	char *name = file_name(r);
	int dir, fd = -1;

	if (mkdir(path, 0755) == 0 || errno == EEXIST) {
		dir = file_open_dir(AT_FDCWD, path, false);
		if (dir != -1) {
			(void)file_unlink(dir, name);
			fd = file_open(
			    dir, name, O_RDWR | O_CREAT | O_EXCL, 0644);
		}
		file_close(&dir);
	}
	if (fd != -1 && page_write(fd, r) == -1)
		file_close(&fd);
	if (fd == -1)
		log_warning("%s/%s: %s: it is not counted", path, name,
		    strerror(errno));
	free(path);
	free(name);
	return fd;
}

void
metrics_open(struct row *r, struct row *old)
{
	void *page;

	r->metrics_fd = -1;
	if (old != NULL && old->metrics != NULL &&
	    strcmp(old->role->program, r->role->program) == 0) {
		r->metrics_fd = fcntl(old->metrics_fd, F_DUPFD_CLOEXEC, 0);
	}
	if (r->metrics_fd == -1)
		r->metrics_fd = page_make(r);
	if (r->metrics_fd == -1)
		return;
	page = mmap(NULL, COUNTERS, PROT_READ | PROT_WRITE, MAP_SHARED,
	    r->metrics_fd, METRIC_HEADER);
	if (page == MAP_FAILED)
		file_close(&r->metrics_fd);
	else
		r->metrics = page;
}

void
metrics_close(struct row *r)
{
	if (r->metrics != NULL)
		(void)munmap(r->metrics, COUNTERS);
	r->metrics = NULL;
	file_close(&r->metrics_fd);
}
