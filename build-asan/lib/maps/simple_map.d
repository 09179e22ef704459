build-asan/lib/maps/simple_map.o: lib/maps/simple_map.c \
 lib/maps/map_type.h lib/maps/map.h lib/base/span.h lib/base/arena.h \
 lib/base/buf.h lib/base/mem.h lib/maps/items.h lib/os/users.h
lib/maps/map_type.h:
lib/maps/map.h:
lib/base/span.h:
lib/base/arena.h:
lib/base/buf.h:
lib/base/mem.h:
lib/maps/items.h:
lib/os/users.h:
