build-asan/lib/config/networks.o: lib/config/networks.c \
 lib/config/networks.h lib/base/span.h lib/base/buf.h lib/config/param.h
lib/config/networks.h:
lib/base/span.h:
lib/base/buf.h:
lib/config/param.h:
