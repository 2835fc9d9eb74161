"""TLS before servers: a CA of our own, and an end of TLS in front of a Unix socket."""

import asyncio
import ssl
import subprocess
import sys
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
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(_signed("A CA", own, "A CA", own).public_bytes(pem))
    (folder / "server.pem").write_bytes(_signed(host, server, "A CA", own).public_bytes(pem))
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


async def _serve(path: str, folder: Path, *, postgres: bool) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")

    async def met(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            if postgres:
                await reader.readexactly(SSL_REQUEST_BYTES)
                writer.write(YES)
                await writer.drain()
                await writer.start_tls(context)
            theirs, ours = await asyncio.open_unix_connection(path)
            await asyncio.gather(_pass_on(reader, ours), _pass_on(theirs, writer))

    # Who is refused hangs up.
    asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
    server = await asyncio.start_server(met, "127.0.0.1", 0, ssl=None if postgres else context)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


async def _pass_on(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while piece := await source.read(65536):
            target.write(piece)
            await target.drain()
    target.close()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], Path(sys.argv[2]), postgres="postgres" in sys.argv))
