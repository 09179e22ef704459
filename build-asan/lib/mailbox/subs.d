build-asan/lib/mailbox/subs.o: lib/mailbox/subs.c lib/mailbox/subs.h \
 lib/base/span.h lib/base/arena.h lib/base/buf.h lib/base/table.h \
 lib/base/why.h lib/mailbox/maildir.h lib/os/file.h lib/mailbox/tree.h \
 lib/mailbox/folder.h lib/message/utf7.h
lib/mailbox/subs.h:
lib/base/span.h:
lib/base/arena.h:
lib/base/buf.h:
lib/base/table.h:
lib/base/why.h:
lib/mailbox/maildir.h:
lib/os/file.h:
lib/mailbox/tree.h:
lib/mailbox/folder.h:
lib/message/utf7.h:
