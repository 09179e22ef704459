$(eval $(call library,wire))
