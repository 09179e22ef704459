build-asan/lib/mailbox/uidlist.o: lib/mailbox/uidlist.c \
 lib/mailbox/uidlist.h lib/base/span.h lib/mailbox/keywords.h \
 lib/base/buf.h lib/base/crc.h lib/base/mem.h lib/base/must.h \
 lib/base/number.h lib/base/why.h lib/os/clock.h lib/os/file.h
lib/mailbox/uidlist.h:
lib/base/span.h:
lib/mailbox/keywords.h:
lib/base/buf.h:
lib/base/crc.h:
lib/base/mem.h:
lib/base/must.h:
lib/base/number.h:
lib/base/why.h:
lib/os/clock.h:
lib/os/file.h:
