build-asan/lib/config/php_value.o: lib/config/php_value.c \
 lib/config/php_value.h lib/base/span.h lib/base/arena.h lib/base/buf.h \
 lib/base/number.h
lib/config/php_value.h:
lib/base/span.h:
lib/base/arena.h:
lib/base/buf.h:
lib/base/number.h:
