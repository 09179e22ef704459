build-asan/lib/base/crc.o: lib/base/crc.c lib/base/crc.h lib/base/span.h
lib/base/crc.h:
lib/base/span.h:
