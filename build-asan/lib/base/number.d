build-asan/lib/base/number.o: lib/base/number.c lib/base/number.h \
 lib/base/span.h
lib/base/number.h:
lib/base/span.h:
