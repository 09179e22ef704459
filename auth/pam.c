/*
 * pam.c - asking PAM
 *
 * The conversation answers a prompt without echo with the password and one
 * with echo with the user's name, once each; anything else ends it: a module
 * that wants a new password cannot have one here. The delay after a failure is
 * ours, in the event loop, so PAM's is taken out.
 */

#include "auth/pam.h"

#include <dlfcn.h>
#include <link.h>
#include <security/pam_appl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"

struct talk {
	const char *user;
	struct span password;
	bool given;
};

static int
answer_one(struct talk *t, const struct pam_message *m, struct pam_response *r)
{
	switch (m->msg_style) {
	case PAM_PROMPT_ECHO_OFF:
		if (t->given)
			return PAM_CONV_ERR;
		t->given = true;
		r->resp = mem_span(t->password);
		return PAM_SUCCESS;
	case PAM_PROMPT_ECHO_ON:
		r->resp = mem_str(t->user);
		return PAM_SUCCESS;
	case PAM_ERROR_MSG:
	case PAM_TEXT_INFO:
		return PAM_SUCCESS;
	default:
		return PAM_CONV_ERR;
	}
}

static int
converse(int count, const struct pam_message **messages,
    struct pam_response **out, void *arg)
{
	struct pam_response *r;
	int got = PAM_SUCCESS;

	if (count <= 0 || count > PAM_MAX_NUM_MSG)
		return PAM_CONV_ERR;
	r = mem_array((size_t)count, sizeof(*r));
	for (int i = 0; i < count && got == PAM_SUCCESS; i++)
		got = answer_one(arg, messages[i], &r[i]);
	if (got == PAM_SUCCESS) {
		*out = r;
		return got;
	}
	for (int i = 0; i < count; i++) {
		if (r[i].resp != NULL)
			explicit_bzero(r[i].resp, strlen(r[i].resp));
		free(r[i].resp);
	}
	free(r);
	return got;
}

static void
no_delay(int status, unsigned us, void *arg)
{
	(void)status;
	(void)us;
	(void)arg;
}

static enum auth_verdict
verdict_of(int status)
{
	switch (status) {
	case PAM_SUCCESS:
		return AUTH_OK;
	case PAM_AUTH_ERR:
	case PAM_USER_UNKNOWN:
	case PAM_MAXTRIES:
	case PAM_CRED_INSUFFICIENT:
		return AUTH_DENIED;
	case PAM_ACCT_EXPIRED:
	case PAM_NEW_AUTHTOK_REQD:
	case PAM_PERM_DENIED:
	case PAM_AUTHTOK_EXPIRED:
		return AUTH_EXPIRED;
	default: /* an out of order module says anything */
		return AUTH_TROUBLE;
	}
}

/* *proved: it is the account that is wrong, not the password. */
static int
ask(pam_handle_t *pam, bool authenticate, const char *client_addr, bool *proved)
{
	/* PAM takes the function as an object pointer, which ISO C has not */
	void (*const delay)(int, unsigned, void *) = no_delay;
	const void *item;
	int got = PAM_SUCCESS;

	memcpy(&item, &delay, sizeof(item));
	(void)pam_set_item(pam, PAM_RHOST, client_addr);
	(void)pam_set_item(pam, PAM_TTY, "facteur");
	(void)pam_set_item(pam, PAM_FAIL_DELAY, item);
	if (authenticate)
		got = pam_authenticate(
		    pam, PAM_SILENT | PAM_DISALLOW_NULL_AUTHTOK);
	*proved = got == PAM_SUCCESS;
	if (got == PAM_SUCCESS)
		got =
		    pam_acct_mgmt(pam, PAM_SILENT | PAM_DISALLOW_NULL_AUTHTOK);
	return got;
}

static bool
has_file(const char *service)
{
	char *path = mem_printf("/etc/pam.d/%s", service);
	bool has = access(path, R_OK) == 0;

	free(path);
	return has;
}

static const char *
file_of(const char *service)
{
	return has_file(service) ? service : "facteur";
}

/* One more reference to a module, so that pam_end() leaves it. */
static int
keep_loaded(struct dl_phdr_info *info, size_t size, void *arg)
{
	(void)size;
	(void)arg;
	if (strstr(info->dlpi_name, "/security/pam_") != NULL)
		(void)dlopen(info->dlpi_name, RTLD_NOW | RTLD_NOLOAD);
	return 0;
}

void
pam_warm(const char *service)
{
	struct talk talk = { "", SPAN(""), true };
	struct pam_conv conv = { converse, &talk };
	pam_handle_t *pam = NULL;

	if (pam_start(file_of(service), "daemon", &conv, &pam) != PAM_SUCCESS)
		return;
	(void)dl_iterate_phdr(keep_loaded, NULL);
	(void)pam_end(pam, PAM_SUCCESS);
}

enum auth_verdict
pam_ask(const char *service, struct buf *user, struct span password,
    const char *client_addr, struct buf *text)
{
	struct talk talk = { buf_str(user), password, false };
	struct pam_conv conv = { converse, &talk };
	pam_handle_t *pam = NULL;
	const void *name = NULL;
	bool proved = false;
	int got = pam_start(file_of(service), talk.user, &conv, &pam);

	if (got != PAM_SUCCESS) {
		buf_add_str(text, "PAM cannot be started");
		return AUTH_TROUBLE;
	}
	got = ask(pam, password.p != NULL, client_addr, &proved);
	if (got != PAM_SUCCESS)
		buf_add_str(text, pam_strerror(pam, got));
	else if (pam_get_item(pam, PAM_USER, &name) == PAM_SUCCESS &&
	    name != NULL && strcmp(name, talk.user) != 0) {
		buf_clear(user);
		buf_add_str(user, name);
	}
	(void)pam_end(pam, got);
	/* some modules say so before they have looked at the password */
	return verdict_of(got) == AUTH_EXPIRED && !proved ? AUTH_DENIED
							  : verdict_of(got);
}
