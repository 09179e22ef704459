build-asan/lib/mailbox/copy.o: lib/mailbox/copy.c lib/mailbox/copy.h \
 lib/base/arena.h lib/base/span.h lib/base/buf.h lib/base/log.h \
 lib/base/mem.h lib/base/why.h lib/mailbox/arrive.h lib/mailbox/flags.h \
 lib/mailbox/maildir.h lib/os/file.h lib/mailbox/quota.h \
 lib/mailbox/store.h lib/mailbox/tree.h lib/mailbox/folder.h \
 lib/mailbox/view.h lib/mailbox/index.h lib/mailbox/changelog.h \
 lib/mailbox/keywords.h lib/mailbox/uidlist.h
lib/mailbox/copy.h:
lib/base/arena.h:
lib/base/span.h:
lib/base/buf.h:
lib/base/log.h:
lib/base/mem.h:
lib/base/why.h:
lib/mailbox/arrive.h:
lib/mailbox/flags.h:
lib/mailbox/maildir.h:
lib/os/file.h:
lib/mailbox/quota.h:
lib/mailbox/store.h:
lib/mailbox/tree.h:
lib/mailbox/folder.h:
lib/mailbox/view.h:
lib/mailbox/index.h:
lib/mailbox/changelog.h:
lib/mailbox/keywords.h:
lib/mailbox/uidlist.h:
