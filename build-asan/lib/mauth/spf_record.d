build-asan/lib/mauth/spf_record.o: lib/mauth/spf_record.c \
 lib/mauth/spf_record.h lib/base/span.h lib/os/sock.h lib/base/arena.h \
 lib/base/number.h
lib/mauth/spf_record.h:
lib/base/span.h:
lib/os/sock.h:
lib/base/arena.h:
lib/base/number.h:
