"""An authority of the test's own, and certificates of it."""

import os
import ssl
import subprocess


def openssl(*words):
    subprocess.run(("openssl",) + words, check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class Authority:
    """Its certificate is in .file; FOLDER is the caller's."""

    def __init__(self, folder, name="authority"):
        self.folder = folder
        self.key = os.path.join(folder, name + ".key")
        self.file = os.path.join(folder, name + ".pem")
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
                "-subj", "/CN=" + name, "-keyout", self.key,
                "-out", self.file)
        os.chmod(self.file, 0o644)

    def context(self, *names):
        """An SSLContext of a server with a certificate for these names."""
        base = os.path.join(self.folder, names[0])
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                "-nodes", "-subj", "/CN=server", "-keyout", base + ".key",
                "-out", base + ".csr")
        with open(base + ".ext", "w", encoding="ascii") as f:
            f.write("subjectAltName=" + ",".join("DNS:" + n for n in names))
        openssl("x509", "-req", "-in", base + ".csr", "-CA", self.file,
                "-CAkey", self.key, "-CAcreateserial", "-days", "30",
                "-extfile", base + ".ext", "-out", base + ".pem")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(base + ".pem", base + ".key")
        return context
