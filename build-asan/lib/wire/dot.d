build-asan/lib/wire/dot.o: lib/wire/dot.c lib/wire/dot.h lib/base/span.h \
 lib/base/buf.h lib/base/mem.h
lib/wire/dot.h:
lib/base/span.h:
lib/base/buf.h:
lib/base/mem.h:
