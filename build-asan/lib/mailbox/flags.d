build-asan/lib/mailbox/flags.o: lib/mailbox/flags.c lib/mailbox/flags.h \
 lib/base/span.h lib/base/buf.h lib/base/number.h
lib/mailbox/flags.h:
lib/base/span.h:
lib/base/buf.h:
lib/base/number.h:
