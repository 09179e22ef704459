build-asan/lib/mailbox/index.o: lib/mailbox/index.c lib/mailbox/index.h \
 lib/base/buf.h lib/base/span.h lib/mailbox/changelog.h \
 lib/mailbox/keywords.h lib/mailbox/uidlist.h lib/base/crc.h \
 lib/base/mem.h lib/mailbox/flags.h lib/mailbox/pack.h lib/os/file.h
lib/mailbox/index.h:
lib/base/buf.h:
lib/base/span.h:
lib/mailbox/changelog.h:
lib/mailbox/keywords.h:
lib/mailbox/uidlist.h:
lib/base/crc.h:
lib/base/mem.h:
lib/mailbox/flags.h:
lib/mailbox/pack.h:
lib/os/file.h:
