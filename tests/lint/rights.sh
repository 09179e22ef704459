#!/bin/sh
# rights.sh - in imapd, folders are opened for clients by rights_folder() alone
#
# Files that open folders for the server's own ends are listed here.
set -u
own='imapd/(rights|trash|uses|notify|notify_folders|notify_watch)\.c'
bad=$(grep -nE '\btree_folder\(' imapd/*.c | grep -vE "^$own:" |
	grep -v '^imapd/cmd_mailbox\.c')
if [ -n "$bad" ]; then
	echo "$bad"
	echo "a folder is opened without asking for rights: see imapd/rights.h"
	exit 1
fi
