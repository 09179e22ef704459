/* webmail.h - one request to the webmail, from its parts to its page */

#ifndef WEBMAIL_CGI_WEBMAIL_H
#define WEBMAIL_CGI_WEBMAIL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"
#include "service/tool.h"
#include "webmail-cgi/imap.h"
#include "webmail-cgi/request.h"
#include "webmail-cgi/words.h"

struct arena;
struct queue_rcpt;
struct why;

/* Of config.php, with SquirrelMail's names and defaults. */
struct webmail_conf {
	const char *org_name, *org_title, *motd;
	const char *domain;
	const char *imap_server;
	const char *trash_folder, *sent_folder, *draft_folder;
	const char *folder_prefix;
	const char *language, *session_name, *signout_page;
	const char *sendmail_path, *sendmail_args;
	bool use_sendmail, auto_create_special, move_to_trash, save_sent;
	bool save_draft, special_first, lowercase, only_secure_cookies;
	int show_num; /* messages on a page */
};

/* A page being made. */
struct webmail {
	struct tool tool;
	struct webmail_conf conf;
	bool strict; /* sandbox = strict */
	struct arena *arena;
	struct request request;
	int login, submit; /* sockets; -1: not open */
	enum language language;
	/* Of the cookie: what login knows the user by, and what forms carry. */
	struct span ticket, token;
	struct imap *imap; /* once a page has joined its session */
	struct span user; /* whose session it is; login said so */
	/* the answer */
	int status;
	struct buf head, body;
	const char *type; /* Content-Type; NULL: HTML */
	bool framed; /* shown inside a page of ours */
};

/* conf.c: find and read config.php. False: the body holds an error page. */
bool conf_read(struct webmail *w);

/* session.c */
/* Take ticket and token from the cookie; false: nobody is signed in. */
bool session_known(struct webmail *w);
/* Join the user's IMAP session. False: an answer has been made (sign in again,
 * or an error). */
bool session_join(struct webmail *w);
/* A form carries the session's token; else an error page is made. */
bool session_form_ok(struct webmail *w);
void session_end(struct webmail *w);

/* sendmail.c: $useSendmail */
/* Make a process that will run the command, before rights are dropped; the
 * socket to it, or -1. */
int sendmail_start(const struct webmail *w);
struct sendmail_mail {
	struct span sender, message;
	const struct queue_rcpt *rcpts;
	size_t count;
};
/* Give it a message; why says how it ended. */
void sendmail_run(int fd, const struct sendmail_mail *m, struct why *why);

/* page.c: the frame of all pages */
void page_begin(struct webmail *w, const char *title);
void page_end(struct webmail *w);
/* One page with a message for people. */
void page_error(struct webmail *w, int status, const char *text);
/* Go on at path ("/list?..."), 303. */
void page_redirect(struct webmail *w, const char *path);
/* Go on at the list of a folder; the word (WORD_COUNT: none) is told there. */
void page_redirect_list(struct webmail *w, struct span folder, enum word said);
void page_send(struct webmail *w);
/* Append to the body: as it is; escaped for HTML; escaped for a URL. */
void put(struct webmail *w, const char *html);
void put_format(struct webmail *w, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void put_text(struct webmail *w, struct span text);
/* What strangers call themselves and their files: the same as put_text, kept
 * from changing the direction of what stands around it. */
void put_name(struct webmail *w, struct span name);
/* Day and time in the page's language; zone in minutes. */
void put_date(struct webmail *w, int64_t time, int zone);
void
date_text(const struct webmail *w, struct buf *out, int64_t time, int zone);
void put_url(struct webmail *w, struct span text);
void put_word(struct webmail *w, enum word word);
/* "<form ...>" with its hidden token; multipart for files. */
void put_form(struct webmail *w, const char *path, bool multipart);
/* A hidden field. */
void put_hidden(struct webmail *w, const char *name, struct span value);
/* "SCRIPT/PATH": the beginning of a link. */
void put_link(struct webmail *w, const char *path);
void url_escape(struct buf *out, struct span text);
/* A folder's name for people: decoded, without the prefix. */
void put_folder(struct webmail *w, struct span folder);
/* A choice of folders in a form. */
void put_folder_choice(struct webmail *w, const char *name);
/* The column of folders at the side; current is marked. */
void put_folders(struct webmail *w, struct span current);

/* pages: each makes an answer */
void page_root(struct webmail *w);
void page_sign_in(struct webmail *w);
void page_sign_out(struct webmail *w);
void page_list(struct webmail *w);
void page_read(struct webmail *w);
void page_part(struct webmail *w);
void page_act(struct webmail *w);
void page_compose(struct webmail *w);
void page_submit(struct webmail *w);
void page_folders(struct webmail *w);
void page_folder_change(struct webmail *w);
void page_style(struct webmail *w); /* style.c */

/* folder.c */
void folders_make_special(struct webmail *w);
/* SELECT, or EXAMINE; *exists: how many messages. No page is made. */
enum imap_status folder_select(
    struct webmail *w, struct span folder, bool write, uint64_t *exists);
/* The same. False: an error page was made. */
bool folder_open(
    struct webmail *w, struct span folder, bool write, uint64_t *exists);
/* The request's folder, checked; INBOX when it names none. */
struct span folder_of(const struct webmail *w);
/* The number in a field; 0 when there is none or it is ill-formed. */
uint64_t number_of(const struct webmail *w, const char *field);

#endif
