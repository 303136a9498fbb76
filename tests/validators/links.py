"""A proxy that answers for the pages that dlf's reports link to, so that a validator can ask for each of them without a
network: 200 for what this repository publishes, 404 for everything else.

It ends TLS itself, with certificates of an authority that lives as long as the run. Programs that heed HTTPS_PROXY and
SSL_CERT_FILE, as .NET does on Linux, reach it in place of the internet.
"""

import contextlib
import io
import os
import socket
import socketserver
import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import trustme

from dockerlint_fastapi.reporters.sarif import INFORMATION_URI, SCHEMA

ROOT = Path(__file__).parents[2]
OTHERS = frozenset({SCHEMA, INFORMATION_URI})
"""Addresses that no page of this repository stands for: the schema of SARIF, and the repository itself."""

BLOB = f"{INFORMATION_URI}/blob/main/"
WAIT = 30.0  # seconds for a client that says nothing more


def is_published(url: str) -> bool:
    """Whether an address leads to a file of this repository, or is one of the others."""
    if url in OTHERS:
        return True
    path = unquote(urlsplit(url).path)
    return url.startswith(BLOB) and ".." not in path and (ROOT / path.removeprefix(urlsplit(BLOB).path)).is_file()


class Proxy(socketserver.ThreadingTCPServer):
    """The proxy. `asked` are the addresses that it was asked for."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Connection)
        self.authority = trustme.CA()
        self.asked: set[str] = set()
        self._contexts: dict[str, ssl.SSLContext] = {}

    def context(self, host: str) -> ssl.SSLContext:
        """What speaks TLS as that host."""
        if host not in self._contexts:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.authority.issue_cert(host).configure_cert(context)
            self._contexts[host] = context
        return self._contexts[host]

    def environment(self, folder: Path) -> dict[str, str]:
        """The environment of a program that is to use it; the authority's certificate is written into a folder."""
        certificate = folder / "authority.pem"
        self.authority.cert_pem.write_to_path(str(certificate))
        others = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        address = f"http://127.0.0.1:{self.server_address[1]}"
        return {**others, "HTTPS_PROXY": address, "HTTP_PROXY": address, "SSL_CERT_FILE": str(certificate)}


class Connection(socketserver.StreamRequestHandler):
    """One connection of a client: `CONNECT`, then requests over TLS."""

    server: Proxy
    timeout = WAIT

    def handle(self) -> None:
        """Answers until the client goes away."""
        method, target = self._request(self.rfile)
        if method != "CONNECT":
            self.server.asked.add(target)
            self.wfile.write(_answer(found=False))
            return
        host = target.rpartition(":")[0]
        self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with contextlib.suppress(OSError):
            secured = self.server.context(host).wrap_socket(self.request, server_side=True)
            self._serve(secured, host)

    def _serve(self, secured: socket.socket, host: str) -> None:
        with secured, secured.makefile("rb") as lines:
            while True:
                method, path = self._request(lines)
                if not method:
                    return
                url = f"https://{host}{path}"
                self.server.asked.add(url)
                secured.sendall(_answer(found=is_published(url)))

    @staticmethod
    def _request(lines: io.BufferedIOBase) -> tuple[str, str]:
        """The method and the target of a request without a body; empty at the end."""
        first = lines.readline().decode("latin-1").split()
        while lines.readline().strip():
            pass
        return (first[0], first[1]) if len(first) > 1 else ("", "")


def _answer(*, found: bool) -> bytes:
    return f"HTTP/1.1 {'200 OK' if found else '404 Not Found'}\r\nContent-Length: 0\r\n\r\n".encode()


@contextlib.contextmanager
def proxy() -> Iterator[Proxy]:
    """A proxy that runs."""
    import threading  # noqa: PLC0415

    with Proxy() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
