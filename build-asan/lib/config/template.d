build-asan/lib/config/template.o: lib/config/template.c \
 lib/config/template.h lib/base/span.h lib/base/buf.h lib/base/mem.h \
 lib/base/why.h lib/config/macro.h lib/config/param.h \
 build-asan/config/bounce_en.h build-asan/config/bounce_fr.h
lib/config/template.h:
lib/base/span.h:
lib/base/buf.h:
lib/base/mem.h:
lib/base/why.h:
lib/config/macro.h:
lib/config/param.h:
build-asan/config/bounce_en.h:
build-asan/config/bounce_fr.h:
