build-asan/lib/config/main_cf.o: lib/config/main_cf.c lib/base/arena.h \
 lib/base/span.h lib/base/buf.h lib/base/mem.h lib/base/table.h \
 lib/base/why.h lib/config/computed.h lib/config/lines.h \
 lib/config/macro.h lib/config/notes.h lib/config/param.h \
 lib/config/places.h lib/os/file.h
lib/base/arena.h:
lib/base/span.h:
lib/base/buf.h:
lib/base/mem.h:
lib/base/table.h:
lib/base/why.h:
lib/config/computed.h:
lib/config/lines.h:
lib/config/macro.h:
lib/config/notes.h:
lib/config/param.h:
lib/config/places.h:
lib/os/file.h:
