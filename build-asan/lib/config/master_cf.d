build-asan/lib/config/master_cf.o: lib/config/master_cf.c \
 lib/config/master_cf.h lib/base/span.h lib/base/arena.h lib/base/buf.h \
 lib/base/mem.h lib/base/number.h lib/base/why.h lib/config/lines.h \
 lib/config/notes.h lib/config/places.h lib/os/file.h
lib/config/master_cf.h:
lib/base/span.h:
lib/base/arena.h:
lib/base/buf.h:
lib/base/mem.h:
lib/base/number.h:
lib/base/why.h:
lib/config/lines.h:
lib/config/notes.h:
lib/config/places.h:
lib/os/file.h:
