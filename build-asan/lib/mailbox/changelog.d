build-asan/lib/mailbox/changelog.o: lib/mailbox/changelog.c \
 lib/mailbox/changelog.h lib/mailbox/keywords.h lib/base/span.h \
 lib/base/buf.h lib/base/crc.h lib/base/log.h lib/base/mem.h \
 lib/mailbox/pack.h lib/os/clock.h lib/os/file.h
lib/mailbox/changelog.h:
lib/mailbox/keywords.h:
lib/base/span.h:
lib/base/buf.h:
lib/base/crc.h:
lib/base/log.h:
lib/base/mem.h:
lib/mailbox/pack.h:
lib/os/clock.h:
lib/os/file.h:
