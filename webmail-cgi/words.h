/* words.h - what the pages say, in the languages there are */

#ifndef WEBMAIL_CGI_WORDS_H
#define WEBMAIL_CGI_WORDS_H

#include "base/span.h"

enum language { LANGUAGE_EN, LANGUAGE_FR, LANGUAGES };

#define WORDS(X) \
	X(SIGN_IN, "Sign in", "Connexion") \
	X(SIGN_OUT, "Sign out", "Déconnexion") \
	X(NAME, "Name", "Nom d'utilisateur") \
	X(PASSWORD, "Password", "Mot de passe") \
	X(WRONG_PASSWORD, "Unknown user or password incorrect.", \
	    "Utilisateur inconnu ou mot de passe incorrect.") \
	X(FOLDERS, "Folders", "Dossiers") \
	X(COMPOSE, "Compose", "Composer") \
	X(FROM, "From", "De") \
	X(TO, "To", "À") \
	X(CC, "Cc", "Cc") \
	X(BCC, "Bcc", "Cci") \
	X(SUBJECT, "Subject", "Sujet") \
	X(DATE, "Date", "Date") \
	X(SIZE, "Size", "Taille") \
	X(NO_SUBJECT, "(no subject)", "(sans sujet)") \
	X(EMPTY, "This folder is empty.", "Ce dossier est vide.") \
	X(OLDER, "Older", "Plus anciens") \
	X(NEWER, "Newer", "Plus récents") \
	X(DELETE, "Delete", "Supprimer") \
	X(MOVE, "Move", "Déplacer") \
	X(MOVE_TO, "Move to", "Déplacer vers") \
	X(MARK_READ, "Mark read", "Marquer lus") \
	X(MARK_UNREAD, "Mark unread", "Marquer non lus") \
	X(REPLY, "Reply", "Répondre") \
	X(REPLY_ALL, "Reply all", "Répondre à tous") \
	X(FORWARD, "Forward", "Transférer") \
	X(ATTACHMENTS, "Attachments", "Pièces jointes") \
	X(ATTACH, "Attach files", "Joindre des fichiers") \
	X(DOWNLOAD, "Download", "Télécharger") \
	X(AS_TEXT, "Plain text", "Texte simple") \
	X(AS_HTML, "HTML", "HTML") \
	X(SHOW_IMAGES, "Show images from elsewhere", \
	    "Afficher les images externes") \
	X(BACK, "Back to the list", "Retour à la liste") \
	X(SEND, "Send", "Envoyer") \
	X(SENT, "Your message was sent.", "Votre message est envoyé.") \
	X(SAVE_DRAFT, "Save draft", "Enregistrer le brouillon") \
	X(DRAFT_SAVED, "The draft was saved.", "Le brouillon est enregistré.") \
	X(EDIT_DRAFT, "Edit this draft", "Reprendre ce brouillon") \
	X(FORWARD_WHOLE, "Forward as attachment", \
	    "Transférer en pièce jointe") \
	X(NOT_KEPT, \
	    "Your message was sent, but no copy could be kept in the folder " \
	    "of sent mail.", \
	    "Votre message est envoyé, mais aucune copie n'a pu être gardée " \
	    "dans le dossier des messages envoyés.") \
	X(FILES_AGAIN, "Choose the files to attach again.", \
	    "Choisissez de nouveau les fichiers à joindre.") \
	X(NOT_SENT, "This text was not sent: copy it before you go on.", \
	    "Ce texte n'a pas été envoyé : copiez-le avant de continuer.") \
	X(ON, "On", "Le") \
	X(WROTE, "wrote:", "a écrit :") \
	X(FORWARDED, "Forwarded message", "Message transféré") \
	X(NO_RECIPIENT, "The message has no recipient.", \
	    "Le message n'a pas de destinataire.") \
	X(BAD_ADDRESS, \
	    "This is no mail address:", "Ceci n'est pas une adresse :") \
	X(DELETE_FOLDER, \
	    "Delete this folder and all messages in it, for good?", \
	    "Supprimer définitivement ce dossier et tous ses messages ?") \
	X(CANCEL, "Cancel", "Annuler") \
	X(CREATE, "Create", "Créer") \
	X(RENAME, "Rename", "Renommer") \
	X(NEW_FOLDER, "New folder", "Nouveau dossier") \
	X(NEW_NAME, "New name", "Nouveau nom") \
	X(MAIL, "Mail", "Courrier") \
	X(DRAFTS, "Drafts", "Brouillons") \
	X(SENT_MAIL, "Sent", "Envoyés") \
	X(TRASH, "Trash", "Corbeille") \
	X(SKIP, "To the content", "Aller au contenu") \
	X(TOO_LONG, \
	    "Only the beginning of this message is shown: it is too large.", \
	    "Seul le début de ce message est affiché : il est trop gros.") \
	X(INBOX, "Inbox", "Boîte de réception") \
	X(TEXT, "Message", "Message") \
	X(HTML_PART, "HTML message", "Message HTML") \
	X(TRY_LATER, \
	    "The mail system is not available: try again " \
	    "later.", \
	    "Le système de messagerie n'est pas disponible : réessayez " \
	    "plus tard.") \
	X(SESSION_OVER, "Your session is over: sign in again.", \
	    "Votre session est terminée : reconnectez-vous.") \
	X(FORM_OLD, \
	    "This form is out of date: go back, reload the " \
	    "page and try again.", \
	    "Ce formulaire est périmé : revenez, rechargez la page et " \
	    "réessayez.") \
	X(GONE, "This message is not there any more.", \
	    "Ce message n'est plus là.") \
	X(NO_FOLDER, "This folder cannot be opened.", \
	    "Ce dossier ne peut pas être ouvert.") \
	X(NO_PAGE, "There is no such page.", "Cette page n'existe pas.") \
	X(OTHER_SITE, \
	    "This form comes from another site, so nothing was done.", \
	    "Ce formulaire vient d'un autre site : rien n'a été fait.") \
	X(BAD_REQUEST, "The request was not understood.", \
	    "La requête n'a pas été comprise.") \
	X(TOO_LARGE, "The message is too large.", "Le message est trop gros.") \
	X(SELECT_ALL, "Selected messages", "Messages choisis")

#define WORD_NAME(name, en, fr) WORD_##name,
enum word { WORDS(WORD_NAME) WORD_COUNT };
#undef WORD_NAME

const char *word_text(enum language l, enum word w);
/* By config.php's name ("fr_FR") or, where that is empty, the browser's list
 * (RFC 9110, 12.5.4; its order counts, weights do not). */
enum language language_find(struct span configured, struct span accepted);

#endif
