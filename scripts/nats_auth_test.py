#!/usr/bin/python3
"""Tests of nats_auth.py: what the files hold, who may read them, how keys are replaced."""
import pathlib
import stat
import subprocess
import tempfile
import unittest

import yaml

import nats_auth

DECLARED = {
    "subjects": [
        {"subject": "isobar.a.{venue}.{symbol}.x", "producer": "maker", "consumers": ["taker"]},
        {"subject": "isobar.a.{venue}.{symbol}.ask", "producer": ["taker", "other"], "consumers": ["maker"],
         "answered": ["taker"]}],
    "buckets": [{"bucket": "things", "writer": "maker", "readers": ["taker"]}],
}


class Permissions(unittest.TestCase):
    def test_a_user_gets_what_is_declared_and_no_more(self):
        users = nats_auth.permissions(DECLARED)
        self.assertEqual(sorted(users), ["isobar", "maker", "monitor", "other", "taker"])
        self.assertEqual(users["other"], {"publish": ["isobar.a.*.*.ask"], "subscribe": ["_INBOX_other.>"]})
        self.assertEqual(users["maker"]["subscribe"], ["_INBOX_maker.>", "isobar.a.*.*.ask"])
        self.assertEqual(users["monitor"], {"publish": [], "subscribe": ["isobar.>"]})
        # Answers go to whoever is declared to ask, and to nobody's subject else.
        self.assertIn("_INBOX_taker.*.*", users["maker"]["publish"])
        self.assertNotIn("_INBOX_other.*.*", users["maker"]["publish"])

    def test_only_the_writer_writes_a_bucket(self):
        writes = {user for user, of in nats_auth.permissions(DECLARED).items()
                  if any(s.startswith("$KV.") or "STREAM.CREATE" in s for s in of["publish"])}
        self.assertEqual(writes, {"maker"})
        self.assertIn("$JS.API.DIRECT.GET.KV_things.>", nats_auth.permissions(DECLARED)["taker"]["publish"])

    def test_producers_keep_a_sequenced_domain_and_consumers_read_it(self):
        declared = {"subjects": [{**DECLARED["subjects"][0], "order": "header.sequence"}], "buckets": []}
        users = nats_auth.permissions(declared)
        self.assertIn("$JS.API.STREAM.CREATE.isobar-a", users["maker"]["publish"])
        self.assertIn("$JS.API.DIRECT.GET.isobar-a", users["taker"]["publish"])
        self.assertFalse([s for s in users["taker"]["publish"] if "STREAM" in s])

    def test_nobody_may_touch_everything(self):
        declared = yaml.safe_load((pathlib.Path(__file__).parent.parent / "proto" / "subjects.yaml").read_text())
        for user, of in nats_auth.permissions(declared).items():
            for subject in of["publish"]:
                self.assertNotIn(subject, (">", "isobar.>", "$JS.>", "$JS.API.>", "$KV.>", "_INBOX.>"), user)
                self.assertFalse(subject.startswith("$SYS"), user)

    def test_an_empty_list_becomes_a_refusal(self):
        keys = {user: ["U"] for user in nats_auth.permissions(DECLARED)}
        text = nats_auth.authorization(DECLARED, keys)
        self.assertIn('publish: { deny: [">"] }', text)
        self.assertNotIn("allow: []", text)


class Files(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory(prefix="isobar-auth-")
        self.folder = pathlib.Path(self.scratch.name)
        self.declared = self.folder / "subjects.yaml"
        self.declared.write_text(yaml.safe_dump(DECLARED))
        self.out = self.folder / "out"

    def tearDown(self):
        self.scratch.cleanup()

    def run_it(self, *words):
        nats_auth.main(["--out", str(self.out), "--subjects", str(self.declared), *words])
        return (self.out / "auth.conf").read_text()

    def test_seeds_are_secret_and_stay(self):
        first = self.run_it()
        for user in nats_auth.permissions(DECLARED):
            file = self.out / f"{user}.nk"
            self.assertEqual(stat.S_IMODE(file.stat().st_mode), 0o600)
            self.assertRegex(file.read_text(), r"^SU[A-Z2-7]{56}\n$")
            self.assertNotIn(file.read_text().strip(), first)
        self.assertEqual(stat.S_IMODE(self.out.stat().st_mode), 0o700)
        self.assertEqual(self.run_it(), first)

    def test_the_public_key_is_the_one_of_the_documentation(self):
        # The example pair of the NATS documentation; libs/bus/nkey_test.cpp has the same.
        seed = "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY"
        self.assertEqual(nats_auth.public_of_der(nats_auth.der_of_seed(seed)),
                         "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4")
        with self.assertRaises(ValueError):
            nats_auth.raw_of_seed(seed[:-1] + "A")

    def test_rotation_keeps_the_old_key_until_it_is_retired(self):
        def keys(text):
            lines = text.splitlines()
            return [lines[i + 1].split("nkey: ")[1].strip(",") for i, l in enumerate(lines) if l.strip() == "# taker"]
        old, = keys(self.run_it())
        both = keys(self.run_it("--rotate", "taker"))
        self.assertEqual(both[1], old)
        self.assertNotEqual(both[0], old)
        with self.assertRaisesRegex(SystemExit, "rotated before"):
            self.run_it("--rotate", "taker")
        self.assertEqual(keys(self.run_it("--retire", "taker")), both[:1])
        with self.assertRaisesRegex(SystemExit, "no user nobody"):
            self.run_it("--rotate", "nobody")

    def test_a_damaged_seed_is_named_and_not_quoted(self):
        self.run_it()
        (self.out / "taker.nk").write_text("SUSECRET\n")
        with self.assertRaises(SystemExit) as refused:
            self.run_it()
        self.assertIn("taker.nk", str(refused.exception))
        self.assertNotIn("SUSECRET", str(refused.exception))

    def test_the_servers_get_digests_of_the_tokens_only(self):
        self.run_it("--tokens")
        tokens = [(self.out / f"{role}.token").read_text().strip() for role in ("read", "full")]
        lines = (self.out / "tokens").read_text()
        self.assertRegex(lines, r"^read read sha256:[0-9a-f]{64}\nfull full sha256:[0-9a-f]{64}\n$")
        for token in tokens:
            self.assertGreater(len(token), 40)
            self.assertNotIn(token, lines)
        for name in ("tokens", "read.token", "full.token"):
            self.assertEqual(stat.S_IMODE((self.out / name).stat().st_mode), 0o600)
        self.run_it("--tokens")
        self.assertEqual((self.out / "tokens").read_text(), lines)

    def test_certificates_verify_and_name_their_host(self):
        self.run_it("--tls", "localhost,127.0.0.1")
        for word in ("ca", "server", "client"):
            self.assertEqual(stat.S_IMODE((self.out / f"{word}.key").stat().st_mode), 0o600)
            subprocess.run(["openssl", "verify", "-CAfile", self.out / "ca.pem", self.out / f"{word}.pem"],
                           check=True, capture_output=True)
        text = subprocess.run(["openssl", "x509", "-in", self.out / "server.pem", "-noout", "-ext", "subjectAltName"],
                              check=True, capture_output=True, text=True).stdout
        self.assertIn("DNS:localhost, IP Address:127.0.0.1", text)
        before = (self.out / "server.pem").read_text(), (self.out / "ca.pem").read_text()
        self.run_it("--tls", "localhost", "--renew-tls")
        after = (self.out / "server.pem").read_text(), (self.out / "ca.pem").read_text()
        self.assertNotEqual(before[0], after[0])
        self.assertEqual(before[1], after[1])


if __name__ == "__main__":
    unittest.main()
