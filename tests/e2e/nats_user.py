"""A NATS client in a few lines, for tests of permissions: it signs in with a seed and says what the server refuses."""

import base64
import json
import re
import socket
import ssl
import subprocess
import tempfile


class Refused(Exception):
    """The server did not let the user in."""


class NatsUser:
    def __init__(self, port, seed_file=None, ca=None, der_of_seed=None, public=None):
        self.socket = socket.create_connection(("127.0.0.1", port), 5)
        self.buffer = b""
        self.errors = []
        self.received = []
        info = json.loads(self.line().split(b" ", 1)[1])
        if ca:
            context = ssl.create_default_context(cafile=ca)
            self.socket = context.wrap_socket(self.socket, server_hostname="localhost")
        connect = {"verbose": False, "pedantic": False, "headers": True, "no_responders": True, "lang": "test"}
        if seed_file:
            connect |= {"nkey": public, "sig": sign(der_of_seed, info["nonce"])}
        self.send(f"CONNECT {json.dumps(connect)}\r\n")
        self.settle()

    def send(self, text):
        self.socket.sendall(text.encode())

    def line(self):
        while b"\r\n" not in self.buffer:
            try:
                more = self.socket.recv(65536)
            except (ConnectionError, TimeoutError) as error:
                raise Refused(str(error)) from None
            if not more:
                raise Refused("; ".join(self.errors) or "closed")
            self.buffer += more
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line

    def settle(self):
        """Until the server has seen all that was sent."""
        self.send("PING\r\n")
        while True:
            line = self.line()
            if line == b"PONG":
                return
            if line.startswith(b"-ERR"):
                self.errors.append(line.decode())
            elif line.startswith(b"PING"):
                self.send("PONG\r\n")
            elif line.startswith((b"MSG ", b"HMSG ")):
                words = line.decode().split(" ")
                size = int(words[-1]) + 2
                while len(self.buffer) < size:
                    self.buffer += self.socket.recv(65536)
                self.received.append((words[1], self.buffer[:size - 2]))
                self.buffer = self.buffer[size:]

    def refused(self, verb):
        """Subjects of the violations since the last call."""
        word = {"publish": "Publish", "subscribe": "Subscription"}[verb]
        found = re.findall(rf'Permissions Violation for {word} to "([^"]*)"', "\n".join(self.errors), re.I)
        self.errors.clear()
        return set(found)

    def close(self):
        self.socket.close()


def sign(der, nonce):
    with tempfile.NamedTemporaryFile() as key, tempfile.NamedTemporaryFile() as text:
        key.write(der)
        key.flush()
        text.write(nonce.encode())
        text.flush()
        done = subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-keyform", "DER", "-inkey", key.name, "-in", text.name],
                              check=True, capture_output=True)
    return base64.urlsafe_b64encode(done.stdout).decode().rstrip("=")
