"""The chaos suite's own parts: what it does to frames, and that it sees what is wrong."""

import asyncio
import unittest

import chaos_test
from faults import KINDS, schedule
from nats_wire import END_OF_TIME, HEARTBEAT, SEQUENCE, WATERMARK, Proxy, header_of, read_item, subject_of
from watch import Lookout


def published(number):
    return f"MSG isobar.feed.v.s.book 1 1\r\n{number}\r\n".encode()


class Schedules(unittest.TestCase):
    def test_a_seed_names_one_schedule_with_every_kind(self):
        one = schedule(7, 100)
        self.assertEqual(one, schedule(7, 100))
        self.assertNotEqual(one, schedule(8, 100))
        self.assertEqual(sum(len(group) for group in one), 100)
        self.assertEqual({kind for group in one for kind, _ in group}, set(KINDS))
        self.assertEqual({kind for group in schedule(7, 9, ["kill", "cut"]) for kind, _ in group}, {"kill", "cut"})


class Headers(unittest.TestCase):
    def test_the_fields_of_a_frame_are_read(self):
        header = bytes([8, 1, 24, 172, 2, 65]) + END_OF_TIME.to_bytes(8, "little") + bytes([72, 1])
        fields = header_of(bytes([10, len(header)]) + header + b"rest")
        self.assertEqual((fields[SEQUENCE], fields[WATERMARK], fields[HEARTBEAT]), (300, END_OF_TIME, 1))

    def test_what_is_no_frame_has_none(self):
        self.assertEqual(header_of(b""), {})
        self.assertEqual(header_of(b"{}"), {})
        self.assertEqual(header_of(bytes([10, 200])), {})


class Spoiling(unittest.TestCase):
    def heard(self, **to_spoil):
        """What a service hears of five frames and an answer."""
        async def run():
            async def broker(_reader, writer):
                writer.write(b"".join(published(n) for n in range(5)) + b"MSG _INBOX.1 2 1\r\nz\r\n")
                await writer.drain()
            server = await asyncio.start_server(broker, "127.0.0.1", 0)
            proxy = Proxy(0, server.sockets[0].getsockname()[1])
            proxy.to_spoil.update(to_spoil)
            await proxy.start(["127.0.0.1"])
            reader, writer = await asyncio.open_connection(*proxy.server.sockets[0].getsockname())
            out = ""
            while not out.endswith("z"):
                line, payload = await asyncio.wait_for(read_item(reader), 5)
                self.assertTrue(subject_of(line))
                out += payload[:-2].decode()
            writer.close()
            await proxy.stop()
            server.close()
            self.assertEqual({what: 0 for what in to_spoil}, {what: proxy.to_spoil[what] for what in to_spoil})
            return out
        return asyncio.run(run())

    def test_frames_are_dropped_repeated_and_swapped_and_answers_are_not(self):
        self.assertEqual(self.heard(), "01234z")
        self.assertEqual(self.heard(drop=2), "234z")
        self.assertEqual(self.heard(repeat=1), "001234z")
        self.assertEqual(self.heard(swap=2), "10324z")


class Judging(unittest.TestCase):
    def judge(self, said, recorded=((1, "a"), (2, "b"))):
        calm, storm = chaos_test.Run(), chaos_test.Run()
        calm.recordings = {("s", n, 0): [(digest, 1)] for n, digest in ((1, "a"), (2, "b"))}
        storm.recordings = {("s", n, 0): [(digest, 1)] for n, digest in recorded}
        storm.heard = {("s", n, 0): [(digest, quality)] for n, digest, quality in said}
        storm.asked = storm.told = 0
        chaos_test.Chaos().judge(calm, storm)

    def test_what_is_right_passes_and_what_is_not_does_not(self):
        self.judge([(1, "a", 1)])
        with self.assertRaises(AssertionError):
            self.judge([(1, "x", 1)])
        with self.assertRaises(AssertionError):
            self.judge([], [(1, "a")])
        with self.assertRaises(AssertionError):
            self.judge([], [(1, "a"), (2, "x")])


class Watching(unittest.TestCase):
    def test_a_flag_that_the_undisturbed_run_has_too_is_no_sign(self):
        lookout = Lookout({})
        lookout.usual = {"key": [("a", 4)]}
        lookout.frame(("s", 1), ("b", 1))
        self.assertIsNone(lookout.first_sign(0, float("inf")))
        lookout.usual = {("s", 2): [("a", 4)]}
        lookout.frame(("s", 2), ("a", 4))
        self.assertIsNone(lookout.first_sign(0, float("inf")))
        lookout.frame(("s", 3), ("c", 5))
        self.assertIsNotNone(lookout.first_sign(0, float("inf")))
        self.assertTrue(lookout.flows_since(["s"], 0))
        self.assertFalse(lookout.flows_since(["s", "t"], 0))


if __name__ == "__main__":
    unittest.main()
