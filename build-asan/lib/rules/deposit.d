build-asan/lib/rules/deposit.o: lib/rules/deposit.c lib/rules/deposit.h \
 lib/base/buf.h lib/base/span.h lib/base/mem.h lib/base/why.h \
 lib/mailbox/maildir.h lib/os/file.h lib/mailbox/mbox.h \
 lib/mailbox/store.h lib/rules/deposit_private.h lib/rules/expand.h \
 lib/rules/letter.h
lib/rules/deposit.h:
lib/base/buf.h:
lib/base/span.h:
lib/base/mem.h:
lib/base/why.h:
lib/mailbox/maildir.h:
lib/os/file.h:
lib/mailbox/mbox.h:
lib/mailbox/store.h:
lib/rules/deposit_private.h:
lib/rules/expand.h:
lib/rules/letter.h:
