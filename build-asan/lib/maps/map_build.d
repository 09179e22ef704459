build-asan/lib/maps/map_build.o: lib/maps/map_build.c \
 lib/maps/map_build.h lib/base/span.h lib/maps/map.h lib/base/buf.h \
 lib/base/mem.h lib/base/why.h lib/maps/bdb.h lib/os/file.h
lib/maps/map_build.h:
lib/base/span.h:
lib/maps/map.h:
lib/base/buf.h:
lib/base/mem.h:
lib/base/why.h:
lib/maps/bdb.h:
lib/os/file.h:
