$(eval $(call library,config))
