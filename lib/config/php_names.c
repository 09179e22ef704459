/*
 * php_names.c - the variables of SquirrelMail's config.php, and what becomes of
 * them
 *
 * A file of SquirrelMail sets all of them, most to what they are anyhow: the
 * third column is the value that asks for nothing. Sorted by name.
 */

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "config/php_conf.h"

struct row {
	const char *name;
	enum php_use use;
	const char *quiet; /* as PHP prints it */
};

static const struct row names[] = {
	{ "aTemplateSet", PHP_MOOT, NULL },
	{ "abook_file_line_length", PHP_MOOT, NULL },
	{ "abook_global_file", PHP_MISSING, "" },
	{ "abook_global_file_listing", PHP_MISSING, "1" },
	{ "abook_global_file_writeable", PHP_MISSING, "" },
	{ "addrbook_dsn", PHP_MISSING, "" },
	{ "addrbook_global_dsn", PHP_MISSING, "" },
	{ "addrbook_global_listing", PHP_MISSING, "" },
	{ "addrbook_global_table", PHP_MOOT, NULL },
	{ "addrbook_global_writeable", PHP_MISSING, "" },
	{ "addrbook_table", PHP_MOOT, NULL },
	{ "aggressive_decoding", PHP_MOOT, NULL },
	{ "allow_advanced_search", PHP_MISSING, "0" },
	{ "allow_charset_search", PHP_MISSING, "1" },
	{ "allow_remote_configtest", PHP_MOOT, NULL },
	{ "allow_svg_display", PHP_MOOT, NULL },
	{ "allow_thread_sort", PHP_MOOT, NULL },
	{ "ask_user_info", PHP_MISSING, "1" },
	{ "attachment_dir", PHP_MOOT, NULL },
	{ "auto_create_special", PHP_USED, NULL },
	{ "auto_expunge", PHP_MISSING, "1" },
	{ "block_svg_download", PHP_MOOT, NULL },
	{ "buffer_output", PHP_MOOT, NULL },
	{ "check_referrer", PHP_MOOT, NULL },
	{ "config_location_base", PHP_MOOT, NULL },
	{ "config_use_color", PHP_MOOT, NULL },
	{ "config_version", PHP_MOOT, NULL },
	{ "data_dir", PHP_MOOT, NULL },
	{ "default_charset", PHP_MOOT, NULL },
	{ "default_folder_prefix", PHP_USED, NULL },
	{ "default_fontset", PHP_MOOT, NULL },
	{ "default_fontsize", PHP_MOOT, NULL },
	{ "default_htmleditor", PHP_MOOT, NULL },
	{ "default_left_size", PHP_MOOT, NULL },
	{ "default_move_to_sent", PHP_USED, NULL },
	{ "default_move_to_trash", PHP_USED, NULL },
	{ "default_save_as_draft", PHP_USED, NULL },
	{ "default_sub_of_inbox", PHP_MOOT, NULL },
	{ "default_unseen_notify", PHP_MISSING, "2" },
	{ "default_unseen_type", PHP_MISSING, "1" },
	{ "default_use_javascript_addr_book", PHP_MOOT, NULL },
	{ "default_use_mdn", PHP_MISSING, "1" },
	{ "default_use_priority", PHP_MISSING, "1" },
	{ "delete_folder", PHP_MOOT, NULL },
	{ "dir_hash_level", PHP_MOOT, NULL },
	{ "disable_plugins", PHP_MOOT, NULL },
	{ "disable_plugins_user", PHP_MOOT, NULL },
	{ "disable_security_tokens", PHP_MISSING, "" },
	{ "disable_server_sort", PHP_MOOT, NULL },
	{ "disable_thread_sort", PHP_MOOT, NULL },
	{ "display_imap_login_error", PHP_MOOT, NULL },
	{ "domain", PHP_USED, NULL },
	{ "draft_folder", PHP_USED, NULL },
	{ "edit_identity", PHP_MISSING, "1" },
	{ "edit_name", PHP_MISSING, "1" },
	{ "edit_reply_to", PHP_MISSING, "1" },
	{ "encode_header_key", PHP_MOOT, NULL },
	{ "fontsets", PHP_MOOT, NULL },
	{ "force_crsession", PHP_MOOT, NULL },
	{ "force_username_lowercase", PHP_USED, NULL },
	{ "frame_top", PHP_MOOT, NULL },
	{ "hide_auth_header", PHP_MOOT, NULL },
	{ "hide_sm_attributions", PHP_MOOT, NULL },
	{ "icon_theme_def", PHP_MOOT, NULL },
	{ "icon_theme_fallback", PHP_MOOT, NULL },
	{ "icon_themes", PHP_MOOT, NULL },
	{ "imapPort", PHP_MOOT, NULL },
	{ "imapServerAddress", PHP_USED, NULL },
	{ "imap_auth_mech", PHP_MOOT, NULL },
	{ "imap_server_type", PHP_MOOT, NULL },
	{ "imap_stream_options", PHP_MOOT, NULL },
	{ "invert_time", PHP_MISSING, "" },
	{ "ldap_server", PHP_MISSING, "" },
	{ "list_special_folders_first", PHP_USED, NULL },
	{ "lossy_encoding", PHP_MOOT, NULL },
	{ "motd", PHP_USED, NULL },
	{ "no_list_for_subscribe", PHP_MOOT, NULL },
	{ "noselect_fix_enable", PHP_MOOT, NULL },
	{ "only_secure_cookies", PHP_USED, NULL },
	{ "optional_delimiter", PHP_MOOT, NULL },
	{ "org_logo", PHP_MOOT, NULL },
	{ "org_logo_height", PHP_MOOT, NULL },
	{ "org_logo_width", PHP_MOOT, NULL },
	{ "org_name", PHP_USED, NULL },
	{ "org_title", PHP_USED, NULL },
	{ "php_self_pattern_list", PHP_MOOT, NULL },
	{ "plugins", PHP_MISSING, "" },
	{ "pop_before_smtp", PHP_MOOT, NULL },
	{ "pop_before_smtp_host", PHP_MOOT, NULL },
	{ "prefs_dsn", PHP_MISSING, "" },
	{ "prefs_key_field", PHP_MOOT, NULL },
	{ "prefs_key_size", PHP_MOOT, NULL },
	{ "prefs_table", PHP_MOOT, NULL },
	{ "prefs_user_field", PHP_MOOT, NULL },
	{ "prefs_user_size", PHP_MOOT, NULL },
	{ "prefs_val_field", PHP_MOOT, NULL },
	{ "prefs_val_size", PHP_MOOT, NULL },
	{ "provider_name", PHP_MOOT, NULL },
	{ "provider_uri", PHP_MOOT, NULL },
	{ "rpc_templateset", PHP_MOOT, NULL },
	{ "secured_config", PHP_MOOT, NULL },
	{ "sendmail_args", PHP_USED, NULL },
	{ "sendmail_path", PHP_USED, NULL },
	{ "sent_folder", PHP_USED, NULL },
	{ "session_name", PHP_USED, NULL },
	{ "show_alternative_names", PHP_MOOT, NULL },
	{ "show_contain_subfolders_option", PHP_MOOT, NULL },
	{ "show_prefix_option", PHP_MOOT, NULL },
	{ "signout_page", PHP_USED, NULL },
	{ "skip_SM_header", PHP_MOOT, NULL },
	{ "sm_debug_mode", PHP_MOOT, NULL },
	{ "smtpPort", PHP_MOOT, NULL },
	{ "smtpServerAddress", PHP_USED, NULL },
	{ "smtpServerAdress", PHP_MOOT, NULL },
	{ "smtp_auth_mech", PHP_MOOT, NULL },
	{ "smtp_sitewide_pass", PHP_MISSING, "" },
	{ "smtp_sitewide_user", PHP_MISSING, "" },
	{ "smtp_stream_options", PHP_MOOT, NULL },
	{ "sq_https_port", PHP_MOOT, NULL },
	{ "sq_ignore_http_x_forwarded_headers", PHP_MOOT, NULL },
	{ "squirrelmail_default_language", PHP_USED, NULL },
	{ "squirrelmail_plugin_hooks", PHP_MOOT, NULL },
	{ "templateset_default", PHP_MOOT, NULL },
	{ "templateset_fallback", PHP_MOOT, NULL },
	{ "theme", PHP_MOOT, NULL },
	{ "theme_css", PHP_MOOT, NULL },
	{ "theme_default", PHP_MOOT, NULL },
	{ "time_zone_type", PHP_MOOT, NULL },
	{ "trash_folder", PHP_USED, NULL },
	{ "useSendmail", PHP_USED, NULL },
	{ "use_icons", PHP_MOOT, NULL },
	{ "use_iframe", PHP_MOOT, NULL },
	{ "use_imap_tls", PHP_MOOT, NULL },
	{ "use_php_iconv", PHP_MOOT, NULL },
	{ "use_php_recode", PHP_MOOT, NULL },
	{ "use_smtp_tls", PHP_MOOT, NULL },
	{ "use_special_folder_color", PHP_MOOT, NULL },
	{ "user_theme_default", PHP_MOOT, NULL },
	{ "user_themes", PHP_MOOT, NULL },
	{ "version", PHP_MOOT, NULL },
};

const char *
php_conf_known(size_t i, enum php_use *use)
{
	if (i >= sizeof(names) / sizeof(names[0]))
		return NULL;
	*use = names[i].use;
	return names[i].name;
}

static int
by_name(const void *key, const void *row)
{
	return strcmp(key, ((const struct row *)row)->name);
}

/* An empty array asks for nothing either. */
static bool
is_quiet(const struct row *row, const struct php_value *value)
{
	struct buf text = BUF_EMPTY;
	bool quiet;

	if (value == NULL)
		return false;
	if (value->type == PHP_ARRAY)
		return value->n == 0;
	quiet = php_value_text(value, &text) &&
	    (span_is(buf_span(&text), row->quiet) ||
		(row->quiet[0] == '\0' && span_is(buf_span(&text), "0")));
	buf_free(&text);
	return quiet;
}

enum php_use
php_conf_use(const char *name, const struct php_value *value)
{
	const struct row *row = bsearch(name, names,
	    sizeof(names) / sizeof(names[0]), sizeof(names[0]), by_name);

	if (row == NULL)
		return PHP_UNKNOWN;
	if (row->use == PHP_MISSING && is_quiet(row, value))
		return PHP_MOOT;
	return row->use;
}
