$(eval $(call daemon,smtp))
