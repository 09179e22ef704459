build-asan/lib/config/php_conf.o: lib/config/php_conf.c \
 lib/config/php_conf.h lib/base/span.h lib/config/php_value.h \
 lib/base/arena.h lib/base/buf.h lib/base/mem.h lib/base/number.h \
 lib/base/table.h lib/base/why.h lib/config/notes.h lib/config/php_lex.h
lib/config/php_conf.h:
lib/base/span.h:
lib/config/php_value.h:
lib/base/arena.h:
lib/base/buf.h:
lib/base/mem.h:
lib/base/number.h:
lib/base/table.h:
lib/base/why.h:
lib/config/notes.h:
lib/config/php_lex.h:
