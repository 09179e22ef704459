$(eval $(call daemon,keys))
