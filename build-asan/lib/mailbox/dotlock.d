build-asan/lib/mailbox/dotlock.o: lib/mailbox/dotlock.c \
 lib/mailbox/dotlock.h lib/os/file.h lib/base/span.h lib/base/buf.h \
 lib/base/log.h lib/base/mem.h lib/base/number.h lib/os/clock.h
lib/mailbox/dotlock.h:
lib/os/file.h:
lib/base/span.h:
lib/base/buf.h:
lib/base/log.h:
lib/base/mem.h:
lib/base/number.h:
lib/os/clock.h:
