build-asan/lib/maps/table_job.o: lib/maps/table_job.c \
 lib/maps/table_job.h lib/maps/compile.h lib/base/span.h \
 lib/base/base64.h lib/base/buf.h lib/base/log.h lib/base/mem.h \
 lib/base/why.h lib/maps/map.h lib/os/file.h
lib/maps/table_job.h:
lib/maps/compile.h:
lib/base/span.h:
lib/base/base64.h:
lib/base/buf.h:
lib/base/log.h:
lib/base/mem.h:
lib/base/why.h:
lib/maps/map.h:
lib/os/file.h:
