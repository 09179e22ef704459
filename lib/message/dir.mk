$(eval $(call library,message))
