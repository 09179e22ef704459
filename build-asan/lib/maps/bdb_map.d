build-asan/lib/maps/bdb_map.o: lib/maps/bdb_map.c lib/maps/map_type.h \
 lib/maps/map.h lib/base/span.h lib/base/buf.h lib/base/mem.h \
 lib/maps/bdb.h
lib/maps/map_type.h:
lib/maps/map.h:
lib/base/span.h:
lib/base/buf.h:
lib/base/mem.h:
lib/maps/bdb.h:
