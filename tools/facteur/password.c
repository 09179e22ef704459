/*
 * password.c - a password from a terminal or standard input, and its hash
 *
 * Never from the command line: arguments are seen by everybody.
 */

#include "tools/facteur/password.h"

#include <crypt.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <termios.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/secret.h"
#include "service/tool.h"

/* One line, byte by byte so that nothing is left in a buffer of stdio. NULL
 * when it cannot be a password. */
static struct secret *
line_read(void)
{
	char bytes[SECRET_MAX + 2] = { 0 };
	struct secret *password;
	size_t n = 0;
	ssize_t got;

	while (n < sizeof(bytes)) {
		got = read(STDIN_FILENO, bytes + n, 1);
		if (got == -1 && errno == EINTR)
			continue;
		if (got <= 0 || bytes[n] == '\n')
			break;
		n++;
	}
	if (n > 0 && bytes[n - 1] == '\r')
		n--;
	password = n == 0 || memchr(bytes, '\0', n) != NULL
	    ? NULL
	    : secret_new(span_of(bytes, n));
	explicit_bzero(bytes, sizeof(bytes));
	return password;
}

/* Signals wait until the terminal echoes again. */
static struct secret *
prompt(const struct tool *t, const char *text)
{
	struct termios before, quiet;
	struct secret *password;
	sigset_t all, old;

	sigemptyset(&all);
	sigaddset(&all, SIGINT);
	sigaddset(&all, SIGTSTP);
	sigaddset(&all, SIGQUIT);
	sigprocmask(SIG_BLOCK, &all, &old);
	if (tcgetattr(STDIN_FILENO, &before) == -1)
		tool_fatal(t, EX_OSERR, "terminal: %s", strerror(errno));
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	/* not before: what is typed at once is neither shown nor lost */
	fprintf(stderr, "%s", text);
	password = line_read();
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
	fprintf(stderr, "\n");
	sigprocmask(SIG_SETMASK, &old, NULL);
	return password;
}

static struct secret *
wanted(const struct tool *t, struct secret *password)
{
	if (password == NULL)
		tool_fatal(t, EX_DATAERR,
		    "a password is 1 to %d bytes, without NUL", SECRET_MAX);
	return password;
}

struct secret *
password_ask(const struct tool *t)
{
	struct secret *first, *second;
	bool same;

	if (!isatty(STDIN_FILENO))
		return wanted(t, line_read());
	first = wanted(t, prompt(t, "Password: "));
	second = wanted(t, prompt(t, "Again: "));
	same = secret_equal(secret_span(first), secret_span(second));
	secret_free(&second);
	if (!same) {
		secret_free(&first);
		tool_fatal(t, EX_DATAERR, "these are two passwords");
	}
	return first;
}

void
password_hash(
    const struct tool *t, const struct secret *password, struct buf *out)
{
	struct crypt_data *data = mem_new(sizeof(*data));
	char setting[CRYPT_GENSALT_OUTPUT_SIZE];
	const char *hash = NULL;

	/* more than crypt() takes would be cut or refused */
	if (secret_span(password).n < CRYPT_MAX_PASSPHRASE_SIZE &&
	    crypt_gensalt_rn("$y$", 0, NULL, 0, setting, sizeof(setting)) !=
		NULL)
		hash = crypt_r(secret_span(password).p, setting, data);
	if (hash == NULL || hash[0] == '*')
		tool_fatal(t, EX_DATAERR, "the password cannot be hashed: %s",
		    strerror(errno));
	buf_add_str(out, hash);
	explicit_bzero(data, sizeof(*data));
	free(data);
}
