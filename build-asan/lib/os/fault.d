build-asan/lib/os/fault.o: lib/os/fault.c lib/os/fault.h
lib/os/fault.h:
