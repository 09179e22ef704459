build-asan/lib/config/courier.o: lib/config/courier.c \
 lib/config/courier.h lib/base/span.h lib/base/arena.h lib/base/buf.h \
 lib/base/mem.h lib/base/number.h lib/base/table.h lib/base/why.h \
 lib/config/lines.h lib/config/notes.h lib/os/file.h
lib/config/courier.h:
lib/base/span.h:
lib/base/arena.h:
lib/base/buf.h:
lib/base/mem.h:
lib/base/number.h:
lib/base/table.h:
lib/base/why.h:
lib/config/lines.h:
lib/config/notes.h:
lib/os/file.h:
