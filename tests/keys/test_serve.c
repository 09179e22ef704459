/* test_serve.c - keys/serve.h asked by calls/key_call.h, over a socket */

#include "keys/serve.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "calls/key_call.h"
#include "keys/conf.h"
#include "keys/store.h"
#include "os/loop.h"
#include "os/sock.h"
#include "tests/unit.h"

static char folder[] = "/tmp/facteur-test.XXXXXX";
static char *path;

/* A keys process that listens on path. */
static pid_t
start(int fd)
{
	pid_t pid = fork();

	ck_assert_int_ne(pid, -1);
	if (pid == 0) {
		struct loop *loop = loop_new();
		struct store *store = store_new();

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		store_add(store, SPAN("tests/data/tls/ec.key"), ROLE_SMTPD);
		serve(loop, fd, "smtpd", store);
		loop_run(loop);
		_exit(1);
	}
	return pid;
}

static void
stop(pid_t pid)
{
	int status;

	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
}

static bool
sign(struct key_client *c, const char *key, const char *scheme)
{
	char digest[32] = "digest";
	struct buf signature = BUF_EMPTY;
	bool good = key_client_sign(c, span_str(key), span_str(scheme),
	    span_of(digest, sizeof(digest)), &signature);

	ck_assert(good == (signature.n > 0));
	buf_free(&signature);
	return good;
}

START_TEST(over_a_socket)
{
	struct key_client *c;
	pid_t pid;
	int fd;

	signal(SIGPIPE, SIG_IGN);
	ck_assert_ptr_nonnull(mkdtemp(folder));
	path = mem_printf("%s/keys", folder);
	fd = sock_listen_unix(path, SOCK_SEQPACKET, 0600, 8);
	ck_assert_int_ne(fd, -1);
	c = key_client_new(path, 5000);
	pid = start(fd);
	ck_assert(sign(c, "tests/data/tls/ec.key", "ecdsa"));
	ck_assert(sign(c, "tests/data/tls/ec.key", "ecdsa"));
	ck_assert(!sign(c, "tests/data/tls/rsa.key", "pkcs1:SHA256"));
	ck_assert(!sign(c, "tests/data/tls/ec.key", "raw"));
	/* longer than any name: the other end hangs up, and serves on */
	ck_assert(!sign(c, "tests/data/tls/ec.key",
	    "a scheme whose name is far longer than any scheme's"));
	ck_assert(sign(c, "tests/data/tls/ec.key", "ecdsa"));
	/* it dies; another takes over the socket: nobody notices */
	stop(pid);
	pid = start(fd);
	ck_assert(sign(c, "tests/data/tls/ec.key", "ecdsa"));
	stop(pid);
	close(fd);
	unlink(path);
	ck_assert(!sign(c, "tests/data/tls/ec.key", "ecdsa"));
	key_client_free(&c);
	rmdir(folder);
	free(path);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_test(t, over_a_socket);
}

int
main(void)
{
	return unit_main("keys/serve", fill);
}
