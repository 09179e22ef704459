build-asan/lib/maps/rules.o: lib/maps/rules.c lib/maps/rules.h \
 lib/base/span.h lib/base/buf.h lib/base/must.h lib/base/number.h
lib/maps/rules.h:
lib/base/span.h:
lib/base/buf.h:
lib/base/must.h:
lib/base/number.h:
