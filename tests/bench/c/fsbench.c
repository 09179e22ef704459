/* fsbench - what this machine can do at best: disk, loopback, processes. Prints
 * one JSON object. fsbench -d directory [-s seconds per test] */
#include "lg.h"
#include <pthread.h>
#include <spawn.h>
#include <sys/wait.h>
extern char **environ;

static char dir[512];
static double secs = 1.0;
static char page[4096];

struct job {
	int id, fsync, dirsync, batch;
	long done;
};

/* One "message": create tmp, write 4 KiB, (fsync), rename into another folder.
 */
static void *
maildir_job(void *a)
{
	struct job *j = a;
	char t[600], d[600];
	double end = now_s() + secs;
	int dfd = open(dir, O_RDONLY | O_DIRECTORY);
	int fds[256];
	while (now_s() < end) {
		for (int k = 0; k < j->batch; k++) {
			snprintf(t, sizeof t, "%s/t%d_%ld_%d", dir, j->id,
			    j->done, k);
			fds[k] = open(t, O_CREAT | O_EXCL | O_WRONLY, 0600);
			if (fds[k] < 0 ||
			    write(fds[k], page, sizeof page) != sizeof page)
				die("%s: %s", t, strerror(errno));
			if (j->fsync ==
			    2) /* start the write now: blocks get allocated, so
				  one commit can serve all of the batch */
				sync_file_range(
				    fds[k], 0, 0, SYNC_FILE_RANGE_WRITE);
		}
		if (j->fsync == 1 || j->fsync == 2)
			for (int k = 0; k < j->batch; k++)
				fsync(fds[k]);
		else if (j->fsync == 3)
			syncfs(dfd);
		for (int k = 0; k < j->batch; k++) {
			close(fds[k]);
			snprintf(t, sizeof t, "%s/t%d_%ld_%d", dir, j->id,
			    j->done, k);
			snprintf(d, sizeof d, "%s/n%d_%ld_%d", dir, j->id,
			    j->done, k);
			rename(t, d);
		}
		if (j->dirsync)
			fsync(dfd);
		for (int k = 0; k < j->batch; k++) {
			snprintf(d, sizeof d, "%s/n%d_%ld_%d", dir, j->id,
			    j->done, k);
			unlink(d);
		}
		j->done += j->batch;
	}
	close(dfd);
	return NULL;
}

static double
maildir(int threads, int fs, int dirsync, int batch)
{
	pthread_t th[64];
	struct job j[64];
	long n = 0;
	double t0 = now_s();
	for (int i = 0; i < threads; i++) {
		j[i] = (struct job){ i, fs, dirsync, batch, 0 };
		pthread_create(&th[i], NULL, maildir_job, &j[i]);
	}
	for (int i = 0; i < threads; i++) {
		pthread_join(th[i], NULL);
		n += j[i].done;
	}
	return n / (now_s() - t0);
}

static double
logappend(int batch,
    int prealloc) /* messages/s when `batch` messages share one fdatasync */
{
	char f[600];
	snprintf(f, sizeof f, "%s/log", dir);
	int fd = open(f, O_CREAT | O_RDWR | O_TRUNC, 0600);
	if (prealloc && posix_fallocate(fd, 0, 64 << 20))
		die("fallocate");
	if (prealloc) {
		for (int i = 0; i < (64 << 20) / 4096; i++)
			if (pwrite(fd, page, 4096, (off_t)i * 4096) != 4096)
				die("write");
		fsync(fd);
	}
	long n = 0;
	double t0 = now_s(), end = t0 + secs;
	while (now_s() < end) {
		for (int k = 0; k < batch; k++, n++)
			if (pwrite(fd, page, 4096,
				prealloc ? (n % 16384) * 4096 : n * 4096) !=
			    4096)
				die("write: %s", strerror(errno));
		fdatasync(fd);
	}
	double r = n / (now_s() - t0);
	close(fd);
	unlink(f);
	return r;
}

static double
pingpong(int fam)
{
	int sv[2];
	char b[64] = { 0 };
	if (fam == AF_UNIX)
		socketpair(AF_UNIX, SOCK_STREAM, 0, sv);
	else {
		struct sockaddr_in a = { .sin_family = AF_INET,
			.sin_addr.s_addr = htonl(0x7f000001) };
		socklen_t l = sizeof a;
		int ls = socket(AF_INET, SOCK_STREAM, 0), one = 1;
		bind(ls, (struct sockaddr *)&a, sizeof a);
		listen(ls, 1);
		getsockname(ls, (struct sockaddr *)&a, &l);
		sv[0] = socket(AF_INET, SOCK_STREAM, 0);
		connect(sv[0], (struct sockaddr *)&a, sizeof a);
		sv[1] = accept(ls, NULL, NULL);
		setsockopt(sv[0], IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
		setsockopt(sv[1], IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
		close(ls);
	}
	pid_t p = fork();
	if (!p) {
		close(sv[0]);
		while (read(sv[1], b, 32) > 0)
			if (write(sv[1], b, 32) < 0)
				break;
		_exit(0);
	}
	close(sv[1]);
	long n = 0;
	double t0 = now_s(), end = t0 + secs;
	while (now_s() < end)
		for (int k = 0; k < 50; k++, n++)
			if (write(sv[0], b, 32) != 32 ||
			    read(sv[0], b, 32) <= 0)
				die("pingpong");
	double r = n / (now_s() - t0);
	close(sv[0]);
	waitpid(p, NULL, 0);
	return r;
}

static double
tcpconn(void) /* connect + accept + close in one process */
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(0x7f000001) };
	socklen_t l = sizeof a;
	int ls = socket(AF_INET, SOCK_STREAM, 0);
	bind(ls, (struct sockaddr *)&a, sizeof a);
	listen(ls, 16);
	getsockname(ls, (struct sockaddr *)&a, &l);
	long n = 0;
	double t0 = now_s(), end = t0 + secs / 2;
	while (now_s() < end) {
		int c = socket(AF_INET, SOCK_STREAM, 0);
		struct linger lg = { 1, 0 };
		setsockopt(c, SOL_SOCKET, SO_LINGER, &lg, sizeof lg);
		connect(c, (struct sockaddr *)&a, sizeof a);
		int s = accept(ls, NULL, NULL);
		close(c);
		close(s);
		n++;
	}
	close(ls);
	return n / (now_s() - t0);
}

static double
forks(int exec)
{
	long n = 0;
	char *av[] = { "/bin/true", NULL };
	double t0 = now_s(), end = t0 + secs;
	while (now_s() < end) {
		pid_t p;
		if (exec)
			posix_spawn(&p, av[0], NULL, NULL, av, environ);
		else if (!(p = fork()))
			_exit(0);
		waitpid(p, NULL, 0);
		n++;
	}
	return n / (now_s() - t0);
}

int
main(int argc, char **argv)
{
	int o;
	const char *d = "/tmp";
	while ((o = getopt(argc, argv, "d:s:")) != -1)
		switch (o) {
		case 'd':
			d = optarg;
			break;
		case 's':
			secs = atof(optarg);
			break;
		default:
			die("usage: fsbench -d directory [-s seconds]");
		}
	snprintf(dir, sizeof dir, "%s/fsbench.%d", d, (int)getpid());
	if (mkdir(dir, 0700))
		die("%s: %s", dir, strerror(errno));
	signal(SIGPIPE, SIG_IGN);
	printf("{\"log_append_fdatasync_per_s\":%.0f,", logappend(1, 0));
	printf("\"log_overwrite_fdatasync_per_s\":%.0f,", logappend(1, 1));
	printf("\"log_msgs_per_s_batch10\":%.0f,", logappend(10, 0));
	printf("\"log_msgs_per_s_batch50\":%.0f,", logappend(50, 0));
	fflush(stdout);
	printf("\"create_write_rename_nosync_t1\":%.0f,", maildir(1, 0, 0, 1));
	printf("\"create_write_fsync_rename_t1\":%.0f,", maildir(1, 1, 0, 1));
	printf("\"create_write_fsync_rename_t10\":%.0f,", maildir(10, 1, 0, 1));
	printf("\"create_write_fsync_rename_t50\":%.0f,", maildir(50, 1, 0, 1));
	printf("\"create_write_fsync_rename_dirsync_t1\":%.0f,",
	    maildir(1, 1, 1, 1));
	printf("\"create_write_fsync_rename_dirsync_t10\":%.0f,",
	    maildir(10, 1, 1, 1));
	fflush(stdout);
	printf("\"batch10_fsync_each_t1\":%.0f,", maildir(1, 1, 0, 10));
	printf("\"batch50_fsync_each_t1\":%.0f,", maildir(1, 1, 0, 50));
	printf("\"batch50_fsync_each_dirsync_t1\":%.0f,", maildir(1, 1, 1, 50));
	printf(
	    "\"batch10_writeback_then_fsync_t1\":%.0f,", maildir(1, 2, 0, 10));
	printf(
	    "\"batch50_writeback_then_fsync_t1\":%.0f,", maildir(1, 2, 0, 50));
	printf("\"batch10_syncfs_t1\":%.0f,", maildir(1, 3, 0, 10));
	printf("\"batch50_syncfs_t1\":%.0f,", maildir(1, 3, 0, 50));
	printf("\"tcp_pingpong_per_s\":%.0f,", pingpong(AF_INET));
	printf("\"unix_pingpong_per_s\":%.0f,", pingpong(AF_UNIX));
	printf("\"tcp_connect_accept_close_per_s\":%.0f,", tcpconn());
	printf("\"fork_wait_per_s\":%.0f,", forks(0));
	printf("\"spawn_true_wait_per_s\":%.0f}\n", forks(1));
	rmdir(dir);
	return 0;
}
