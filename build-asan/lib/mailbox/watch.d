build-asan/lib/mailbox/watch.o: lib/mailbox/watch.c lib/mailbox/watch.h \
 lib/base/buf.h lib/base/span.h lib/mailbox/maildir.h lib/os/file.h \
 lib/base/mem.h
lib/mailbox/watch.h:
lib/base/buf.h:
lib/base/span.h:
lib/mailbox/maildir.h:
lib/os/file.h:
lib/base/mem.h:
