/* env.h - what all parts of smtp share, for the life of the process */

#ifndef SMTP_ENV_H
#define SMTP_ENV_H

struct cache;
struct channel;
struct loop;
struct refusals;
struct smtp_conf;

struct smtp_env {
	const struct smtp_conf *conf;
	struct loop *loop;
	struct channel *resolver;
	struct channel *connector; /* for Unix sockets */
	struct channel *tlsrpt; /* NULL: no TLS reports */
	struct channel *sts; /* NULL: no MTA-STS */
	struct channel *bounce; /* NULL: no class of errors is asked for */
	struct channel *lookup; /* NULL where no table is configured */
	struct cache *cache; /* NULL: no connection serves twice */
	struct refusals *refusals; /* NULL: each login is tried */
};

#endif
