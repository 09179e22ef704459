build-asan/lib/config/places.o: lib/config/places.c lib/config/places.h \
 lib/base/buf.h lib/base/span.h lib/base/why.h
lib/config/places.h:
lib/base/buf.h:
lib/base/span.h:
lib/base/why.h:
