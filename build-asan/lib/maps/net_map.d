build-asan/lib/maps/net_map.o: lib/maps/net_map.c lib/maps/dial.h \
 lib/base/span.h lib/base/buf.h lib/base/mem.h lib/base/why.h \
 lib/maps/map_type.h lib/maps/map.h lib/maps/net_reply.h lib/os/clock.h \
 lib/os/file.h lib/os/sock.h
lib/maps/dial.h:
lib/base/span.h:
lib/base/buf.h:
lib/base/mem.h:
lib/base/why.h:
lib/maps/map_type.h:
lib/maps/map.h:
lib/maps/net_reply.h:
lib/os/clock.h:
lib/os/file.h:
lib/os/sock.h:
