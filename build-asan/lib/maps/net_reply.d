build-asan/lib/maps/net_reply.o: lib/maps/net_reply.c \
 lib/maps/net_reply.h lib/base/span.h lib/maps/map.h lib/base/buf.h \
 lib/base/log.h lib/base/number.h lib/base/why.h
lib/maps/net_reply.h:
lib/base/span.h:
lib/maps/map.h:
lib/base/buf.h:
lib/base/log.h:
lib/base/number.h:
lib/base/why.h:
