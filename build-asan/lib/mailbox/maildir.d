build-asan/lib/mailbox/maildir.o: lib/mailbox/maildir.c \
 lib/mailbox/maildir.h lib/os/file.h lib/base/span.h lib/base/buf.h \
 lib/base/mem.h lib/base/why.h lib/os/clock.h
lib/mailbox/maildir.h:
lib/os/file.h:
lib/base/span.h:
lib/base/buf.h:
lib/base/mem.h:
lib/base/why.h:
lib/os/clock.h:
