build-asan/lib/maps/map.o: lib/maps/map.c lib/maps/map.h lib/base/span.h \
 lib/base/buf.h lib/base/log.h lib/base/mem.h lib/base/why.h \
 lib/maps/items.h lib/maps/map_type.h lib/os/file.h
lib/maps/map.h:
lib/base/span.h:
lib/base/buf.h:
lib/base/log.h:
lib/base/mem.h:
lib/base/why.h:
lib/maps/items.h:
lib/maps/map_type.h:
lib/os/file.h:
