build-asan/lib/rules/program.o: lib/rules/program.c lib/rules/program.h \
 lib/base/buf.h lib/base/span.h lib/os/clock.h lib/os/file.h \
 lib/os/sock.h lib/rules/letter.h
lib/rules/program.h:
lib/base/buf.h:
lib/base/span.h:
lib/os/clock.h:
lib/os/file.h:
lib/os/sock.h:
lib/rules/letter.h:
