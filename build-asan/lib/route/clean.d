build-asan/lib/route/clean.o: lib/route/clean.c lib/route/clean.h \
 lib/base/arena.h lib/base/span.h lib/base/buf.h lib/base/log.h \
 lib/base/why.h lib/calls/clean_call.h lib/maps/items.h \
 lib/message/address.h lib/os/clock.h lib/route/internal.h \
 lib/calls/lookup_call.h lib/config/networks.h lib/maps/map_pool.h \
 lib/maps/map.h lib/maps/match_list.h lib/route/conf.h lib/config/param.h \
 lib/route/rewrite.h lib/route/route.h lib/route/srs.h
lib/route/clean.h:
lib/base/arena.h:
lib/base/span.h:
lib/base/buf.h:
lib/base/log.h:
lib/base/why.h:
lib/calls/clean_call.h:
lib/maps/items.h:
lib/message/address.h:
lib/os/clock.h:
lib/route/internal.h:
lib/calls/lookup_call.h:
lib/config/networks.h:
lib/maps/map_pool.h:
lib/maps/map.h:
lib/maps/match_list.h:
lib/route/conf.h:
lib/config/param.h:
lib/route/rewrite.h:
lib/route/route.h:
lib/route/srs.h:
