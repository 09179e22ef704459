build-asan/lib/maps/match_list.o: lib/maps/match_list.c \
 lib/maps/match_list.h lib/base/span.h lib/base/buf.h lib/base/log.h \
 lib/base/mem.h lib/base/why.h lib/maps/cidr.h lib/maps/items.h \
 lib/maps/map_pool.h lib/maps/map.h lib/maps/source.h lib/os/file.h
lib/maps/match_list.h:
lib/base/span.h:
lib/base/buf.h:
lib/base/log.h:
lib/base/mem.h:
lib/base/why.h:
lib/maps/cidr.h:
lib/maps/items.h:
lib/maps/map_pool.h:
lib/maps/map.h:
lib/maps/source.h:
lib/os/file.h:
