build-asan/lib/calls/delivery_log.o: lib/calls/delivery_log.c \
 lib/calls/delivery_log.h lib/base/span.h lib/base/why.h lib/base/buf.h \
 lib/base/log.h
lib/calls/delivery_log.h:
lib/base/span.h:
lib/base/why.h:
lib/base/buf.h:
lib/base/log.h:
