$(eval $(call daemon,pop3d))
