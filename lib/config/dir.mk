$(eval $(call library,config))

# What the programs read: the list changes only when its content does, so that
# most changes elsewhere rebuild nothing here.
PARAM_ROWS    = $(wildcard lib/config/params_*.h)
PARAM_READERS = lib/config/computed.c $(filter-out lib/config/% tools/postconf%,$(sort \
	$(wildcard lib/*/*.c lib/*/params.h tools/*.c tools/*/*.c webmail-cgi/*.c \
	$(DAEMONS:%=%/*.c))))
SERVED        = $(B)/config/served
$(B)/lib/config/served.o: $(SERVED)_names.h
$(SERVED)_names.h: $(SERVED).stamp
	@:
$(SERVED).stamp: lib/config/served.sh $(PARAM_ROWS) $(PARAM_READERS)
	@mkdir -p $(@D)
	@lib/config/served.sh $(PARAM_ROWS) -- $(PARAM_READERS) >$@.new
	@cmp -s $@.new $(SERVED)_names.h || mv $@.new $(SERVED)_names.h
	@touch $@
# What compiles without building first needs it, too.
print-flags analyze: $(SERVED)_names.h

# The texts of reports, as lines of C strings.
BOUNCE_TEXTS = $(patsubst etc/bounce.%,$(B)/config/bounce_%.h,\
	$(wildcard etc/bounce.*))
$(B)/lib/config/template.o: $(BOUNCE_TEXTS)
$(BOUNCE_TEXTS): $(B)/config/bounce_%.h: etc/bounce.%
	@mkdir -p $(@D)
	@sed 's/[\\"]/\\&/g; s/.*/"&\\n",/' $< >$@.new && mv $@.new $@
print-flags analyze: $(BOUNCE_TEXTS)
