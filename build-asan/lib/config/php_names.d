build-asan/lib/config/php_names.o: lib/config/php_names.c lib/base/buf.h \
 lib/base/span.h lib/config/php_conf.h lib/config/php_value.h
lib/base/buf.h:
lib/base/span.h:
lib/config/php_conf.h:
lib/config/php_value.h:
