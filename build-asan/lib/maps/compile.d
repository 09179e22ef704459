build-asan/lib/maps/compile.o: lib/maps/compile.c lib/maps/compile.h \
 lib/base/span.h lib/base/base64.h lib/base/buf.h lib/base/log.h \
 lib/base/mem.h lib/base/utf8.h lib/base/why.h lib/maps/items.h \
 lib/maps/map_build.h lib/maps/map.h lib/maps/source.h lib/os/clock.h \
 lib/os/file.h
lib/maps/compile.h:
lib/base/span.h:
lib/base/base64.h:
lib/base/buf.h:
lib/base/log.h:
lib/base/mem.h:
lib/base/utf8.h:
lib/base/why.h:
lib/maps/items.h:
lib/maps/map_build.h:
lib/maps/map.h:
lib/maps/source.h:
lib/os/clock.h:
lib/os/file.h:
