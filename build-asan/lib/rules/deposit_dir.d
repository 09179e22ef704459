build-asan/lib/rules/deposit_dir.o: lib/rules/deposit_dir.c \
 lib/base/mem.h lib/base/number.h lib/base/span.h lib/os/clock.h \
 lib/os/file.h lib/rules/deposit_private.h lib/rules/deposit.h \
 lib/base/buf.h lib/rules/letter.h
lib/base/mem.h:
lib/base/number.h:
lib/base/span.h:
lib/os/clock.h:
lib/os/file.h:
lib/rules/deposit_private.h:
lib/rules/deposit.h:
lib/base/buf.h:
lib/rules/letter.h:
