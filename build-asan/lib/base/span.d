build-asan/lib/base/span.o: lib/base/span.c lib/base/span.h
lib/base/span.h:
