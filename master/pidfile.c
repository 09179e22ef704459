/* pidfile.c - one master to a configuration, by a lock that dies with it */

#include "master/pidfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/why.h"
#include "os/file.h"

int
pidfile_take(const char *folder, const char *group, struct why *why)
{
	char *path = mem_printf("%s/master%s%s.pid", folder,
	    group == NULL ? "" : "-", group == NULL ? "" : group);
	char pid[16];
	int n = snprintf(pid, sizeof(pid), "%d\n", (int)getpid());
	int fd;

	if (mkdir(folder, 0755) == -1 && errno != EEXIST) {
		why_set(why, "4.3.0", "process_id_directory = %s: %s", folder,
		    strerror(errno));
		free(path);
		return -1;
	}
	fd = file_open(AT_FDCWD, path, O_RDWR | O_CREAT, 0644);
	if (fd == -1 || flock(fd, LOCK_EX | LOCK_NB) == -1) {
		if (fd != -1 && errno == EWOULDBLOCK)
			why_set(why, "4.3.0",
			    "%s is locked: the mail system is already running",
			    path);
		else
			why_set(why, "4.3.0", "%s: %s", path, strerror(errno));
		file_close(&fd);
		free(path);
		return -1;
	}
	free(path);
	if (ftruncate(fd, 0) == -1 ||
	    file_write(fd, span_of(pid, (size_t)n)) == -1) {
		why_set(why, "4.3.0", "master.pid: %s", strerror(errno));
		file_close(&fd);
		return -1;
	}
	return fd;
}
