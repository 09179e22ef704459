build-asan/lib/config/overrides.o: lib/config/overrides.c \
 lib/config/overrides.h lib/base/span.h lib/base/log.h lib/base/buf.h \
 lib/config/param.h
lib/config/overrides.h:
lib/base/span.h:
lib/base/log.h:
lib/base/buf.h:
lib/config/param.h:
