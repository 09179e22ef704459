build-asan/lib/mailbox/view.o: lib/mailbox/view.c lib/mailbox/view.h \
 lib/base/span.h lib/mailbox/index.h lib/base/buf.h \
 lib/mailbox/changelog.h lib/mailbox/keywords.h lib/mailbox/uidlist.h \
 lib/base/arena.h lib/base/log.h lib/base/mem.h lib/base/must.h \
 lib/base/why.h lib/mailbox/cache.h lib/mailbox/flags.h \
 lib/mailbox/view_parts.h lib/mailbox/import.h lib/mailbox/maildir.h \
 lib/os/file.h lib/mailbox/watch.h
lib/mailbox/view.h:
lib/base/span.h:
lib/mailbox/index.h:
lib/base/buf.h:
lib/mailbox/changelog.h:
lib/mailbox/keywords.h:
lib/mailbox/uidlist.h:
lib/base/arena.h:
lib/base/log.h:
lib/base/mem.h:
lib/base/must.h:
lib/base/why.h:
lib/mailbox/cache.h:
lib/mailbox/flags.h:
lib/mailbox/view_parts.h:
lib/mailbox/import.h:
lib/mailbox/maildir.h:
lib/os/file.h:
lib/mailbox/watch.h:
