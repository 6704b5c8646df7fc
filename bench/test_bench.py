#!/usr/bin/env python3
"""What bench.py makes of rows that a run recorded (recorded_rows.jsonl), and of programs that do not work."""
import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as xml

import bench
from ends import End, Failed, World
from goals import GOALS, README, judge, write_readme
from parts import latency_rows
from plot import panels, svg
from rows import compare, row

HERE = os.path.dirname(os.path.abspath(__file__))
SOUND, SOCKETS = "Opus alone, processor", {"way": "sotto", "operation": "protect + send", "payload_bytes": 1200}


def recorded():
    with open(os.path.join(HERE, "recorded_rows.jsonl")) as rows:
        return [json.loads(line) for line in rows]


def changed(key, value, **wanted):
    """The recorded rows with one figure of some of them another."""
    rows = recorded()
    some = [line for line in rows if all(line.get(k) == v for k, v in wanted.items())]
    assert some
    for line in some:
        line[key] = value
    return rows


def without(**wanted):
    return [line for line in recorded() if any(line.get(key) != value for key, value in wanted.items())]


def verdicts(rows, quick=False, parts=tuple(bench.PARTS)):
    return {judgement.goal.figure: judgement for judgement in judge(rows, parts, quick)}


class Goals(unittest.TestCase):
    def test_each_is_measured_by_a_recorded_row(self):
        judged = verdicts(recorded())
        self.assertEqual(len(judged), len(GOALS))
        self.assertEqual([figure for figure, judgement in judged.items() if judgement.value is None], [])

    def test_the_floor_is_beside_what_is_above_it(self):
        large = dict(bench="encode", source="VP8 1280x720 1.5 Mbit/s")
        rows = changed("median_us", 5000, **large, stage="encode")
        for line in rows:
            if line.get("stage") == "(bare)" and line["source"] == large["source"]:
                line["median_us"] = 20
        figure = "engine time of a 720p VP8 frame beside the codec"
        self.assertEqual(verdicts(rows)[figure].cells()[1], "a bare datagram: 0.40")
        self.assertEqual(verdicts(without(**large, stage="(bare)"))[figure].cells()[1], "")

    def test_what_is_short_fails_and_says_how_far_off(self):
        figure = SOUND + " an end, net"
        self.assertEqual(verdicts(changed("value", 0.02, name=SOUND))[figure].verdict, "pass")
        judgement = verdicts(changed("value", 0.03, name=SOUND))[figure]
        self.assertEqual(judgement.verdict, "FAIL, 50 % off")
        self.assertTrue(judgement.missed())

    def test_at_least_is_not_at_most(self):
        judgement = verdicts(changed("faster", 5, **SOCKETS))["protect + send, 16 x 1200 B, against stock parts"]
        self.assertEqual(judgement.verdict, "FAIL, 50 % off")

    def test_a_goal_without_its_row_is_missed(self):
        judgement = verdicts(without(name=SOUND))[SOUND + " an end, net"]
        self.assertEqual(judgement.verdict, "NOT MEASURED")
        self.assertTrue(judgement.missed())

    def test_what_the_machine_lacks_is_told_and_not_missed(self):
        judged = verdicts(without(cipher="ipsec-mb"))
        lacking = [judgement for judgement in judged.values() if "ipsec-mb" in judgement.goal.figure]
        self.assertEqual(len(lacking), 2)
        for judgement in lacking:
            self.assertTrue(judgement.verdict.startswith("not measured: no intel-ipsec-mb"))
            self.assertFalse(judgement.missed())

    def test_only_those_of_the_parts_that_ran_are_judged(self):
        self.assertEqual({judgement.goal.parts for judgement in judge(recorded(), ["soak"])}, {("soak",)})

    def test_a_quick_run_judges_all_but_ratios_of_nanoseconds(self):
        rows = changed("faster", 5, **SOCKETS)
        self.assertFalse(verdicts(rows, quick=True)["protect + send, 16 x 1200 B, against stock parts"].missed())
        rows = changed("value", 1, name=SOUND)
        self.assertTrue(verdicts(rows, quick=True)[SOUND + " an end, net"].missed())

    def test_allocations_are_those_of_a_call_too(self):
        figure = next(goal.figure for goal in GOALS if goal.figure.startswith("heap"))
        self.assertFalse(verdicts(recorded())[figure].missed())
        self.assertTrue(verdicts(changed("value", 0.1, unit="a packet or frame"))[figure].missed())
        self.assertTrue(verdicts(changed("allocations_per_packet", 1, **SOCKETS))[figure].missed())
        self.assertTrue(verdicts(changed("allocations_per_frame", 1, stage="encode"))[figure].missed())

    def test_those_of_others_are_not_ours(self):
        figure = next(goal.figure for goal in GOALS if goal.figure.startswith("heap"))
        self.assertFalse(verdicts(changed("allocations_per_packet", 9, way="stock"))[figure].missed())
        self.assertFalse(verdicts(changed("allocations_per_packet", 9, cipher="libsrtp"))[figure].missed())


class Latency(unittest.TestCase):
    """Two ends that hear each mark after 40 ms and see each picture after 8."""
    end = {"said": [0, 250000, 500000, 750000], "caught": [40000, 290000, 540000, 790000],
           "drawn": [[0, 0], [1, 33000]], "shown": [[0, 8000], [1, 41000]], "seconds": 10, "sound_frames": 1000,
           "playout_us": 18000, "encoded": 2, "encode_us": 4000, "decoded": 2, "decode_us": 2000}

    def values(self, **more):
        return {line["name"]: line["value"] for line in latency_rows(({**self.end, **more},) * 2)}

    def test_the_frame_is_as_long_as_those_that_were_sent(self):
        self.assertEqual(self.values()["of sound: frame and look-ahead, mean"], 16.5)
        self.assertEqual(self.values(sound_frames=500)["of sound: frame and look-ahead, mean"], 26.5)

    def test_the_stages_are_the_mean(self):
        values = self.values()
        for what, whole in (("sound", "mouth to ear, mean"), ("pictures", "glass to glass, mean")):
            stages = [value for name, value in values.items() if name.startswith(f"of {what}: ")]
            self.assertEqual(len(stages), 3)
            self.assertAlmostEqual(sum(stages), values[whole])
        self.assertEqual(values["mouth to ear, mean"], 40)

    def test_a_call_that_nobody_hears_or_sees_did_not_work(self):
        self.assertRaises(Failed, self.values, caught=[])
        self.assertRaises(Failed, self.values, shown=[])


class Comparison(unittest.TestCase):
    def ratios(self, now, before):
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as earlier:
            earlier.write("\n".join(map(json.dumps, before)))
            earlier.flush()
            return list(compare(now, earlier.name))

    def test_each_figure_of_a_row_is_compared(self):
        doubled = [{**line, "p99_ns": 2 * line["p99_ns"]} if "p99_ns" in line else line for line in recorded()]
        ratios = self.ratios(doubled, recorded())
        self.assertEqual({ratio["ratio"] for ratio in ratios if ratio["figure"] == "p99_ns"}, {2.0})
        self.assertEqual({ratio["ratio"] for ratio in ratios if ratio["figure"] != "p99_ns"}, {1.0})
        self.assertLessEqual({"median_us", "p99_us", "share", "allocations_per_packet", "over_bare", "faster", "value", "heard",
                              "beside_codec"}, {ratio["figure"] for ratio in ratios})

    def test_rows_meet_whatever_was_measured_beside(self):
        before, now = row("starved", "alone: pictures", "a second", 30), row("starved", "alone: pictures", "a second", 15)
        ratio, = self.ratios([{**now, "limited": "cpu"}], [{**before, "limited": "none"}])
        self.assertEqual(ratio["ratio"], 0.5)

    def test_what_was_nothing_and_is_something_is_told(self):
        ratio, = self.ratios([row("cost", "x", "a packet", 3)], [row("cost", "x", "a packet", 0)])
        self.assertEqual((ratio["before"], ratio["now"], ratio["ratio"]), (0, 3, None))

    def test_nothing_heard_is_no_figure(self):
        self.assertEqual(self.ratios([row("calls", "x", "ms", None)], [row("calls", "x", "ms", 40)]), [])


class Pictures(unittest.TestCase):
    def of(self, part):
        return [line for line in recorded() if line["bench"] == part]

    def test_each_part_is_a_picture_with_a_curve_or_bar_of_each_row(self):
        for part in bench.PARTS:
            picture = xml.fromstring(svg(part, self.of(part)))
            words = ["".join(element.itertext()) for element in picture.iter("{http://www.w3.org/2000/svg}text")]
            for curves in panels(self.of(part)).values():
                for label in curves:
                    self.assertIn(label, words)
        self.assertEqual(len(panels(self.of("setup"))[("", "rtt", "ms")]), 8)

    def test_the_headline_comes_first(self):
        self.assertEqual(next(iter(panels(self.of("setup"))[("", "rtt", "ms")])), "from the answer until both hear")

    def test_a_panel_has_one_unit(self):
        units = [unit for _, _, unit in panels(self.of("cost"))]
        self.assertIn("MB an end", units)
        self.assertIn("kbit/s", units)
        self.assertEqual(len(units), len(set(units)))

    def test_sockets_packetizing_and_shares_are_drawn(self):
        self.assertEqual({kind for kind, _, _ in panels(self.of("packet"))}, {"SRTP", "sockets", "media session"})
        self.assertIn(("", None, "share of the mean of all"), panels(self.of("encode")))

    def test_nothing_heard_is_not_drawn(self):
        self.assertEqual(panels([row("calls", "audio: p99 mouth to ear", "ms", None, calls=32)]), {})


class Readme(unittest.TestCase):
    def setUp(self):
        handle, self.path = tempfile.mkstemp()
        self.addCleanup(os.unlink, self.path)
        with open(handle, "w") as readme:
            readme.write(f"before\n{README[0]}\nold\n{README[1]}\nafter\n")

    def text(self):
        with open(self.path) as readme:
            return readme.read()

    def test_the_table_takes_the_old_ones_place(self):
        self.assertTrue(write_readme(self.path, "a machine", list(judge(recorded(), bench.TABLED))))
        lines = self.text().splitlines()
        self.assertEqual((lines[0], lines[-1]), ("before", "after"))
        self.assertNotIn("old", lines)
        self.assertIn(f"| {SOUND} an end, net | libwebrtc 0.05, Chromium 0.12 | at most 0.02 s/s |", self.text())
        self.assertEqual(sum(line.startswith("|") for line in lines), 2 + len(GOALS) - 1)  # a soak's is not there

    def test_a_table_with_a_gap_is_not_written(self):
        before = self.text()
        self.assertFalse(write_readme(self.path, "a machine", list(judge(without(name=SOUND), bench.TABLED))))
        self.assertEqual(self.text(), before)

    def parsed(self, *words):
        sys.argv = ["bench.py", "build", *words]
        with contextlib.redirect_stderr(io.StringIO()):
            return bench.parse()

    def test_a_run_too_short_for_it_does_not_begin(self):
        self.assertEqual(self.parsed("--readme", "packet", "encode", "cost", "setup").parts,
                         ["packet", "encode", "cost", "setup"])
        self.assertRaises(SystemExit, self.parsed, "--readme", "packet")
        self.assertRaises(SystemExit, self.parsed, "--readme", "--quick")


class Programs(unittest.TestCase):
    """A build whose programs are scripts."""

    def setUp(self):
        self.build = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.build)
        os.mkdir(f"{self.build}/bench")

    def program(self, name, script):
        with open(f"{self.build}/{name}", "w") as out:
            out.write(f"#!/bin/sh\n{script}\n")
            os.chmod(out.fileno(), 0o755)

    def bench(self, *words):
        return subprocess.run([sys.executable, f"{HERE}/bench.py", self.build, *words], capture_output=True, text=True)

    def sotto_bench(self, rows, end):
        with open(f"{self.build}/rows", "w") as out:
            out.writelines(json.dumps(line) + "\n" for line in rows)
        self.program("bench/sotto-bench", f"cat {self.build}/rows; {end}")

    def test_one_that_crashes_after_a_row_did_not_work(self):
        packet = [line for line in recorded() if line["bench"] == "packet"]
        self.sotto_bench(packet, "kill -ABRT $$")
        run = self.bench("packet", "--quick")
        self.assertEqual(run.returncode, 1)
        self.assertIn("did not work: packet", run.stderr)
        self.assertIn("protect + send", run.stdout)  # and what it had is shown

    def test_one_that_fails_did_not_work(self):
        self.sotto_bench([line for line in recorded() if line["bench"] == "packet"], "exit 2")
        self.assertIn("did not work: packet", self.bench("packet", "--quick").stderr)

    def test_one_that_is_cut_off_in_a_row_did_not_work(self):
        self.program("bench/sotto-bench", "printf '{\"bench\":'")
        self.assertIn("did not work: packet", self.bench("packet", "--quick").stderr)

    def test_one_that_is_short_is_judged_by_its_rows(self):
        self.sotto_bench(changed("faster", 5, **SOCKETS), "exit 1")
        run = self.bench("packet")
        self.assertEqual(run.returncode, 1)
        self.assertNotIn("did not work", run.stderr)
        self.assertIn("short: protect + send, 16 x 1200 B, against stock parts: FAIL, 50 % off", run.stderr)

    def test_a_server_that_dies_and_an_end_that_is_gone_are_failures(self):
        self.program("sotto-signald", "exit 1")
        self.assertRaises(Failed, World, self.build)
        self.program("sotto-signald", "echo listening on 127.0.0.1:1; exec sleep 60")
        self.program("bench/sotto-end", "exit 1")
        with World(self.build) as world:
            end = End(world, "a", ("", "127.0.0.1"), "audio", 10)
            end.process.wait()
            self.assertRaises(Failed, end.tell, "call")
            end.stop()

    def test_a_comparison_among_json_lines_is_json_lines(self):
        self.sotto_bench([line for line in recorded() if line["bench"] == "encode"], "exit 0")
        run = self.bench("encode", "--quick", "--json", "--compare", f"{HERE}/recorded_rows.jsonl")
        lines = [json.loads(line) for line in run.stdout.splitlines()]
        self.assertEqual({line["bench"] for line in lines}, {"machine", "encode", "ratio"})
        self.assertEqual((run.returncode, run.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main(warnings="ignore")  # pipes of programs that are gone
