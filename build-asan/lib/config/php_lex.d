build-asan/lib/config/php_lex.o: lib/config/php_lex.c \
 lib/config/php_lex.h lib/base/buf.h lib/base/span.h lib/base/number.h \
 lib/base/why.h lib/config/notes.h
lib/config/php_lex.h:
lib/base/buf.h:
lib/base/span.h:
lib/base/number.h:
lib/base/why.h:
lib/config/notes.h:
