build-asan/lib/maps/source.o: lib/maps/source.c lib/maps/source.h \
 lib/base/buf.h lib/base/span.h
lib/maps/source.h:
lib/base/buf.h:
lib/base/span.h:
