build-asan/lib/wire/smtp_reply.o: lib/wire/smtp_reply.c \
 lib/wire/smtp_reply.h lib/base/buf.h lib/base/span.h lib/base/mem.h \
 lib/base/number.h
lib/wire/smtp_reply.h:
lib/base/buf.h:
lib/base/span.h:
lib/base/mem.h:
lib/base/number.h:
