build-asan/lib/route/watch.o: lib/route/watch.c lib/route/internal.h \
 lib/calls/lookup_call.h lib/base/span.h lib/base/why.h lib/base/buf.h \
 lib/config/networks.h lib/maps/map_pool.h lib/maps/map.h \
 lib/maps/match_list.h lib/route/conf.h lib/config/param.h \
 lib/route/rewrite.h lib/route/route.h
lib/route/internal.h:
lib/calls/lookup_call.h:
lib/base/span.h:
lib/base/why.h:
lib/base/buf.h:
lib/config/networks.h:
lib/maps/map_pool.h:
lib/maps/map.h:
lib/maps/match_list.h:
lib/route/conf.h:
lib/config/param.h:
lib/route/rewrite.h:
lib/route/route.h:
