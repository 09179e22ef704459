build-asan/lib/config/param.o: lib/config/param.c lib/config/param.h \
 lib/base/span.h lib/base/arena.h lib/base/buf.h lib/base/number.h \
 lib/base/why.h lib/config/served.h
lib/config/param.h:
lib/base/span.h:
lib/base/arena.h:
lib/base/buf.h:
lib/base/number.h:
lib/base/why.h:
lib/config/served.h:
