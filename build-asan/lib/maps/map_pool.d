build-asan/lib/maps/map_pool.o: lib/maps/map_pool.c lib/maps/map_pool.h \
 lib/base/span.h lib/maps/map.h lib/base/log.h lib/base/buf.h \
 lib/base/mem.h lib/base/table.h lib/base/why.h lib/maps/items.h \
 lib/maps/map_type.h
lib/maps/map_pool.h:
lib/base/span.h:
lib/maps/map.h:
lib/base/log.h:
lib/base/buf.h:
lib/base/mem.h:
lib/base/table.h:
lib/base/why.h:
lib/maps/items.h:
lib/maps/map_type.h:
