build-asan/lib/os/users.o: lib/os/users.c lib/os/users.h lib/base/span.h \
 lib/base/arena.h lib/base/mem.h lib/base/number.h
lib/os/users.h:
lib/base/span.h:
lib/base/arena.h:
lib/base/mem.h:
lib/base/number.h:
