build-asan/lib/mailbox/view_build.o: lib/mailbox/view_build.c \
 lib/base/arena.h lib/base/span.h lib/base/buf.h lib/base/log.h \
 lib/base/mem.h lib/base/table.h lib/base/why.h lib/mailbox/tree.h \
 lib/mailbox/folder.h lib/mailbox/view_parts.h lib/mailbox/changelog.h \
 lib/mailbox/keywords.h lib/mailbox/import.h lib/mailbox/uidlist.h \
 lib/mailbox/index.h lib/mailbox/maildir.h lib/os/file.h \
 lib/mailbox/view.h lib/mailbox/watch.h lib/os/clock.h
lib/base/arena.h:
lib/base/span.h:
lib/base/buf.h:
lib/base/log.h:
lib/base/mem.h:
lib/base/table.h:
lib/base/why.h:
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
lib/os/clock.h:
