$(eval $(call library,base))
