$(eval $(call daemon,imapd))
