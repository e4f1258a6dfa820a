"""A small pool in front of a PostgreSQL server, such as PgBouncer, that lends its connections to who asks."""

from __future__ import annotations

import os
import socket
import socketserver
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg

NO_ENCRYPTION = {80877103: b"N", 80877104: b"N"}
KEY, READY, IDLE = b"K", b"Z", b"I"
ASKING, LEAVING = b"QS", b"X"


def received(side: socket.socket, count: int) -> bytes:
    """So many bytes from one side. Raises EOFError where it has hung up."""
    found = b""
    while len(found) < count:
        more = side.recv(count - len(found))
        if not more:
            raise EOFError
        found += more
    return found


def message(side: socket.socket) -> bytes:
    """The next message from one side, its kind and its length in front."""
    head = received(side, 5)
    return head + received(side, struct.unpack("!i", head[1:])[0] - 4)


def pass_on(source: socket.socket, target: socket.socket) -> None:
    """Pass on whatever one side says, until it hangs up."""
    with suppress(OSError):
        while said := source.recv(1 << 16):
            target.sendall(said)
        target.shutdown(socket.SHUT_WR)


class Client(socketserver.BaseRequestHandler):
    """Serves one client: its connection to the server is its own, or is lent anew for each transaction.

    Lent connections know questions and answers only, and no COPY.
    """

    server: Any

    def handle(self) -> None:
        """Pass messages on until the client hangs up."""
        connection = self.begin()
        if not self.server.lends:
            answers = Thread(target=pass_on, args=(connection, self.request))
            answers.start()
            pass_on(self.request, connection)
            answers.join()
            return
        self.server.free.insert(0, connection)
        lent: socket.socket | None = None
        while (asked := message(self.request))[:1] != LEAVING:
            lent = lent or self.server.free.pop()
            lent.sendall(asked)
            if asked[:1] in ASKING and self.answer(lent):
                self.server.free.append(lent)
                lent = None

    def begin(self) -> socket.socket:
        """Let the client sign in, and tell it of a process that is not the server's; returns its connection."""
        while True:
            length = received(self.request, 4)
            start = length + received(self.request, struct.unpack("!i", length)[0] - 4)
            refusal = NO_ENCRYPTION.get(struct.unpack("!i", start[4:8])[0])
            if refusal is None:
                break
            self.request.sendall(refusal)
        connection = self.server.connect()
        connection.sendall(start)
        while (said := message(connection))[:1] != READY:
            self.request.sendall(said[:5] + os.urandom(len(said) - 5) if said[:1] == KEY else said)
            if said[:1] == b"R" and struct.unpack("!i", said[5:9])[0] not in (0, 12):
                connection.sendall(message(self.request))
        self.request.sendall(said)
        return connection

    def answer(self, connection: socket.socket) -> bool:
        """Pass on what the server answers; returns whether no transaction is open then."""
        while (said := message(connection))[:1] != READY:
            self.request.sendall(said)
        self.request.sendall(said)
        return said[5:] == IDLE


class Pool(socketserver.ThreadingTCPServer):
    """Listens for clients of the server that this URL leads to."""

    daemon_threads = True

    def __init__(self, url: str, *, lends: bool) -> None:
        super().__init__(("127.0.0.1", 0), Client)
        self.lends = lends
        self.opened: list[socket.socket] = []
        self.free: list[socket.socket] = []
        with psycopg.connect(url) as connection:
            self.host, self.port = connection.info.host, connection.info.port

    def connect(self) -> socket.socket:
        """A new connection to the server."""
        local = self.host.startswith("/")
        connection = socket.socket(socket.AF_UNIX if local else socket.AF_INET)
        connection.connect(f"{self.host}/.s.PGSQL.{self.port}" if local else (self.host, self.port))
        self.opened.append(connection)
        return connection

    def server_close(self) -> None:
        """Listen no longer, and leave the server."""
        super().server_close()
        for connection in self.opened:
            connection.close()


@contextmanager
def pooled(url: str, *, lends: bool) -> Iterator[str]:
    """The URL of this database through a pool, which `lends` each connection for a transaction only or does not."""
    with Pool(url, lends=lends) as pool:
        Thread(target=pool.serve_forever, daemon=True).start()
        parts = urlsplit(url)
        signing_in = parts.netloc.rpartition("@")[0] or "postgres"
        place = f"{signing_in}@127.0.0.1:{pool.server_address[1]}"
        yield urlunsplit(parts._replace(netloc=place, query=""))
        pool.shutdown()
