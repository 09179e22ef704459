"""The web server of an instance: Apache with the webmail as its only page."""

import os

from .plan import Trouble, write

BINARY = "/usr/sbin/apache2"
MODULES = "/usr/lib/apache2/modules"
WANTED = ("mpm_event", "authz_core", "alias", "cgid", "env", "mime")

CONF = """\
ServerRoot "{dir}"
DefaultRuntimeDir "{dir}/run"
PidFile "{dir}/run/apache.pid"
ErrorLog "{dir}/error.log"
LogFormat "%h %l %u %t \\"%r\\" %>s %b" common
CustomLog "{dir}/access.log" common
{modules}
TypesConfig /dev/null
Listen 127.0.0.1:{port}
ServerName localhost
DocumentRoot "{dir}/root"
User www-data
Group www-data
StartServers 1
ThreadsPerChild 8
MaxRequestWorkers 16
ScriptSock cgid.sock
SetEnv MAIL_CONFIG {config}
<Directory />
    AllowOverride None
    Require all denied
</Directory>
<Directory "{root}">
    Require all granted
</Directory>
<Directory "{cgi}">
    Require all granted
    Options +ExecCGI
</Directory>
ScriptAlias /messagerie "{cgi}/webmail.cgi"
ScriptAlias /webmail "{cgi}/webmail.cgi"
"""


def check(plan):
    if not os.path.exists(BINARY):
        raise Trouble("%s is missing: install apache2-bin" % BINARY)
    if not plan.built("bin", "webmail.cgi"):
        raise Trouble("%s/bin/webmail.cgi is not built" % plan.build)


def configure(plan):
    """Write its folder; returns the command that stays in the foreground."""
    folder = plan.path("web")
    for name in ("", "run", "root"):
        os.makedirs(os.path.join(folder, name), exist_ok=True)
        os.chmod(os.path.join(folder, name), 0o755)
    modules = "\n".join("LoadModule %s_module %s/mod_%s.so" % (m, MODULES, m)
                        for m in WANTED)
    conf = os.path.join(folder, "apache.conf")
    write(conf, CONF.format(
        dir=folder, port=plan.port("web"), modules=modules,
        root=os.path.join(folder, "root"), cgi=plan.path("build", "bin"),
        config=plan.path("etc")))
    return [BINARY, "-d", folder, "-f", conf, "-DFOREGROUND"]
