build-asan/lib/maps/list_path.o: lib/maps/list_path.c \
 lib/maps/list_path.h lib/base/span.h lib/base/buf.h
lib/maps/list_path.h:
lib/base/span.h:
lib/base/buf.h:
