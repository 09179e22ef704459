build-asan/lib/mailbox/quota.o: lib/mailbox/quota.c lib/mailbox/quota.h \
 lib/base/span.h lib/base/buf.h lib/base/mem.h lib/base/number.h \
 lib/base/why.h lib/mailbox/flags.h lib/mailbox/maildir.h lib/os/file.h \
 lib/os/clock.h
lib/mailbox/quota.h:
lib/base/span.h:
lib/base/buf.h:
lib/base/mem.h:
lib/base/number.h:
lib/base/why.h:
lib/mailbox/flags.h:
lib/mailbox/maildir.h:
lib/os/file.h:
lib/os/clock.h:
