$(eval $(call library,mailbox))
