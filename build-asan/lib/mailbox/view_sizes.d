build-asan/lib/mailbox/view_sizes.o: lib/mailbox/view_sizes.c \
 lib/base/mem.h lib/base/must.h lib/mailbox/flags.h lib/base/span.h \
 lib/mailbox/view_parts.h lib/base/buf.h lib/mailbox/changelog.h \
 lib/mailbox/keywords.h lib/mailbox/import.h lib/mailbox/uidlist.h \
 lib/mailbox/index.h lib/mailbox/maildir.h lib/os/file.h \
 lib/mailbox/view.h lib/mailbox/watch.h
lib/base/mem.h:
lib/base/must.h:
lib/mailbox/flags.h:
lib/base/span.h:
lib/mailbox/view_parts.h:
lib/base/buf.h:
lib/mailbox/changelog.h:
lib/mailbox/keywords.h:
lib/mailbox/import.h:
lib/mailbox/uidlist.h:
lib/mailbox/index.h:
lib/mailbox/maildir.h:
lib/os/file.h:
lib/mailbox/view.h:
lib/mailbox/watch.h:
