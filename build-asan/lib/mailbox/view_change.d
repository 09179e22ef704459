build-asan/lib/mailbox/view_change.o: lib/mailbox/view_change.c \
 lib/base/log.h lib/base/buf.h lib/base/span.h lib/base/mem.h \
 lib/base/must.h lib/base/why.h lib/mailbox/flags.h lib/mailbox/quota.h \
 lib/mailbox/tree.h lib/mailbox/folder.h lib/mailbox/view_parts.h \
 lib/mailbox/changelog.h lib/mailbox/keywords.h lib/mailbox/import.h \
 lib/mailbox/uidlist.h lib/mailbox/index.h lib/mailbox/maildir.h \
 lib/os/file.h lib/mailbox/view.h lib/mailbox/watch.h
lib/base/log.h:
lib/base/buf.h:
lib/base/span.h:
lib/base/mem.h:
lib/base/must.h:
lib/base/why.h:
lib/mailbox/flags.h:
lib/mailbox/quota.h:
lib/mailbox/tree.h:
lib/mailbox/folder.h:
lib/mailbox/view_parts.h:
lib/mailbox/changelog.h:
lib/mailbox/keywords.h:
lib/mailbox/import.h:
lib/mailbox/uidlist.h:
lib/mailbox/index.h:
lib/mailbox/maildir.h:
lib/os/file.h:
lib/mailbox/view.h:
lib/mailbox/watch.h:
