build-asan/lib/config/computed.o: lib/config/computed.c \
 lib/config/computed.h lib/base/span.h lib/base/arena.h lib/base/buf.h \
 lib/base/mem.h lib/base/why.h lib/config/networks.h lib/config/param.h \
 lib/os/file.h
lib/config/computed.h:
lib/base/span.h:
lib/base/arena.h:
lib/base/buf.h:
lib/base/mem.h:
lib/base/why.h:
lib/config/networks.h:
lib/config/param.h:
lib/os/file.h:
