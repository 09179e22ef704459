build-asan/lib/wire/smtp_xtext.o: lib/wire/smtp_xtext.c lib/base/buf.h \
 lib/base/span.h lib/base/number.h lib/base/utf8.h \
 lib/wire/smtp_command.h
lib/base/buf.h:
lib/base/span.h:
lib/base/number.h:
lib/base/utf8.h:
lib/wire/smtp_command.h:
