build-asan/lib/wire/nexthop.o: lib/wire/nexthop.c lib/wire/nexthop.h \
 lib/base/span.h
lib/wire/nexthop.h:
lib/base/span.h:
