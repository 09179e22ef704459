build-asan/lib/wire/smtp_command.o: lib/wire/smtp_command.c \
 lib/wire/smtp_command.h lib/base/span.h lib/base/arena.h lib/base/buf.h \
 lib/base/number.h lib/base/utf8.h
lib/wire/smtp_command.h:
lib/base/span.h:
lib/base/arena.h:
lib/base/buf.h:
lib/base/number.h:
lib/base/utf8.h:
