"""What ./dev nats-auth makes, on the real nats-server with TLS: every user may do what proto/subjects.yaml says, and nothing
else of all that there is. What is right is worked out here from the declarations, not by the generator."""

import pathlib
import signal
import ssl
import sys
import unittest

import yaml

from suite import SOURCE, Nats, eventually, scratch
from nats_user import NatsUser, Refused

sys.path.insert(0, str(SOURCE / "scripts"))
import nats_auth  # noqa: E402

DECLARED = yaml.safe_load((SOURCE / "proto" / "subjects.yaml").read_text())
BUCKETS = {b["bucket"]: b for b in DECLARED["buckets"]}
# Each service writes these below its own name only.
SHARED_BUCKETS = {b["bucket"]: b for b in DECLARED.get("shard_buckets", [])}
SERVICES = sorted({u for s in DECLARED["subjects"] for k in ("producer", "consumers") for u in nats_auth.words(s[k])}
                  | {u for b in BUCKETS.values() for u in [*nats_auth.words(b["writer"]), *b["readers"]]})
USERS = [*SERVICES, "isobar", "monitor"]
VENUE, SYMBOL = "SIM", "SPX"


def concrete(subject):
    return subject.replace("{venue}", VENUE).replace("{symbol}", SYMBOL)


def expected(user, verb):
    """The subjects of universe() that the user may publish or subscribe."""
    role = {"publish": "producer", "subscribe": "consumers"}[verb]
    out = {concrete(s["subject"]) for s in DECLARED["subjects"] if user in nats_auth.words(s[role])}
    if verb == "subscribe":
        if user in ("isobar", "monitor"):
            out |= {concrete(s["subject"]) for s in DECLARED["subjects"]} | {"isobar.feed.SIM.SPX.undeclared", "isobar.>",
                                                                      "isobar.*.*.*.*"}
        if user != "monitor":
            out |= {f"_INBOX_{user}.abc.1", f"_INBOX_{user}.abc", f"_INBOX_{user}.>"}
        return out
    for s in DECLARED["subjects"]:
        if user in nats_auth.words(s["consumers"]):
            out |= {f"_INBOX_{asker}.abc.1" for asker in s.get("answered", [])}
    for name, bucket in BUCKETS.items():
        writes = user in nats_auth.words(bucket["writer"])
        if writes:
            out |= {f"$KV.{name}.SIM.SPX.latest", f"$JS.API.STREAM.CREATE.KV_{name}"}
        if writes or user in bucket["readers"] or user == "isobar":
            out |= set(reading(name)) | {"$JS.API.STREAM.NAMES"}
    for name, bucket in SHARED_BUCKETS.items():
        writes = user in nats_auth.words(bucket["writer"])
        if writes:
            out |= {f"$JS.API.STREAM.CREATE.KV_{name}", f"$KV.{name}.{user}.SIM.SPX"}
        if writes and user == "isobar":
            out |= {f"$KV.{name}.{s}.SIM.SPX" for s in USERS} | {f"$KV.{name}.SIM.SPX.latest"}
        if writes or user in bucket["readers"] or user == "isobar":
            out |= set(reading(name)) | {"$JS.API.STREAM.NAMES"}
    return out


def reading(bucket):
    return [f"$JS.API.STREAM.INFO.KV_{bucket}", f"$JS.API.STREAM.MSG.GET.KV_{bucket}",
            f"$JS.API.DIRECT.GET.KV_{bucket}.$KV.{bucket}.k", f"$JS.API.CONSUMER.CREATE.KV_{bucket}",
            f"$JS.API.CONSUMER.DELETE.KV_{bucket}.abc", f"$JS.FC.KV_{bucket}.abc.x"]


def universe():
    """Every subject of the suite, of its buckets, of every inbox, and what nobody may touch."""
    out = [concrete(s["subject"]) for s in DECLARED["subjects"]]
    for bucket in SHARED_BUCKETS:
        out += [f"$KV.{bucket}.{user}.SIM.SPX" for user in USERS]
    for bucket in [*BUCKETS, *SHARED_BUCKETS, "strangers"]:
        out += [*reading(bucket), f"$KV.{bucket}.SIM.SPX.latest"]
        out += [f"$JS.API.STREAM.{verb}.KV_{bucket}" for verb in ("CREATE", "UPDATE", "DELETE", "PURGE", "MSG.DELETE", "SNAPSHOT")]
        out += [f"$JS.API.CONSUMER.DURABLE.CREATE.KV_{bucket}.abc", f"$JS.API.CONSUMER.MSG.NEXT.KV_{bucket}.abc"]
    for user in [*USERS, "stranger"]:
        out += [f"_INBOX_{user}.abc.1", f"_INBOX_{user}.abc"]
    return out + ["_INBOX.abc.1", "isobar.feed.SIM.SPX.undeclared", "isobar", "$JS.API.INFO", "$JS.API.STREAM.NAMES",
                  "$JS.API.STREAM.LIST", "$JS.API.STREAM.CREATE.ANY", "$SYS.REQ.SERVER.PING", "$SYS.REQ.USER.INFO", "other"]


WILD = [">", "*", "isobar.>", "isobar.*.*.*.*", "_INBOX.>", "_INBOX_*.>", "$JS.>", "$JS.API.>", "$KV.>", "$SYS.>",
        *[f"_INBOX_{user}.>" for user in USERS]]


class Server:
    """nats-server with the generator's files."""

    def __init__(self, folder):
        self.keys = pathlib.Path(folder) / "keys"
        self.make("--tls", "localhost,127.0.0.1")
        self.nats = Nats(folder)
        with open(self.nats.conf, "a", encoding="utf-8") as conf:
            conf.write(f'include "{self.relative("auth.conf")}"\ninclude "{self.relative("tls.conf")}"\n')
        self.nats.start()

    def relative(self, name):
        return f"keys/{name}"

    def make(self, *words):
        nats_auth.main(["--out", str(self.keys), *words])

    def user(self, name, file=None):
        der = nats_auth.der_of_seed((file or self.keys / f"{name}.nk").read_text())
        return NatsUser(self.nats.port, name, self.keys / "ca.pem", der, nats_auth.public_of_der(der))


class Matrix(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = scratch()
        cls.server = Server(cls.scratch.__enter__())
        cls.users = {name: cls.server.user(name) for name in USERS}

    @classmethod
    def tearDownClass(cls):
        for user in cls.users.values():
            user.close()
        cls.server.nats.kill()
        cls.scratch.__exit__(None, None, None)

    def test_the_matrix_of_publishing(self):
        subjects, asked = universe(), 0
        for name, user in self.users.items():
            with self.subTest(name):
                user.send("".join(f"PUB {s} 0\r\n\r\n" for s in subjects))
                user.settle()
                self.assertEqual(user.refused("publish"), set(subjects) - expected(name, "publish"))
                asked += len(subjects)
        print(f"{asked} attempts to publish by {len(USERS)} users")

    def test_the_matrix_of_subscribing(self):
        subjects, asked = [*universe(), *WILD], 0
        for name in USERS:
            with self.subTest(name):
                user = self.server.user(name)
                user.send("".join(f"SUB {s} {i}\r\n" for i, s in enumerate(subjects)))
                user.settle()
                self.assertEqual(user.refused("subscribe"), set(subjects) - expected(name, "subscribe"))
                user.send("".join(f"SUB {s} g {i + 10000}\r\n" for i, s in enumerate(subjects)))
                user.settle()
                # A queue group is no way around.
                self.assertEqual({s.split('" using queue')[0] for s in user.refused("subscribe")},
                                 set(subjects) - expected(name, "subscribe"))
                user.close()
                asked += 2 * len(subjects)
        print(f"{asked} attempts to subscribe by {len(USERS)} users")

    def test_what_a_producer_says_reaches_its_consumers_and_the_listeners(self):
        for entry in DECLARED["subjects"]:
            subject = concrete(entry["subject"])
            readers = [*nats_auth.words(entry["consumers"]), "isobar", "monitor"]
            for producer in nats_auth.words(entry["producer"]):
                with self.subTest(subject, producer=producer):
                    hearing = [self.server.user(name) for name in readers]
                    for one in hearing:
                        one.send(f"SUB {subject} 1\r\n")
                        one.settle()
                    self.users[producer].send(f"PUB {subject} 5\r\nhello\r\n")
                    self.users[producer].settle()
                    for name, one in zip(readers, hearing):
                        one.settle()
                        self.assertEqual(one.received, [(subject, b"hello")], name)
                        one.close()


class Door(unittest.TestCase):
    def test_who_is_let_in(self):
        with scratch() as folder:
            server = Server(folder)
            try:
                with self.assertRaises(Refused):
                    NatsUser(server.nats.port, ca=server.keys / "ca.pem")  # nobody's key
                stranger = nats_auth.make_user_key()[0]
                (server.keys / "stranger").write_text(stranger)
                with self.assertRaises(Refused):
                    server.user("stranger", server.keys / "stranger")
                with self.assertRaises((Refused, OSError)):
                    NatsUser(server.nats.port)  # no TLS
                nats_auth.main(["--out", str(server.keys / "other"), "--tls", "localhost"])
                with self.assertRaises(ssl.SSLCertVerificationError):
                    NatsUser(server.nats.port, ca=server.keys / "other" / "ca.pem")
                server.user("monitor").close()
            finally:
                server.nats.kill()

    def test_a_key_is_replaced_while_the_server_runs(self):
        with scratch() as folder:
            server = Server(folder)
            try:
                old = server.keys / "kept.nk"
                old.write_text((server.keys / "decomposer.nk").read_text())

                def reload(*words):
                    server.make(*words)
                    server.nats.process.child.send_signal(signal.SIGHUP)

                def works(file=None):
                    try:
                        server.user("decomposer", file).close()
                        return True
                    except Refused:
                        return False
                reload("--rotate", "decomposer")
                eventually(works, 10, "the new key works")
                self.assertTrue(works(old), "and the old one, too")
                reload("--retire", "decomposer")
                eventually(lambda: not works(old), 10, "the old key ends")
                self.assertTrue(works())
            finally:
                server.nats.kill()


if __name__ == "__main__":
    unittest.main()
