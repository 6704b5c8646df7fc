#!/usr/bin/env python3
"""bench.py BUILD [--quick] [--json] [--plots DIR] [--compare FILE] [--readme] [PART...]

What a call costs, beside what it must reach. Parts: packet and encode (sotto-bench), cost, latency, setup, calls,
starved and soak: real calls between two processes of sotto-end, through the server, on loopback (setup: also between two network
namespaces, as root). Prints each part's rows, then the goals with how far off they are; exits with 1 when one is missed.
--json prints an object a line, the machine first; --compare prints ratios to such lines of an earlier run.
"""
import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

PARTS = ["packet", "encode", "cost", "latency", "setup", "calls", "starved", "soak"]
PACKAGES = ["libopus0", "libvpx7", "libssl3", "libnice10", "libsrtp2-1", "libipsec-mb1"]
README = "<!-- bench -->", "<!-- /bench -->"
ROUND_TRIPS = [0, 20, 50, 100, 200]
SLIP = 10  # ms of p99 that more calls may cost
RIVALS = 4  # for the core of who is starved
SEED = 1


def output(words):
    run = subprocess.run(words, capture_output=True, text=True)
    return run.stdout.strip() if run.returncode == 0 else ""


def machine():
    with open("/proc/cpuinfo") as info:
        cpu = next((line.split(":")[1].strip() for line in info if line.startswith("model name")), platform.machine())
    versions = output(["dpkg-query", "-W", "-f", "${Package} ${Version}\n"] + PACKAGES).splitlines()
    return {"bench": "machine", "cpu": cpu, "cores": os.cpu_count(), "kernel": platform.release(), "load": os.getloadavg()[0],
            "sotto": output(["git", "describe", "--always", "--dirty"]), "seed": SEED,
            "versions": dict(v.split() for v in versions if len(v.split()) == 2)}


class Failed(Exception):
    pass


class End:
    """A sotto-end process: told by lines, tells by JSON lines."""

    def __init__(self, world, name, place, media, tick):
        words = [f"{world.build}/bench/sotto-end", f"{world.dir}/{name}", world.url, place[1], media, str(tick)]
        if place[0]:
            words = ["nsenter", f"--net={place[0]}", "--"] + words
        self.name, self.lines, self.news = name, [], threading.Condition()
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        for text in self.process.stdout:
            with self.news:
                self.lines.append(json.loads(text))
                self.news.notify_all()

    def tell(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def hear(self, event, limit=30):
        def found():
            return next((line for line in self.lines if line["event"] == event), None)
        with self.news:
            if not self.news.wait_for(found, limit):
                raise Failed(f"{self.name}: no {event}; heard {[line['event'] for line in self.lines]}")
            line = found()
            self.lines.remove(line)
            return line

    def pin(self, core):
        for thread in os.listdir(f"/proc/{self.process.pid}/task"):
            os.sched_setaffinity(int(thread), {core})

    def memory(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024

    def stop(self):
        try:
            self.process.stdin.close()
            self.process.wait(10)
        except (OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()


class World:
    """A server, and pairs of ends that know each other. `places`: of one, the other and the server."""

    def __init__(self, build, places=(("", "127.0.0.1"),) * 3):
        self.build, self.places, self.ends, self.pairs = build, places, [], 0
        self.dir = tempfile.mkdtemp(prefix="sotto-bench-")
        self.server = subprocess.Popen([f"{build}/sotto-signald", "--listen", f"{places[2][1]}:0"],
                                       stdout=subprocess.PIPE, text=True)
        self.url = "ws://" + self.server.stdout.readline().split()[-1]
        threading.Thread(target=self.server.stdout.read, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for end in self.ends:
            end.stop()
        self.server.terminate()
        self.server.wait()
        shutil.rmtree(self.dir)

    def pair(self, media, tick):
        self.pairs += 1
        ends = [End(self, f"{name}{self.pairs}", self.places[i], media, tick) for i, name in enumerate(["a", "b"])]
        self.ends += ends
        for end in ends:
            end.hear("online")
        ends[0].tell("invite")
        ends[1].tell("accept " + ends[0].hear("invite")["text"])
        for end in ends:
            end.hear("contact")
        return ends

    def call(self, media, tick=10):
        ends = self.pair(media, tick)
        ends[0].tell("call")
        for end in ends:
            end.hear("open", 60)
        return ends


def measure(calls, settle, seconds):
    """Reports of the two ends of each call."""
    time.sleep(settle)
    ends = [end for call in calls for end in call]
    for end in ends:
        end.tell("measure")
    time.sleep(seconds)
    for end in ends:
        end.tell("report")
    reports = [end.hear("report") for end in ends]
    return list(zip(reports[::2], reports[1::2]))


def percentile(values, percent):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(percent / 100 * (len(ordered) - 1) + 0.5))] if ordered else None


ON_THE_WAY = 2  # marks at the end of the span


def mouth_to_ear(said, heard):
    """ms of each mark that was heard: they are 250 ms apart, and no call is as late as that."""
    return [(next(t for t in heard["caught"] if t >= at) - at) / 1000 for at in said["said"][:-ON_THE_WAY]
            if any(at <= t < at + 250000 for t in heard["caught"])]


def glass_to_glass(drawn, shown):
    """ms of each picture shown; numbers come again after 8 s."""
    when = {}
    for number, at in drawn["drawn"]:
        when.setdefault(number, []).append(at)
    delays = []
    for number, at in shown["shown"]:
        starts = [t for t in when.get(number, []) if t <= at < t + 4000000]
        delays += [(at - starts[-1]) / 1000] if starts else []
    return delays


def both_ways(call, of):
    return of(call[0], call[1]) + of(call[1], call[0])


def row(bench, name, unit, value, goal=None, **more):
    return {"bench": bench, "name": name, "unit": unit, "value": round(value, 4), **({"goal": goal} if goal else {}), **more}


# ---- the parts: each yields lines ----

def program(options, part):
    words = [f"{options.build}/bench/sotto-bench", part, "--json"] + (["--quick"] if options.quick else [])
    run = subprocess.run(words, stdout=subprocess.PIPE, text=True)
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    yield from lines
    if run.returncode and not lines:
        raise Failed(f"sotto-bench {part}")


def cost(options):
    seconds = 5 if options.quick else 20
    for what, media, goal in (("Opus + VP8 640x360", "640x360", 0.11), ("Opus alone", "audio", 0.02)):
        with World(options.build) as world:
            reports = measure([world.call(media)], 4, seconds)[0]
        for key in ("processor", "source_and_sink"):
            value = statistics.mean(r[key] / r["seconds"] for r in reports)
            yield row("cost", f"{what}, {key.replace('_', ' ')}", "s/s an end", value, goal if key == "processor" else None,
                      send=reports[0].get("send"), receive=reports[0].get("receive"))
        yield row("cost", f"{what}, wake-ups of the engine", "a second", statistics.mean(r["wakeups"] / r["seconds"] for r in reports))
        yield row("cost", f"{what}, peak memory", "MB an end", max(r["peak_kb"] for r in reports) / 1024,
                  32 if media != "audio" else None)
        yield row("cost", f"{what}, memory of its own", "MB an end", max(r["own_kb"] for r in reports) / 1024)
        yield row("cost", f"{what}, peak while the store opens", "MB an end", max(r["opening_kb"] for r in reports) / 1024)
        yield row("cost", f"{what}, sent", "kbit/s", statistics.mean(r["bytes_sent"] for r in reports) * 8 / (seconds + 4) / 1000)


def latency(options):
    with World(options.build) as world:
        call = measure([world.call("640x360")], 5, 5 if options.quick else 20)[0]
    sound, pictures = both_ways(call, mouth_to_ear), both_ways(call, glass_to_glass)
    for name, values in (("mouth to ear", sound), ("glass to glass", pictures)):
        for percent in (50, 95, 99):
            yield row("latency", f"{name}, p{percent}", "ms", percentile(values, percent), samples=len(values))
    playout = statistics.mean(r["playout_us"] for r in call) / 1000
    encode = statistics.mean(r["encode_us"] / max(1, r["encoded"]) for r in call) / 1000
    decode = statistics.mean(r["decode_us"] / max(1, r["decoded"]) for r in call) / 1000
    frame = 26.5  # 20 ms to fill it, and what the encoder looks ahead
    yield row("latency", "mouth to ear, mean", "ms", statistics.mean(sound))
    yield row("latency", "of sound: frame and look-ahead", "ms", frame)
    yield row("latency", "of sound: playout buffer", "ms", playout)
    yield row("latency", "of sound: all else", "ms", statistics.mean(sound) - frame - playout)
    yield row("latency", "of pictures: encode", "ms", encode)
    yield row("latency", "of pictures: decode", "ms", decode)
    yield row("latency", "of pictures: pacing, transport, waiting to be shown", "ms", percentile(pictures, 50) - encode - decode)


def set_up(options, places, tries):
    """A fresh call each time; ms from the answer until both hear, and each end's phases."""
    spans, phases = [], []
    for _ in range(tries):
        with World(options.build, places) as world:
            call = measure([world.call("audio", tick=5)], 1, 0)[0]
        if not all(r["heard"] for r in call):
            raise Failed("setup: somebody heard nothing")
        spans.append((max(r["heard"] for r in call) - call[1]["accepted"]) / 1000)
        phases.append({key: value / 1000 for key, value in call[1]["setup"].items()})
    return statistics.median(spans), {key: statistics.median(p[key] for p in phases) for key in phases[0]}


def set_up_rows(options, rtt, places, tries):
    span, phases = set_up(options, places, tries)
    yield row("setup", "from the answer until both hear", "ms", span, {0: 35, 50: 200}.get(rtt), rtt=rtt)
    for phase, value in phases.items():
        yield row("setup", f"at the callee until: {phase.replace('_', ' ')}", "ms", value, rtt=rtt)


def setup(options):
    tries = 2 if options.quick else 7
    for rtt in ROUND_TRIPS if os.geteuid() == 0 else [0]:
        if rtt == 0:
            yield from set_up_rows(options, 0, (("", "127.0.0.1"),) * 3, tries)
            continue
        with tempfile.TemporaryDirectory() as place:  # in the hub of the tunnel, this program again
            words = [f"{options.build}/tests/sotto-tunnel", f"rtt{rtt}", str(SEED), f"{place}/links", sys.executable, __file__,
                     options.build, "--setup", "{places}", str(rtt), str(tries)]
            run = subprocess.run(words, stdout=subprocess.PIPE, text=True)
        if run.returncode:
            raise Failed(f"setup at {rtt} ms")
        yield from (json.loads(line) for line in run.stdout.splitlines())
    if os.geteuid() != 0:
        print("setup: only on loopback; network namespaces need root", file=sys.stderr)


def calls(options):
    """More and more calls on one core, both ends of each, until p99 of their delay slips."""
    seconds = 4 if options.quick else 10
    for media, steps in (("audio", (1, 2, 4, 6, 8, 12, 16, 24, 32)), ("640x360", (1, 2, 3, 4, 5, 6))):
        best, first = 0, None
        with World(options.build) as world:
            running = []
            for count in steps[:3] if options.quick else steps:
                while len(running) < count:
                    running.append(world.call(media))
                    for end in running[-1]:
                        end.pin(0)
                reports = measure(running, 4, seconds)
                delays = [d for call in reports for d in both_ways(call, mouth_to_ear)]
                late = percentile(delays, 99)
                expected = sum(len(r["said"]) - ON_THE_WAY for call in reports for r in call)
                first = first or late
                yield row("calls", f"{media}: {count} calls, p99 mouth to ear", "ms", late or -1,
                          calls=count, heard=round(len(delays) / max(1, expected), 3))
                if late is None or late > first + SLIP or len(delays) < 0.95 * expected:
                    break
                best = count
        yield row("calls", f"{media}: calls on one core, both ends of each", "calls", best, at_most_tried=steps[-1])


def starved(options):
    """A sender of 1280x720 alone on its core, beside others that want the core, and alone again."""
    seconds, before = 5 if options.quick else 20, {"concealed": 0, "samples": 0}
    spin = ["taskset", "-c", "0", sys.executable, "-c", "while True: pass"]
    with World(options.build) as world:
        call = world.call("1280x720")
        call[0].pin(0)
        for main in (call[0].process.pid, *map(int, os.listdir(f"/proc/{call[1].process.pid}/task"))):
            os.sched_setaffinity(main, {1 % os.cpu_count()})  # source and sink, and the other end
        for when, rivals in (("alone", 0), (f"beside {RIVALS} rivals", RIVALS), ("alone again", 0)):
            spinning = [subprocess.Popen(spin) for _ in range(rivals)]
            try:
                sender, receiver = measure([call], 10, seconds)[0]
            finally:
                for rival in spinning:
                    rival.kill()
                    rival.wait()
            made_up = {key: receiver[key] - before[key] for key in before}
            before = {key: receiver[key] for key in before}
            for name, unit, value in (("width of the pictures", "pixels", receiver["frame_width"]),
                                      ("pictures", "a second", len(receiver["shown"]) / receiver["seconds"]),
                                      ("sound made up", "%", 100 * made_up["concealed"] / max(1, made_up["samples"]))):
                yield row("starved", f"{when}: {name}", unit, value, limited=sender["limited"])


def soak(options):
    seconds, step = (20, 2) if options.quick else (600, 10)
    with World(options.build) as world:
        call = world.call("640x360")
        time.sleep(5)
        sizes = []
        for at in range(0, seconds + 1, step):
            size = max(end.memory() for end in call)
            sizes.append(size)
            yield row("soak", "memory of an end", "MB", size, at=at)
            time.sleep(step)
    later = sizes[len(sizes) // 2:]
    grown = max(later) - max(sizes[:len(sizes) // 2])
    yield row("soak", "growth from the first half to the second", "MB", grown, 1)


RUN = {"packet": lambda o: program(o, "packet"), "encode": lambda o: program(o, "encode"), "cost": cost,
       "latency": latency, "setup": setup, "calls": calls, "starved": starved, "soak": soak}


# ---- what must be reached ----

def pick(lines, key, **wanted):
    return next((line[key] for line in lines if key in line and all(line.get(k) == v for k, v in wanted.items())), None)


def over_bare(lines, cipher, payload):
    values = [line["over_bare"] for line in lines if line.get("cipher") == cipher and line.get("operation") == "protect" and
              line["payload_bytes"] == payload and line["cache"] == "warm"]
    return max(values) if values else None


def allocations(lines):
    """The most that ours made a packet or a frame: of engine, sockets and codecs."""
    counted = [line.get("allocations_per_packet", line.get("allocations_per_frame")) for line in lines
               if line.get("way") != "stock" and line.get("cipher") != "libsrtp" and
               ("allocations_per_packet" in line or "allocations_per_frame" in line)]
    return max(counted) if counted else None


def goals(lines):
    """(figure, today's best, bound, limit, value, unit)"""
    def faster(operation):
        return pick(lines, "faster", way="sotto", operation=operation, payload_bytes=1200)
    beside = pick(lines, "beside_codec", source="VP8 1280x720 1.5 Mbit/s")
    for cipher, limits in (("ipsec-mb", (1.35, 1.6)), ("openssl", (1.2, 1.3))):
        for payload, limit in zip((1200, 80), limits):
            yield (f"SRTP protect, {payload} B, over the bare cipher ({cipher})", "9.3 / 13.9 (libsrtp on NSS)", "<=", limit,
                   over_bare(lines, cipher, payload), "x")
    yield "protect + send, 16 x 1200 B, against stock parts", "1", ">=", 10, faster("protect + send"), "x"
    yield "receive + unprotect, same", "1", ">=", 10, faster("receive + unprotect"), "x"
    yield "engine time of a 720p VP8 frame beside the codec", "", "<=", 1, beside and 100 * beside, "% of its"
    yield "heap allocations a packet or a frame (0.01: of libraries' timers)", "5 (libsrtp)", "<=", 0.01, allocations(lines), ""
    for rtt, others in ((0, "libwebrtc 48, Chromium 192"), (50, "libwebrtc 403, Chromium 272")):
        yield (f"set-up at {rtt} ms round trip, from the answer until both hear", others, "<=", 35 if rtt == 0 else 200,
               pick(lines, "value", bench="setup", name="from the answer until both hear", rtt=rtt), "ms")
    for name, others, limit in (("Opus + VP8 640x360, processor", "libwebrtc 0.25, GStreamer 0.22", 0.11),
                                ("Opus alone, processor", "libwebrtc 0.05, Chromium 0.12", 0.02)):
        yield name + " an end, net", others, "<=", limit, pick(lines, "value", bench="cost", name=name), "s/s"
    yield ("peak memory of an end, sound and pictures", "GStreamer 118, libwebrtc 134", "<=", 32,
           pick(lines, "value", bench="cost", name="Opus + VP8 640x360, peak memory"), "MB")


def verdict(bound, limit, value):
    reached = value <= limit if bound == "<=" else value >= limit
    if reached:
        return "pass"
    return f"FAIL, {abs(value / limit - 1) * 100:.0f} % off" if limit else "FAIL"


def goal_cells(lines):
    for figure, others, bound, limit, value, unit in goals(lines):
        if value is not None:
            yield figure, others, f"{bound} {limit:g} {unit}".strip(), f"{value:.3g}", verdict(bound, limit, value)


def show(header, table):
    table = [header] + [tuple(str(cell) for cell in cells) for cells in table]
    widths = [max(len(cells[i]) for cells in table) for i in range(len(header))]
    for cells in table:
        print("  ".join(cell.ljust(width) for cell, width in zip(cells, widths)).rstrip())


def show_lines(lines):
    """A table for each set of keys."""
    kinds = {}
    for line in lines:
        keys = tuple(key for key in line if key != "bench")
        kinds.setdefault(keys, []).append(line)
    for keys, same in kinds.items():
        print()
        show(keys, [[line[key] for key in keys] for line in same])


# ---- pictures, comparison, the README ----

COLOURS = ["#0969da", "#bc4c00", "#1a7f37", "#8250df", "#57606a", "#cf222e"]


def svg(title, across, up, series):
    """Curves over one axis as SVG: {name: [(x, y)]}."""
    points = [p for curve in series.values() for p in curve]
    right, top = max(x for x, _ in points) or 1, max(y for _, y in points) * 1.1 or 1

    def place(x, y):
        return f"{60 + x / right * 800:.1f} {330 - y / top * 280:.1f}"
    text = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 900 390" font-family="sans-serif" font-size="12">',
            f'<rect width="900" height="390" fill="#fff"/><text x="60" y="24" font-size="15">{title}</text>']
    for i in range(5):
        y = 330 - i * 70
        text.append(f'<path d="M60 {y}h800" stroke="#d0d7de"/><text x="54" y="{y + 4}" text-anchor="end">{top * i / 4:.3g}</text>'
                    f'<text x="{60 + i * 200}" y="348" text-anchor="middle">{right * i / 4:.4g}</text>')
    for (name, curve), colour, i in zip(sorted(series.items()), COLOURS, range(len(COLOURS))):
        line = " L".join(place(x, y) for x, y in sorted(curve))
        text.append(f'<path d="M{line}" fill="none" stroke="{colour}" stroke-width="1.5"/>'
                    f'<text x="{60 + i % 3 * 270}" y="{44 + i // 3 * 14}" fill="{colour}">{name}</text>')
    text.append(f'<text x="860" y="370" text-anchor="end">{across}</text><text x="60" y="384">{up}</text></svg>')
    return "\n".join(text) + "\n"


def curves(lines, name, across, up):
    series = {}
    for line in lines:
        if across in line and up in line and name(line):
            series.setdefault(name(line), []).append((line[across], line[up]))
    return series


def draw(part, lines, folder):
    warm = [line for line in lines if line.get("cache") == "warm" and line.get("profile") == "AEAD_AES_256_GCM"]
    pictures = {
        "packet": ("SRTP, AEAD_AES_256_GCM", "bytes of payload", "ns a packet",
                   curves(warm, lambda l: f"{l['cipher']} {l['operation']}", "payload_bytes", "median_ns")),
        "setup": ("Set-up", "ms of round trip", "ms, medians", curves(lines, lambda l: l["name"], "rtt", "value")),
        "calls": ("Calls on one core", "calls", "ms, p99 mouth to ear", curves(lines, lambda l: l["name"].split(":")[0], "calls",
                                                                               "value")),
        "soak": ("Memory of an end", "seconds", "MB", curves(lines, lambda l: l["name"], "at", "value")),
    }
    for name, unit, key in (("encode", "us, medians", "median_us"), ("cost", "s/s and MB", "value"), ("latency", "ms", "value"),
                            ("starved", "pixels, a second and %", "value")):
        rows = [line for line in lines if key in line and line.get("stage", "all") == "all"]
        pictures[name] = (name, "rows of the table, in their order", unit,
                          {line.get("source", line.get("name")): [(i + 1, 0), (i + 1, line[key])] for i, line in enumerate(rows)})
    title, across, up, series = pictures[part]
    if series:
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, f"{part}.svg"), "w") as out:
            out.write(svg(title, across, up, series))


VALUES = ("median_ns", "median_us", "value", "faster", "over_bare", "beside_codec")
MEASURED = VALUES + ("p99_ns", "p99_us", "share", "goal", "bare_ns", "libsrtp_ns", "packets", "frames", "samples", "heard",
                     "allocations_per_packet", "allocations_per_frame", "packets_per_frame", "load", "bytes_per_frame", "send", "receive")


def compare(lines, path):
    """(row, figure, before, now, ratio) of what is in both."""
    def name(line):
        return " ".join(str(value) for key, value in line.items() if key not in MEASURED)
    with open(path) as earlier:
        before = {name(line): line for line in map(json.loads, earlier)}
    for line in lines:
        for key in VALUES:
            old = before.get(name(line), {}).get(key)
            if old and key in line:
                yield name(line), key, old, line[key], f"{line[key] / old:.2f}"


def heading(about):
    return (f"{about['cpu']}, {about['cores']} cores, load {about['load']:.1f} at the beginning; kernel {about['kernel']}; "
            f"sotto {about['sotto']}")


def write_readme(about, lines):
    path = os.path.join(os.path.dirname(__file__), "..", "README.md")
    table = ["| figure | the best of others | goal | sotto | |", "|---|---|---|---|---|"]
    table += ["| " + " | ".join(cells) + " |" for cells in goal_cells(lines)]
    with open(path) as readme:
        before, rest = readme.read().split(README[0])
    text = heading(about) + ".\n\n" + "\n".join(table).replace("<=", "at most").replace(">=", "at least")
    with open(path, "w") as readme:
        readme.write(f"{before}{README[0]}\n{text}\n{README[1]}{rest.split(README[1])[1]}")


def parse():
    parser = argparse.ArgumentParser(prog="./run bench", description="what a call costs, beside what it must reach")
    parser.add_argument("build", help=argparse.SUPPRESS)
    parser.add_argument("parts", nargs="*", metavar="PART", help=" ".join(PARTS) + "; without any: all but soak, starved and calls when --quick")
    parser.add_argument("--quick", action="store_true", help="a minute or two: does it work, not how fast is it")
    parser.add_argument("--json", action="store_true", help="an object a line")
    parser.add_argument("--plots", metavar="DIR", help="a picture of each part, as SVG")
    parser.add_argument("--compare", metavar="FILE", help="ratios to the JSON lines of an earlier run")
    parser.add_argument("--readme", action="store_true", help="writes the goals into the README, in place of what is there")
    options = parser.parse_intermixed_args()
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"no such part: {' '.join(unknown)}")
    options.parts = options.parts or [part for part in PARTS if not options.quick or part not in ("calls", "starved", "soak")]
    return options


def run_part(options, part):
    lines = []
    for line in RUN[part](options):
        lines.append(line)
        if options.json:
            print(json.dumps(line), flush=True)
    if not options.json:
        print(f"\n== {part}")
        show_lines(lines)
    if options.plots:
        draw(part, lines, options.plots)
    return lines


def main():
    if sys.argv[2:3] == ["--setup"]:  # in the hub of a tunnel
        places = [tuple(("@" + place).rsplit("@", 1)) for place in sys.argv[3].split(",")]
        places = [(path.lstrip("@"), address) for path, address in places]
        for line in set_up_rows(argparse.Namespace(build=sys.argv[1]), int(sys.argv[4]), places, int(sys.argv[5])):
            print(json.dumps(line))
        return
    options, about, lines, failed = parse(), machine(), [], []
    print(json.dumps(about) if options.json else heading(about), flush=True)
    for part in options.parts:
        try:
            lines += run_part(options, part)
        except Failed as why:
            failed.append(f"{part}: {why}")
    table = list(goal_cells(lines))
    missed = [cells for cells in table if cells[4] != "pass"]
    missed += [(f"{line['name']} ({line['bench']})",) for line in lines if line["bench"] == "soak" and line["value"] > line.get("goal", 1e9)]
    if not options.json:
        print("\n== what must be reached")
        show(("figure", "the best of others", "goal", "sotto", ""), table)
    if options.compare:
        print()
        show(("row", "figure", "before", "now", "ratio"), compare(lines, options.compare))
    if options.readme:
        write_readme(about, lines)
    for text in failed:
        print(f"did not work: {text}", file=sys.stderr)
    if missed:
        print(f"short: {'; '.join(cells[0] for cells in missed)}", file=sys.stderr)
    sys.exit(1 if failed or missed else 0)


main()
