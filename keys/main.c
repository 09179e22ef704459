/*
 * main.c - keys, who holds the private keys and signs with them
 *
 * Keys are read while it is still root. From then on it opens no file: when a
 * certificate is renewed, a reload starts another.
 */

#include "base/log.h"
#include "base/why.h"
#include "config/param.h"
#include "keys/conf.h"
#include "keys/serve.h"
#include "keys/store.h"
#include "service/service.h"

static struct store *store;

static void
key_add(void *arg, struct span path, unsigned roles)
{
	store_add(arg, path, roles);
}

static void
keys_read(void)
{
	struct why why;

	why_init(&why);
	store = store_new();
	if (!conf_keys(main_cf_folder(service_main_cf()), key_add, store, &why))
		log_fatal("%s", why_text(&why));
	why_free(&why);
}

static void
serve_all(void)
{
	for (size_t i = 0; i < service_listeners(); i++)
		serve(service_loop(), service_listener(i)->fd,
		    service_listener(i)->label, store);
}

int
main(int argc, char **argv)
{
	static const struct service service = {
		.program = "keys",
		.before_jail = keys_read,
		.profile = SANDBOX_KEYS,
		.serve_many = serve_all,
	};

	return service_main(&service, argc, argv);
}
