"""The parts of the benchmark: each yields its rows as they come, and raises Failed where it does not work."""
import json
import os
import statistics
import subprocess
import sys
import time

from ends import Failed, World, measure
from rows import row
from set_up import setup

SLIP = 10  # ms of p99 that more calls may cost
HEARD = 0.95  # of the marks, at least, for calls that are no more than the core can take
RIVALS = (0, 4, 8, 16, 0)  # for the core of who is starved, one after the other
ON_THE_WAY = 2  # marks at the end of the span
LOOK_AHEAD = 6.5  # ms, of Opus at 48 kHz for voice
SHORT = 1  # sotto-bench's exit code where it worked and is short of a goal, which its rows say too


def percentile(values, percent):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(percent / 100 * (len(ordered) - 1) + 0.5))] if ordered else None


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


def mean(call, of):
    return statistics.mean(of(report) for report in call)


def program(options, part):
    words = [f"{options.build}/bench/sotto-bench", part, "--json"] + (["--quick"] if options.quick else [])
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as run:
        yield from map(json.loads, run.stdout)
    if run.returncode not in (0, SHORT):
        raise Failed(f"sotto-bench ended with {run.returncode}")


def cost_rows(what, call):
    def cost_row(name, unit, value, **more):
        return row("cost", f"{what}, {name}", unit, value, **more)
    ways = {key: call[0][key] for key in ("srtp", "send", "receive")}
    yield cost_row("processor", "s/s an end", mean(call, lambda r: r["processor"] / r["seconds"]), **ways)
    yield cost_row("source and sink", "s/s an end", mean(call, lambda r: r["source_and_sink"] / r["seconds"]))
    yield cost_row("wake-ups of the engine", "a second", mean(call, lambda r: r["wakeups"] / r["seconds"]))
    if all(r["allocations"] >= 0 for r in call):
        yield cost_row("heap allocations", "a second", mean(call, lambda r: r["allocations"] / r["seconds"]))
        yield cost_row("heap allocations", "a packet", mean(call, lambda r: r["allocations"] / r["packets"]))
        yield cost_row("moments with heap allocations", "a packet or frame",
                       mean(call, lambda r: r["allocating_ticks"] / (r["packets"] + r["frames"])))
    for name, key in (("peak memory", "peak_kb"), ("memory of its own", "own_kb"),
                      ("peak while the store opens", "opening_kb")):
        yield cost_row(name, "MB an end", max(r[key] for r in call) / 1024)
    yield cost_row("sent", "kbit/s", mean(call, lambda r: r["bytes_sent"] * 8 / r["seconds"] / 1000))


def cost(options):
    for what, media in (("Opus + VP8 640x360", "640x360"), ("Opus alone", "audio")):
        with World(options.build) as world:
            yield from cost_rows(what, measure([world.call(media)], 4, 5 if options.quick else 20)[0])


def latency_rows(call):
    sound, pictures = both_ways(call, mouth_to_ear), both_ways(call, glass_to_glass)
    if not sound or not pictures:
        raise Failed("nothing was heard" if not sound else "nothing was shown")
    for name, values in (("mouth to ear", sound), ("glass to glass", pictures)):
        for percent in (50, 95, 99):
            yield row("latency", f"{name}, p{percent}", "ms", percentile(values, percent), samples=len(values))
        yield row("latency", f"{name}, mean", "ms", statistics.mean(values), samples=len(values))
    frame = mean(call, lambda r: 1000 * r["seconds"] / r["sound_frames"]) + LOOK_AHEAD
    playout = mean(call, lambda r: r["playout_us"] / 1000)
    encode = mean(call, lambda r: r["encode_us"] / r["encoded"] / 1000)
    decode = mean(call, lambda r: r["decode_us"] / r["decoded"] / 1000)
    for name, value in (("sound: frame and look-ahead", frame),
                        ("sound: playout buffer", playout),
                        ("sound: all else", statistics.mean(sound) - frame - playout),
                        ("pictures: encode", encode),
                        ("pictures: decode", decode),
                        ("pictures: pacing, transport, waiting to be shown", statistics.mean(pictures) - encode - decode)):
        yield row("latency", f"of {name}, mean", "ms", value)


def latency(options):
    with World(options.build) as world:
        yield from latency_rows(measure([world.call("640x360")], 5, 5 if options.quick else 20)[0])


def calls(options):
    """More and more calls on one core, both ends of each, until p99 of their delay slips."""
    seconds = 4 if options.quick else 10
    for media, steps in (("audio", (1, 2, 4, 8, 16, 24, 32, 40, 48, 64)), ("640x360", (1, 2, 3, 4, 5, 6, 7, 8, 10, 12))):
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
                yield row("calls", f"{media}: p99 mouth to ear", "ms", late, calls=count,
                          heard=round(len(delays) / max(1, expected), 3))
                if late is None or late > first + SLIP or len(delays) < HEARD * expected:
                    break
                best = count
        yield row("calls", f"{media}: calls on one core, both ends of each", "calls", best, at_most_tried=steps[-1])


def starved(options):
    """A sender of 1280x720 alone on its core, beside others that want the core, and alone again."""
    seconds = 5 if options.quick else 20
    spin = ["taskset", "-c", "0", sys.executable, "-c", "while True: pass"]
    with World(options.build) as world:
        call = world.call("1280x720")
        call[0].pin(0)
        for thread in (call[0].process.pid, *map(int, os.listdir(f"/proc/{call[1].process.pid}/task"))):
            os.sched_setaffinity(thread, {1 % os.cpu_count()})  # source and sink, and the other end
        for turn, rivals in enumerate(RIVALS):
            when = f"beside {rivals} rivals" if rivals else "alone again" if turn else "alone"
            spinning = [subprocess.Popen(spin) for _ in range(rivals)]
            try:
                sender, receiver = measure([call], 10, seconds)[0]
            finally:
                for rival in spinning:
                    rival.kill()
                    rival.wait()
            for name, unit, value in (("width of the pictures", "pixels", receiver["frame_width"]),
                                      ("pictures", "a second", len(receiver["shown"]) / receiver["seconds"]),
                                      ("sound made up", "%", 100 * receiver["concealed"] / max(1, receiver["samples"]))):
                yield row("starved", f"{when}: {name}", unit, value, limited=sender["limited"])


def soak(options):
    seconds, step = (20, 2) if options.quick else (600, 10)
    with World(options.build) as world:
        call = world.call("640x360")
        time.sleep(5)
        sizes = []
        for at in range(0, seconds + 1, step):
            sizes.append(max(end.memory() for end in call))
            yield row("soak", "memory of an end", "MB", sizes[-1], at=at)
            time.sleep(step)
    half = len(sizes) // 2
    yield row("soak", "growth from the first half to the second", "MB", max(sizes[half:]) - max(sizes[:half]))


PARTS = {"packet": lambda options: program(options, "packet"), "encode": lambda options: program(options, "encode"),
         "cost": cost, "latency": latency, "setup": setup, "calls": calls, "starved": starved, "soak": soak}
