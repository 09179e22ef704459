/*
 * sweep.c - removing a directory with what is in it
 */

#include "mailbox/sweep.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "os/file.h"

void
sweep_dir(int at, const char *name, int depth)
{
	int fd = file_open_dir(at, name, false);
	DIR *d = fd == -1 ? NULL : fdopendir(fd);
	struct dirent *e;

	if (d == NULL) {
		file_close(&fd);
		(void)unlinkat(at, name, 0); /* a link to a folder elsewhere */
		return;
	}
	while ((e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (file_unlink(fd, e->d_name) == -1 && depth > 1)
			sweep_dir(fd, e->d_name, depth - 1);
	}
	closedir(d);
	(void)unlinkat(at, name, AT_REMOVEDIR);
}
