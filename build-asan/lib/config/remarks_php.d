build-asan/lib/config/remarks_php.o: lib/config/remarks_php.c \
 lib/base/buf.h lib/base/span.h lib/base/log.h lib/base/why.h \
 lib/config/networks.h lib/config/notes.h lib/config/param.h \
 lib/config/php_conf.h lib/config/php_value.h lib/config/remarks.h \
 lib/config/places.h
lib/base/buf.h:
lib/base/span.h:
lib/base/log.h:
lib/base/why.h:
lib/config/networks.h:
lib/config/notes.h:
lib/config/param.h:
lib/config/php_conf.h:
lib/config/php_value.h:
lib/config/remarks.h:
lib/config/places.h:
