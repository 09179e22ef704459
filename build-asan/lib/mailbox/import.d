build-asan/lib/mailbox/import.o: lib/mailbox/import.c \
 lib/mailbox/import.h lib/mailbox/uidlist.h lib/base/span.h \
 lib/mailbox/keywords.h lib/base/arena.h lib/base/buf.h lib/base/number.h \
 lib/base/table.h lib/mailbox/flags.h lib/mailbox/import_keywords.h \
 lib/os/file.h
lib/mailbox/import.h:
lib/mailbox/uidlist.h:
lib/base/span.h:
lib/mailbox/keywords.h:
lib/base/arena.h:
lib/base/buf.h:
lib/base/number.h:
lib/base/table.h:
lib/mailbox/flags.h:
lib/mailbox/import_keywords.h:
lib/os/file.h:
