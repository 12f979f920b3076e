#!/usr/bin/python3
"""Makes what a nats-server needs to know its clients: one NKEY user per service with the subjects that
proto/subjects.yaml gives it and no others, the operator's user `isobar` and the listener's user `monitor`.

In the folder given by --out, made with mode 0700:
  auth.conf       the server's `authorization` block: public keys and permissions; no secret; include it
  USER.nk         the user's seed, mode 0600: give it to that user alone (--nats-nkey-seed)
  USER.old        the public key that --rotate replaced, good until --retire
and with --tls NAME,... (names and addresses that clients use for the server):
  ca.pem          certificate of an authority made here (--nats-tls-ca, --grpc-tls-client-ca, --tls-ca)
  server.pem/key  for the server (nats `tls` block, --grpc-tls-cert, --grpc-tls-key), valid for the names
  client.pem/key  for a client, where the server asks for one
  ca.key          signs the next ones: keep it away from every server
  tls.conf        the server's `tls` block; with it clients say tls://, and need --nats-tls-ca
and with --tokens, for the gRPC servers:
  tokens          lines NAME read|full sha256:DIGEST, mode 0600 (--grpc-tokens)
  read.token      the token of the client `read`, mode 0600 (isobar query --token-file); full.token: of `full`

What is there is kept: a second run writes auth.conf anew and makes only what is missing. Needs the openssl program.
"""
import argparse
import hashlib
import ipaddress
import os
import pathlib
import secrets
import subprocess
import sys
import tempfile

import yaml

OPERATOR, MONITOR = "isobar", "monitor"
BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
SEED, USER = 18 << 3, 20 << 3
TLS_DAYS = 365
SIGN_IN_S = 20


# ---- who may do what ----

def words(value):
    return value if isinstance(value, list) else [value]


def inbox(user):
    """Where a user's answers arrive: libs/service names the same prefix. `_INBOX.>` would be everybody's."""
    return f"_INBOX_{user}"


def wildcard(subject):
    return ".".join("*" if token.startswith("{") else token for token in subject.split("."))


def bucket_reading(bucket):
    """What libnats 3.4.1 sends to open, read and watch a bucket (DIRECT.GET and MSG.GET are two ways of one read)."""
    stream = f"KV_{bucket}"
    return [f"$JS.API.STREAM.INFO.{stream}", f"$JS.API.STREAM.MSG.GET.{stream}", f"$JS.API.DIRECT.GET.{stream}",
            f"$JS.API.DIRECT.GET.{stream}.>", "$JS.API.STREAM.NAMES", f"$JS.API.CONSUMER.CREATE.{stream}",
            f"$JS.API.CONSUMER.DELETE.{stream}.*", f"$JS.FC.{stream}.>"]


def bucket_writing(bucket):
    return [f"$KV.{bucket}.>", f"$JS.API.STREAM.CREATE.KV_{bucket}"]


def domain_stream(subject):
    """libs/service/repairing_bus: the producers of a domain keep its sequenced subjects in one stream."""
    return f"isobar-{subject.split('.')[1]}"


def stream_keeping(subject):
    return [f"$JS.API.STREAM.{verb}.{domain_stream(subject)}" for verb in ("CREATE", "UPDATE", "INFO")]


def stream_reading(subject):
    """Who reads what it missed of one subject can read the whole domain: the server does not tell them apart."""
    stream = domain_stream(subject)
    return [f"$JS.API.DIRECT.GET.{stream}", f"$JS.API.DIRECT.GET.{stream}.>"]


def permissions(declared):
    """{user: {"publish": [...], "subscribe": [...]}}, sorted, from what subjects.yaml declares."""
    users = {}

    def of(user):
        return users.setdefault(user, {"publish": set(), "subscribe": {inbox(user) + ".>"}})

    for entry in declared["subjects"]:
        subject = wildcard(entry["subject"])
        sequenced = entry.get("order") == "header.sequence"
        for user in words(entry["producer"]):
            of(user)["publish"].update([subject, *(stream_keeping(subject) if sequenced else [])])
        for user in words(entry["consumers"]):
            of(user)["subscribe"].add(subject)
            if sequenced:
                of(user)["publish"].update(stream_reading(subject))
            # Not `allow_responses`: that follows whatever reply subject a caller names.
            for asker in entry.get("answered", []):
                of(user)["publish"].add(inbox(asker) + ".*.*")
    for entry in declared["buckets"]:
        for user in words(entry["writer"]):
            of(user)["publish"].update(bucket_writing(entry["bucket"]) + bucket_reading(entry["bucket"]))
        for user in [*entry.get("readers", []), OPERATOR]:
            of(user)["publish"].update(bucket_reading(entry["bucket"]))
    for entry in declared.get("shard_buckets", []):
        bucket = entry["bucket"]
        for user in words(entry["writer"]):
            keys = f"$KV.{bucket}.>" if user == OPERATOR else f"$KV.{bucket}.{user}.>"
            of(user)["publish"].update([keys, f"$JS.API.STREAM.CREATE.KV_{bucket}", *bucket_reading(bucket)])
        for user in [*entry.get("readers", []), OPERATOR]:
            of(user)["publish"].update(bucket_reading(bucket))
    of(OPERATOR)["subscribe"].add("isobar.>")
    users[MONITOR] = {"publish": set(), "subscribe": {"isobar.>"}}
    return {user: {verb: sorted(subjects) for verb, subjects in of(user).items()} for user in sorted(users)}


def authorization(declared, keys):
    """The server's configuration text. `keys`: {user: [public key, ...]}."""
    def quoted(subjects):
        return "[" + ", ".join(f'"{s}"' for s in subjects) + "]"

    # A client that is refused twice in a row gives up for good, and being slow (2 s by default) counts as being refused.
    lines = ["# Made by ./dev nats-auth from proto/subjects.yaml. Public keys only.", "authorization {",
             f"  timeout: {SIGN_IN_S}", "  users: ["]
    for user, allowed in permissions(declared).items():
        # An empty allow list would allow everything.
        publish = f"allow: {quoted(allowed['publish'])}" if allowed["publish"] else 'deny: [">"]'
        for key in keys[user]:
            lines += [f"    # {user}", f"    {{ nkey: {key},", "      permissions: {",
                      f"        publish: {{ {publish} }},",
                      f"        subscribe: {{ allow: {quoted(allowed['subscribe'])} }} }} }}"]
    return "\n".join([*lines, "  ]", "}", ""])


# ---- keys ----

def base32(data):
    value, bits = int.from_bytes(data, "big"), len(data) * 8
    value <<= -bits % 5
    return "".join(BASE32[value >> shift & 31] for shift in range(bits + -bits % 5 - 5, -1, -5))


def with_crc(data):
    """CRC-16/XMODEM, little-endian, as NKEYs end."""
    crc = 0
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xffff
    return data + crc.to_bytes(2, "little")


def openssl(*arguments, data=None):
    done = subprocess.run(["openssl", *map(str, arguments)], input=data, capture_output=True, check=False)
    if done.returncode != 0:
        # Its words may quote what it was given.
        raise SystemExit(f"error: openssl {arguments[0]} failed with exit code {done.returncode}")
    return done.stdout


def make_user_key():
    """(seed, public key) of a new NKEY user, as text. The last 32 bytes of either DER form are the raw key."""
    private = openssl("genpkey", "-algorithm", "ed25519", "-outform", "DER")
    return base32(with_crc(bytes([SEED | USER >> 5, (USER & 31) << 3]) + private[-32:])), public_of_der(private)


def public_of_der(private):
    public = openssl("pkey", "-inform", "DER", "-pubout", "-outform", "DER", data=private)
    return base32(with_crc(bytes([USER]) + public[-32:]))


def raw_of_seed(seed):
    value = 0
    for letter in seed.strip():
        value = value << 5 | BASE32.index(letter)
    data = (value >> len(seed.strip()) * 5 % 8).to_bytes(len(seed.strip()) * 5 // 8, "big")
    if with_crc(data[:-2]) != data or len(data) != 36:
        raise ValueError("not an NKEY seed")
    return data[2:34]


def der_of_seed(seed):
    """PKCS #8 of an Ed25519 key: a constant head and the raw key."""
    return bytes.fromhex("302e020100300506032b657004220420") + raw_of_seed(seed)


def write_secret(path, text):
    """Never readable by others, not even for a moment; replaced in one step."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)
    fresh.replace(path)


def user_keys(folder, user, rotate):
    """The public keys that the server must accept; makes the seed file when it is missing or to be replaced."""
    file, old = folder / f"{user}.nk", folder / f"{user}.old"
    known = []
    if file.exists():
        try:
            known = [public_of_der(der_of_seed(file.read_text()))]
        except ValueError:
            raise SystemExit(f"error: {file} holds no NKEY seed; remove it to make a new one") from None
    if rotate and known:
        if old.exists():
            raise SystemExit(f"error: {user} was rotated before: --retire {user} first, then its old seed ends")
        old.write_text(known[0] + "\n")
        known = []
    if not known:
        seed, public = make_user_key()
        write_secret(file, seed + "\n")
        known = [public]
    return known + ([old.read_text().strip()] if old.exists() else [])


# ---- certificates ----

def alternative_names(names):
    def one(name):
        try:
            return f"IP:{ipaddress.ip_address(name)}"
        except ValueError:
            return f"DNS:{name}"
    return ",".join(one(name) for name in names)


def make_certificate(folder, word, subject, extensions):
    """word.key (0600) and word.pem, signed by ca.key; ca signs itself."""
    key, certificate = folder / f"{word}.key", folder / f"{word}.pem"
    write_secret(key, openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256").decode())
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        request, more = pathlib.Path(scratch) / "request", pathlib.Path(scratch) / "extensions"
        more.write_text("\n".join(extensions) + "\n")
        request.write_bytes(openssl("req", "-new", "-key", key, "-subj", f"/CN={subject}"))
        signer = ["-signkey", key] if word == "ca" else ["-CA", folder / "ca.pem", "-CAkey", folder / "ca.key"]
        serial = ["-set_serial", int.from_bytes(os.urandom(16), "big") >> 1]
        fresh = pathlib.Path(scratch) / "certificate"
        fresh.write_bytes(openssl("x509", "-req", "-in", request, *signer, *serial, "-days", TLS_DAYS, "-sha256",
                                  "-extfile", more))
        fresh.replace(certificate)


def make_certificates(folder, names, renew):
    if not (folder / "ca.pem").exists():
        make_certificate(folder, "ca", "isobar authority",
                         ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign"])
    leaf = ["basicConstraints=CA:FALSE", "keyUsage=critical,digitalSignature"]
    for word, use in (("server", "serverAuth,clientAuth"), ("client", "clientAuth")):
        if renew or not (folder / f"{word}.pem").exists():
            own = [f"subjectAltName={alternative_names(names)}"] if word == "server" else []
            make_certificate(folder, word, f"isobar {word}", [*leaf, f"extendedKeyUsage={use}", *own])
    (folder / "tls.conf").write_text(
        "# Made by ./dev nats-auth. Paths stand beside this file; verify: true asks clients for a certificate, too.\n"
        f"tls {{\n  cert_file: \"{folder / 'server.pem'}\"\n  key_file: \"{folder / 'server.key'}\"\n"
        f"  ca_file: \"{folder / 'ca.pem'}\"\n  verify: false\n"
        f"  timeout: {SIGN_IN_S}\n}}\n")


# ---- tokens ----

def make_tokens(folder):
    """One token that may ask and one that may also change levels; the servers get their digests only."""
    lines = []
    for role in ("read", "full"):
        file = folder / f"{role}.token"
        if not file.exists():
            write_secret(file, secrets.token_urlsafe(32) + "\n")
        lines.append(f"{role} {role} sha256:{hashlib.sha256(file.read_text().strip().encode()).hexdigest()}\n")
    write_secret(folder / "tokens", "".join(lines))


# ---- command line ----

def arguments_of(argv):
    parser = argparse.ArgumentParser(prog="./dev nats-auth", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True, type=pathlib.Path, help="folder for all files")
    parser.add_argument("--subjects", type=pathlib.Path, help="declarations (proto/subjects.yaml)",
                        default=pathlib.Path(__file__).resolve().parent.parent / "proto" / "subjects.yaml")
    parser.add_argument("--rotate", default="", metavar="USER,...", help="new seeds; the old keys stay good (or: all)")
    parser.add_argument("--retire", default="", metavar="USER,...", help="rotated users' old keys end (or: all)")
    parser.add_argument("--tls", default="", metavar="NAME,...", help="also certificates, for these host names")
    parser.add_argument("--tokens", action="store_true", help="also tokens of gRPC clients")
    parser.add_argument("--renew-tls", action="store_true", help="new server and client certificates, same authority")
    return parser.parse_args(argv)


def chosen(text, users):
    wanted = users if text == "all" else [word for word in text.split(",") if word]
    for user in wanted:
        if user not in users:
            raise SystemExit(f"error: there is no user {user}; there are {', '.join(users)}")
    return set(wanted)


def main(argv):
    args = arguments_of(argv)
    declared = yaml.safe_load(args.subjects.read_text())
    users = list(permissions(declared))
    rotate, retire = chosen(args.rotate, users), chosen(args.retire, users)
    folder = args.out.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    for user in retire:
        (folder / f"{user}.old").unlink(missing_ok=True)
    keys = {user: user_keys(folder, user, user in rotate) for user in users}
    (folder / "auth.conf").write_text(authorization(declared, keys))
    if args.tls or args.renew_tls:
        names = [name for name in args.tls.split(",") if name]
        if not names:
            raise SystemExit("error: --renew-tls needs --tls NAME,...")
        make_certificates(folder, names, args.renew_tls)
    if args.tokens:
        make_tokens(folder)
    print(f"{len(users)} users in {folder / 'auth.conf'}; seeds in {folder}/USER.nk")


if __name__ == "__main__":
    main(sys.argv[1:])
