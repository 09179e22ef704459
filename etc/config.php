<?php
/* config.php - the webmail, in the form of SquirrelMail's file of this name
 *
 * Looked for in /etc/facteur, then in /etc/squirrelmail. It is read as data
 * and never run: see config.php(5). facteur-webmail-config edits it.
 */

/* What people see. */
$org_name = "Facteur";
$org_title = "Facteur";
$squirrelmail_default_language = 'fr_FR';

/* Added to a user's name to make an address, when the name holds no @. */
$domain = 'localhost';

/* Where to log in and where to send. On its own host the webmail uses
 * Facteur's sockets, whatever the ports are. */
$imapServerAddress = 'localhost';
$imapPort = 143;
$useSendmail = false;
$smtpServerAddress = 'localhost';
$smtpPort = 25;
$pop_before_smtp = false;
$imap_server_type = 'other';

/* Folders. */
$default_folder_prefix = '';
$trash_folder = 'INBOX.Trash';
$sent_folder = 'INBOX.Sent';
$draft_folder = 'INBOX.Drafts';

/* Preferences, address books and uploads: never below the web's own folders. */
$data_dir = '/var/lib/facteur/webmail/prefs/';
$attachment_dir = '/var/lib/facteur/webmail/attach/';
?>
