build-asan/lib/maps/text_map.o: lib/maps/text_map.c lib/maps/map_type.h \
 lib/maps/map.h lib/base/span.h lib/base/buf.h lib/base/mem.h \
 lib/base/table.h lib/base/utf8.h lib/maps/items.h lib/maps/source.h
lib/maps/map_type.h:
lib/maps/map.h:
lib/base/span.h:
lib/base/buf.h:
lib/base/mem.h:
lib/base/table.h:
lib/base/utf8.h:
lib/maps/items.h:
lib/maps/source.h:
