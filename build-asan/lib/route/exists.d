build-asan/lib/route/exists.o: lib/route/exists.c lib/base/why.h \
 lib/base/buf.h lib/base/span.h lib/route/internal.h \
 lib/calls/lookup_call.h lib/config/networks.h lib/maps/map_pool.h \
 lib/maps/map.h lib/maps/match_list.h lib/route/conf.h lib/config/param.h \
 lib/route/rewrite.h lib/route/route.h
lib/base/why.h:
lib/base/buf.h:
lib/base/span.h:
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
