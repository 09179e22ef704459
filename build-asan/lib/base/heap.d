build-asan/lib/base/heap.o: lib/base/heap.c lib/base/heap.h \
 lib/base/mem.h
lib/base/heap.h:
lib/base/mem.h:
