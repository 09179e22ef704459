build-asan/lib/wire/proxy_header.o: lib/wire/proxy_header.c \
 lib/wire/proxy_header.h lib/base/span.h lib/os/sock.h lib/base/number.h
lib/wire/proxy_header.h:
lib/base/span.h:
lib/os/sock.h:
lib/base/number.h:
