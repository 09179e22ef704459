build-asan/lib/maps/items.o: lib/maps/items.c lib/maps/items.h \
 lib/base/span.h
lib/maps/items.h:
lib/base/span.h:
