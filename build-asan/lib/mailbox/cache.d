build-asan/lib/mailbox/cache.o: lib/mailbox/cache.c lib/mailbox/cache.h \
 lib/base/span.h lib/base/buf.h lib/base/crc.h lib/base/log.h \
 lib/base/mem.h lib/mailbox/pack.h lib/os/clock.h lib/os/file.h
lib/mailbox/cache.h:
lib/base/span.h:
lib/base/buf.h:
lib/base/crc.h:
lib/base/log.h:
lib/base/mem.h:
lib/mailbox/pack.h:
lib/os/clock.h:
lib/os/file.h:
