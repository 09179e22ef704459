build-asan/lib/maps/cidr_map.o: lib/maps/cidr_map.c lib/maps/map_type.h \
 lib/maps/map.h lib/base/span.h lib/base/buf.h lib/base/mem.h \
 lib/maps/cidr.h lib/maps/rules.h lib/maps/source.h
lib/maps/map_type.h:
lib/maps/map.h:
lib/base/span.h:
lib/base/buf.h:
lib/base/mem.h:
lib/maps/cidr.h:
lib/maps/rules.h:
lib/maps/source.h:
