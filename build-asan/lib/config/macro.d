build-asan/lib/config/macro.o: lib/config/macro.c lib/config/macro.h \
 lib/base/span.h lib/base/buf.h lib/base/number.h lib/base/why.h
lib/config/macro.h:
lib/base/span.h:
lib/base/buf.h:
lib/base/number.h:
lib/base/why.h:
