build-asan/lib/mailbox/arrive.o: lib/mailbox/arrive.c \
 lib/mailbox/arrive.h lib/base/span.h lib/base/mem.h lib/base/table.h \
 lib/base/why.h lib/base/buf.h lib/mailbox/changelog.h \
 lib/mailbox/keywords.h lib/mailbox/flags.h lib/mailbox/maildir.h \
 lib/os/file.h lib/mailbox/tree.h lib/mailbox/folder.h \
 lib/mailbox/uidlist.h lib/mailbox/view.h lib/mailbox/index.h \
 lib/mailbox/view_parts.h lib/mailbox/import.h lib/mailbox/watch.h
lib/mailbox/arrive.h:
lib/base/span.h:
lib/base/mem.h:
lib/base/table.h:
lib/base/why.h:
lib/base/buf.h:
lib/mailbox/changelog.h:
lib/mailbox/keywords.h:
lib/mailbox/flags.h:
lib/mailbox/maildir.h:
lib/os/file.h:
lib/mailbox/tree.h:
lib/mailbox/folder.h:
lib/mailbox/uidlist.h:
lib/mailbox/view.h:
lib/mailbox/index.h:
lib/mailbox/view_parts.h:
lib/mailbox/import.h:
lib/mailbox/watch.h:
