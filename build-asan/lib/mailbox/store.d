build-asan/lib/mailbox/store.o: lib/mailbox/store.c lib/mailbox/store.h \
 lib/base/buf.h lib/base/span.h lib/base/why.h lib/base/mem.h \
 lib/mailbox/flags.h lib/mailbox/maildir.h lib/os/file.h
lib/mailbox/store.h:
lib/base/buf.h:
lib/base/span.h:
lib/base/why.h:
lib/base/mem.h:
lib/mailbox/flags.h:
lib/mailbox/maildir.h:
lib/os/file.h:
