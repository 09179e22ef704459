build-asan/lib/mailbox/keywords.o: lib/mailbox/keywords.c \
 lib/mailbox/keywords.h lib/base/span.h lib/base/mem.h
lib/mailbox/keywords.h:
lib/base/span.h:
lib/base/mem.h:
