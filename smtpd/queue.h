/* queue.h - smtpd's part of putting a message into the queue */

#ifndef SMTPD_QUEUE_H
#define SMTPD_QUEUE_H

struct mail;
struct opening;
struct refusal;
struct session;

/* How it went: r is NULL when all is well; it lives until fn returns. */
typedef void queue_fn(struct session *s, const struct refusal *r);

/* Ask qmgr for a file: mail->qid and mail->fd are set then. */
void queue_open(struct session *s, queue_fn *fn);
/* The content is in the file: commit it with its envelope. */
void queue_commit(struct session *s, queue_fn *fn);
/* Give the file up, when there is one. */
void queue_abort(struct session *s, struct mail *m);
/* The session ends while queue_open() is under way: what comes is given up. */
void opening_orphan(struct opening **o);

#endif
