build-asan/lib/mailbox/tree.o: lib/mailbox/tree.c lib/mailbox/tree.h \
 lib/base/span.h lib/mailbox/folder.h lib/base/arena.h lib/base/buf.h \
 lib/base/log.h lib/base/mem.h lib/base/number.h lib/base/table.h \
 lib/base/why.h lib/mailbox/maildir.h lib/os/file.h lib/os/clock.h
lib/mailbox/tree.h:
lib/base/span.h:
lib/mailbox/folder.h:
lib/base/arena.h:
lib/base/buf.h:
lib/base/log.h:
lib/base/mem.h:
lib/base/number.h:
lib/base/table.h:
lib/base/why.h:
lib/mailbox/maildir.h:
lib/os/file.h:
lib/os/clock.h:
