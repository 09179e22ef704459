build-asan/lib/mailbox/import_keywords.o: lib/mailbox/import_keywords.c \
 lib/mailbox/import_keywords.h lib/base/span.h lib/base/arena.h \
 lib/base/buf.h lib/base/number.h lib/base/table.h lib/mailbox/flags.h \
 lib/mailbox/keywords.h lib/mailbox/uidlist.h lib/os/file.h
lib/mailbox/import_keywords.h:
lib/base/span.h:
lib/base/arena.h:
lib/base/buf.h:
lib/base/number.h:
lib/base/table.h:
lib/mailbox/flags.h:
lib/mailbox/keywords.h:
lib/mailbox/uidlist.h:
lib/os/file.h:
