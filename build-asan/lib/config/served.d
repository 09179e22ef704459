build-asan/lib/config/served.o: lib/config/served.c lib/config/served.h \
 lib/base/span.h build-asan/config/served_names.h
lib/config/served.h:
lib/base/span.h:
build-asan/config/served_names.h:
