/* spawnload - runs a program once per message with the message on its standard
 * input, the way an MTA runs mailbox_command. spawnload -n count -c parallel -i
 * message-file -- program args...   (%d in an argument becomes the serial
 * number) */
#include "lg.h"
#include <spawn.h>
#include <sys/wait.h>
extern char **environ;

int
main(int argc, char **argv)
{
	int o, n = 100, par = 1;
	const char *in = NULL;
	while ((o = getopt(argc, argv, "+n:c:i:")) != -1)
		switch (o) {
		case 'n':
			n = atoi(optarg);
			break;
		case 'c':
			par = atoi(optarg);
			break;
		case 'i':
			in = optarg;
			break;
		default:
			die("usage: spawnload -n count -c parallel -i file -- "
			    "prog args");
		}
	if (optind >= argc || !in)
		die("nothing to run");
	struct samples s = { 0 };
	struct {
		pid_t pid;
		double t;
	} run[256] = { { 0, 0 } };
	int started = 0, live = 0, bad = 0;
	double t0 = now_s();
	while (started < n || live) {
		while (started < n && live < par && live < 256) {
			posix_spawn_file_actions_t fa;
			int k = 0;
			while (run[k].pid)
				k++;
			posix_spawn_file_actions_init(&fa);
			posix_spawn_file_actions_addopen(
			    &fa, 0, in, O_RDONLY, 0);
			run[k].t = now_s();
			if (posix_spawnp(&run[k].pid, argv[optind], &fa, NULL,
				argv + optind, environ))
				die("cannot run %s", argv[optind]);
			posix_spawn_file_actions_destroy(&fa);
			started++;
			live++;
		}
		int st;
		pid_t p = wait(&st);
		if (p < 0)
			break;
		for (int k = 0; k < 256; k++)
			if (run[k].pid == p) {
				smp_add(&s, now_s() - run[k].t);
				run[k].pid = 0;
			}
		bad += st != 0;
		live--;
	}
	struct rusage ru;
	double sec = now_s() - t0;
	getrusage(RUSAGE_CHILDREN, &ru);
	printf("{\"n\":%d,\"failed\":%d,\"seconds\":%.4f,\"cpu_s\":%.4f,"
	       "\"maxrss_kib\":%ld,",
	    n, bad, sec,
	    ru.ru_utime.tv_sec + ru.ru_stime.tv_sec +
		(ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) / 1e6,
	    ru.ru_maxrss);
	smp_print("run", &s);
	puts("}");
	return bad != 0;
}
