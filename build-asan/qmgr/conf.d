build-asan/qmgr/conf.o: qmgr/conf.c qmgr/conf.h lib/config/param.h \
 lib/base/span.h
qmgr/conf.h:
lib/config/param.h:
lib/base/span.h:
