build-asan/lib/maps/group_map.o: lib/maps/group_map.c lib/maps/map_type.h \
 lib/maps/map.h lib/base/span.h lib/base/buf.h lib/base/mem.h \
 lib/base/why.h lib/maps/items.h
lib/maps/map_type.h:
lib/maps/map.h:
lib/base/span.h:
lib/base/buf.h:
lib/base/mem.h:
lib/base/why.h:
lib/maps/items.h:
