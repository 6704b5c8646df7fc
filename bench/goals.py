"""What must be reached: the goals beside today's best, the verdict on each, and the README's table of them."""
import os
from typing import Callable, NamedTuple

from rows import pick

README = "<!-- bench -->", "<!-- /bench -->"
HEADER = ("figure", "the best of others", "goal", "sotto", "")


class Goal(NamedTuple):
    parts: tuple  # any of them brings it
    figure: str
    others: str | Callable  # of the rows
    bound: str
    limit: float
    unit: str
    value: Callable  # of the rows; None: it is not there
    ratio: bool = False  # of nanoseconds: a quick run does not judge it
    lacking: str = ""  # what a machine may lack for it

    def text(self):
        return f"{self.bound} {self.limit:g} {self.unit}".strip()

    def reached(self, value):
        return value <= self.limit if self.bound == "<=" else value >= self.limit

    def verdict(self, value, quick):
        if value is None:
            return f"not measured: {self.lacking}" if self.lacking else "NOT MEASURED"
        if quick and self.ratio:
            return "not judged: a quick run"
        return "pass" if self.reached(value) else f"FAIL, {abs(value / self.limit - 1) * 100:.0f} % off"


def over_bare(cipher, payload):
    def value(rows):
        values = [line["over_bare"] for line in rows if line.get("cipher") == cipher and line["operation"] == "protect" and
                  line["payload_bytes"] == payload and line["cache"] == "warm"]
        return max(values, default=None)
    return value


def faster(operation):
    return lambda rows: pick(rows, "faster", way="sotto", operation=operation, payload_bytes=1200)


LARGE = "VP8 1280x720 1.5 Mbit/s"


def beside_codec(rows):
    beside = pick(rows, "beside_codec", source=LARGE)
    return beside if beside is None else 100 * beside


def bare_datagram(rows):
    """What the kernel alone asks for, for the same codec's time: the floor below any engine."""
    bare, codec = (pick(rows, "median_us", source=LARGE, stage=stage) for stage in ("(bare)", "encode"))
    return f"a bare datagram: {100 * bare / codec:.2f}" if bare and codec else ""


def allocations(rows):
    """The most a packet or a frame of ours: in engine, sockets and codecs, and of a call the moments that had any."""
    counted = [line.get(key) for line in rows for key in ("allocations_per_packet", "allocations_per_frame")
               if line.get("way") != "stock" and line.get("cipher") != "libsrtp"]
    counted += [line["value"] for line in rows if line.get("unit") == "a packet or frame"]
    return max((count for count in counted if count is not None and count >= 0), default=None)  # -1: not counted


def measured(part, name, **wanted):
    return lambda rows: pick(rows, "value", bench=part, name=name, **wanted)


def protect(cipher, payload, limit, lacking=""):
    return Goal(("packet",), f"SRTP protect, {payload} B, over the bare cipher ({cipher})", "9.3 / 13.9 (libsrtp on NSS)", "<=",
                limit, "x", over_bare(cipher, payload), ratio=True, lacking=lacking)


def set_up_at(rtt, others, limit, lacking=""):
    return Goal(("setup",), f"set-up at {rtt} ms round trip, from the answer until both hear", others, "<=", limit, "ms",
                measured("setup", "from the answer until both hear", rtt=rtt), lacking=lacking)


GOALS = (
    protect("ipsec-mb", 1200, 1.35, "no intel-ipsec-mb for this build or processor"),
    protect("ipsec-mb", 80, 1.6, "no intel-ipsec-mb for this build or processor"),
    protect("openssl", 1200, 1.2),
    protect("openssl", 80, 1.3),
    Goal(("packet",), "protect + send, 16 x 1200 B, against stock parts", "1", ">=", 10, "x", faster("protect + send"), ratio=True),
    Goal(("packet",), "receive + unprotect, same", "1", ">=", 10, "x", faster("receive + unprotect"), ratio=True),
    Goal(("encode",), "engine time of a 720p VP8 frame beside the codec", bare_datagram, "<=", 1, "% of its", beside_codec, ratio=True),
    Goal(("packet", "encode", "cost"), "heap allocations a packet or a frame; of a call, moments with any (0.01: libraries' timers)",
         "5 (libsrtp)", "<=", 0.01, "", allocations, lacking="a sanitizer's build counts none"),
    set_up_at(0, "libwebrtc 48, Chromium 192", 35),
    set_up_at(50, "libwebrtc 403, Chromium 272", 200, "" if os.geteuid() == 0 else "network namespaces need root"),
    Goal(("cost",), "Opus + VP8 640x360, processor an end, net", "libwebrtc 0.25, GStreamer 0.22", "<=", 0.11, "s/s",
         measured("cost", "Opus + VP8 640x360, processor")),
    Goal(("cost",), "Opus alone, processor an end, net", "libwebrtc 0.05, Chromium 0.12", "<=", 0.02, "s/s",
         measured("cost", "Opus alone, processor")),
    Goal(("cost",), "peak memory of an end, sound and pictures", "GStreamer 118, libwebrtc 134", "<=", 32, "MB",
         measured("cost", "Opus + VP8 640x360, peak memory")),
    Goal(("soak",), "growth of an end's memory from a soak's first half to its second", "", "<=", 1, "MB",
         measured("soak", "growth from the first half to the second")),
)
TABLED = {part for goal in GOALS for part in goal.parts} - {"soak"}  # parts that the README's table is made of


class Judgement(NamedTuple):
    goal: Goal
    others: str
    value: float  # None: not measured
    verdict: str

    def missed(self):
        return self.verdict.startswith(("FAIL", "NOT"))

    def cells(self):
        value = "" if self.value is None else f"{self.value:.3g}"
        return self.goal.figure, self.others, self.goal.text(), value, self.verdict


def judge(rows, parts, quick=False):
    """Each goal that one of `parts` should have brought."""
    for goal in GOALS:
        if set(goal.parts) & set(parts):
            value = goal.value(rows)
            others = goal.others(rows) if callable(goal.others) else goal.others
            yield Judgement(goal, others, value, goal.verdict(value, quick))


def write_readme(path, heading, judgements):
    """False: a row would have no value, and the README is left as it is."""
    if any(judgement.value is None for judgement in judgements):
        return False
    table = ["| " + " | ".join(cells) + " |" for cells in [HEADER] + [j.cells() for j in judgements]]
    table.insert(1, "|" + "---|" * len(HEADER))
    with open(path) as readme:
        before, rest = readme.read().split(README[0])
    text = heading + ".\n\n" + "\n".join(table).replace("<=", "at most").replace(">=", "at least")
    with open(path, "w") as readme:
        readme.write(f"{before}{README[0]}\n{text}\n{README[1]}{rest.split(README[1])[1]}")
    return True
