build-asan/lib/mailbox/mbox.o: lib/mailbox/mbox.c lib/mailbox/mbox.h \
 lib/base/span.h lib/base/why.h lib/base/buf.h lib/base/mem.h \
 lib/mailbox/dotlock.h lib/os/file.h lib/mailbox/store.h lib/os/clock.h
lib/mailbox/mbox.h:
lib/base/span.h:
lib/base/why.h:
lib/base/buf.h:
lib/base/mem.h:
lib/mailbox/dotlock.h:
lib/os/file.h:
lib/mailbox/store.h:
lib/os/clock.h:
