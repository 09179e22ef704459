$(eval $(call daemon,sts))
