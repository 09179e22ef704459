build-asan/lib/maps/bdb.o: lib/maps/bdb.c lib/maps/bdb.h lib/base/span.h \
 lib/maps/map.h lib/base/buf.h lib/base/mem.h lib/base/must.h \
 lib/os/file.h
lib/maps/bdb.h:
lib/base/span.h:
lib/maps/map.h:
lib/base/buf.h:
lib/base/mem.h:
lib/base/must.h:
lib/os/file.h:
