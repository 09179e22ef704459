build-asan/lib/base/arena.o: lib/base/arena.c lib/base/arena.h \
 lib/base/span.h lib/base/mem.h lib/base/must.h
lib/base/arena.h:
lib/base/span.h:
lib/base/mem.h:
lib/base/must.h:
