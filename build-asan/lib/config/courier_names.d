build-asan/lib/config/courier_names.o: lib/config/courier_names.c \
 lib/base/span.h lib/config/courier.h
lib/base/span.h:
lib/config/courier.h:
