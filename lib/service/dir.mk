$(eval $(call library,service))
