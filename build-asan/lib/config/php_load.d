build-asan/lib/config/php_load.o: lib/config/php_load.c lib/base/buf.h \
 lib/base/span.h lib/base/why.h lib/config/php_conf.h \
 lib/config/php_value.h lib/os/file.h
lib/base/buf.h:
lib/base/span.h:
lib/base/why.h:
lib/config/php_conf.h:
lib/config/php_value.h:
lib/os/file.h:
