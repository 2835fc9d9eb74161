"""TLS before servers: a CA of our own, and an end of TLS in front of a Unix socket."""

import select
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.deploy.production import ROOT

SSL_REQUEST_BYTES = 8  # with which a client of PostgreSQL asks for TLS, before any greeting
YES = b"S"


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _signed(
    subject: str, key: ec.EllipticCurvePrivateKey, by: str, with_: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    begins = datetime(2026, 1, 1, tzinfo=UTC)
    names: list[x509.GeneralName] = [x509.DNSName(subject)]
    return (
        x509.CertificateBuilder()
        .subject_name(_named(subject))
        .issuer_name(_named(by))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=36_500))
        .add_extension(x509.BasicConstraints(ca=subject == by, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(with_, hashes.SHA256())
    )


def authority(folder: Path, host: str = "localhost") -> Path:
    """Make a CA and a server that proves to be `host`; the CA's certificate is `ca.pem` there."""
    folder.mkdir(parents=True)
    own, server = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    pem, ca = serialization.Encoding.PEM, f"The CA of {folder.name}"
    (folder / "ca.pem").write_bytes(_signed(ca, own, ca, own).public_bytes(pem))
    (folder / "server.pem").write_bytes(_signed(host, server, ca, own).public_bytes(pem))
    (folder / "server.key").write_bytes(
        server.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder


@contextmanager
def tls_before(path: str, folder: Path, *, postgres: bool = False) -> Iterator[int]:
    """Answer by TLS for what listens at a Unix socket; yield the port on this machine.

    As stunnel does, or a pooler before PostgreSQL, where TLS is asked for in clear first. A process
    of its own: connections are left open when a test ends.
    """
    command = [sys.executable, "-W", "ignore", "-m", "tests.deploy.encrypted", path, str(folder)]
    command += ["postgres"] * postgres
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout
        yield int(process.stdout.readline())
        process.kill()


def _serve(path: str, folder: Path, *, postgres: bool) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    with socket.create_server(("127.0.0.1", 0), backlog=256) as door:
        sys.stdout.write(f"{door.getsockname()[1]}\n")
        sys.stdout.flush()
        while True:
            line, _ = door.accept()
            threading.Thread(target=_meet, args=(line, context, path, postgres)).start()


def _meet(line: socket.socket, context: ssl.SSLContext, path: str, postgres: bool) -> None:
    with suppress(OSError), line, socket.socket(socket.AF_UNIX) as server:  # the refused hang up
        if postgres:
            line.recv(SSL_REQUEST_BYTES, socket.MSG_WAITALL)
            line.sendall(YES)
        with context.wrap_socket(line, server_side=True) as secured:
            server.connect(path)
            _relay(secured, server)


def _relay(secured: ssl.SSLSocket, server: socket.socket) -> None:
    """Pass on what comes from either side, in one thread: a line of TLS is not for two."""
    other: dict[socket.socket, socket.socket] = {secured: server, server: secured}
    while True:
        held = [secured] if secured.pending() else []  # read already, so that no select tells of it
        for one in held or select.select(list(other), [], [])[0]:
            piece = one.recv(65536)
            if not piece:
                return
            other[one].sendall(piece)


if __name__ == "__main__":
    _serve(sys.argv[1], Path(sys.argv[2]), postgres="postgres" in sys.argv)
