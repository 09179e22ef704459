build-asan/lib/calls/clean_job.o: lib/calls/clean_job.c \
 lib/calls/clean_job.h lib/base/span.h lib/base/arena.h lib/base/mem.h \
 lib/calls/clean_call.h lib/base/why.h lib/base/buf.h lib/ipc/channel.h \
 lib/ipc/packet.h
lib/calls/clean_job.h:
lib/base/span.h:
lib/base/arena.h:
lib/base/mem.h:
lib/calls/clean_call.h:
lib/base/why.h:
lib/base/buf.h:
lib/ipc/channel.h:
lib/ipc/packet.h:
