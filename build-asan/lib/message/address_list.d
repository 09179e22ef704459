build-asan/lib/message/address_list.o: lib/message/address_list.c \
 lib/base/arena.h lib/base/span.h lib/base/buf.h lib/base/mem.h \
 lib/message/address.h
lib/base/arena.h:
lib/base/span.h:
lib/base/buf.h:
lib/base/mem.h:
lib/message/address.h:
