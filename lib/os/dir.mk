$(eval $(call library,os))
