$(eval $(call daemon,master))
