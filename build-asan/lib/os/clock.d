build-asan/lib/os/clock.o: lib/os/clock.c lib/os/clock.h
lib/os/clock.h:
