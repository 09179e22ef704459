/*
 * main.c - master starts, limits and restarts the daemons of master.cf
 *
 * It stays in the foreground. It parses its own configuration, and the framed
 * states of its children, and nothing else.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/why.h"
#include "config/param.h"
#include "config/places.h"
#include "master/conf.h"
#include "master/master.h"
#include "master/metrics.h"
#include "master/pidfile.h"
#include "os/loop.h"

static struct master master = { .log_fd = -1 };

static void
usage(void)
{
	fprintf(stderr,
	    "usage: master [-c config_dir] [-g mta|imap|pop3|auth|deliver] "
	    "[-v]\n");
	exit(64);
}

static void
options_read(int argc, char **argv, struct why *why)
{
	const char *dir = NULL;
	int option;

	while ((option = getopt(argc, argv, "c:dg:v")) != -1) {
		if (option == 'c')
			dir = optarg;
		else if (option == 'g')
			master.group = optarg;
		else if (option == 'v')
			master.verbose++;
		else if (option != 'd') /* foreground: always */
			usage();
	}
	dir = places_folder(dir, why);
	if (dir == NULL)
		log_fatal("%s", why_text(why));
	master.config_dir = realpath(dir, NULL);
	if (master.config_dir == NULL)
		log_fatal("configuration folder %s: %s", dir, strerror(errno));
}

static void
log_start(struct why *why)
{
	struct arena *a = arena_new();
	struct main_cf *cf = NULL;
	struct master_conf *conf =
	    master_conf_read(a, master.config_dir, &cf, why);
	char *ident;

	if (conf == NULL)
		log_fatal("%s", why_text(why));
	if (master_log_open(&master, conf, why) == -1 ||
	    pidfile_take(conf->process_id_directory, master.group, why) == -1)
		log_fatal("%s", why_text(why));
	metrics_clean(&master, conf->process_id_directory);
	ident = mem_printf("%s/master", conf->syslog_name);
	log_to(master.log_fd, master.log_is_file, ident);
	free(ident);
	main_cf_free(&cf);
	arena_free(&a);
}

int
main(int argc, char **argv)
{
	struct why why;

	why_init(&why);
	log_to(-1, false, "master");
	umask(022);
	options_read(argc, argv, &why);
	if (geteuid() != 0)
		log_fatal("must be started by root");
	log_start(&why);
	master.loop = loop_new();
	list_init(&master.rows);
	list_init(&master.orphans);
	if (master_load(&master, &why) == -1) {
		fprintf(stderr, "master: fatal: %s\n", why_text(&why));
		log_fatal("%s", why_text(&why));
	}
	master_run(&master);
	why_free(&why);
	return 0;
}
