build-asan/lib/maps/cidr.o: lib/maps/cidr.c lib/maps/cidr.h \
 lib/base/span.h lib/base/number.h
lib/maps/cidr.h:
lib/base/span.h:
lib/base/number.h:
