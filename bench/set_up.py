#!/usr/bin/env python3
"""set_up.py BUILD PLACES RTT TRIES: calls from the answer until both hear, in the hub of a tunnel, as JSON lines.

PLACES are the two ends' and the server's, each NAMESPACE@ADDRESS; the part `setup` of bench.py runs it there.
"""
import json
import os
import statistics
import subprocess
import sys
import tempfile

from ends import LOOPBACK, Failed, World, measure
from rows import row

ROUND_TRIPS = [0, 20, 50, 100, 200]
SEED = 1  # of the links


def set_up(build, places, tries):
    """A fresh call each time; ms from the answer until both hear, and each end's phases."""
    spans, phases = [], []
    for _ in range(tries):
        with World(build, places) as world:
            call = measure([world.call("audio", tick=5)], 1, 0)[0]
        if not all(r["heard"] for r in call):
            raise Failed("somebody heard nothing")
        spans.append((max(r["heard"] for r in call) - call[1]["accepted"]) / 1000)
        phases.append({key: value / 1000 for key, value in call[1]["setup"].items()})
    return statistics.median(spans), {key: statistics.median(p[key] for p in phases) for key in phases[0]}


def set_up_rows(build, rtt, places, tries):
    span, phases = set_up(build, places, tries)
    yield row("setup", "from the answer until both hear", "ms", span, rtt=rtt)
    for phase, value in phases.items():
        yield row("setup", f"at the callee until: {phase.replace('_', ' ')}", "ms", value, rtt=rtt)


def over_tunnel(build, rtt, tries):
    with tempfile.TemporaryDirectory() as place:
        words = [f"{build}/tests/sotto-tunnel", f"rtt{rtt}", str(SEED), f"{place}/links", sys.executable, __file__, build,
                 "{places}", str(rtt), str(tries)]
        run = subprocess.run(words, stdout=subprocess.PIPE, text=True)
    if run.returncode:
        raise Failed(f"not over {rtt} ms")
    yield from map(json.loads, run.stdout.splitlines())


def setup(options):
    tries = 2 if options.quick else 7
    yield from set_up_rows(options.build, 0, LOOPBACK, tries)
    if os.geteuid() != 0:
        print("setup: only on loopback; network namespaces need root", file=sys.stderr)
        return
    for rtt in ROUND_TRIPS[1:]:
        yield from over_tunnel(options.build, rtt, tries)


def main():
    build, places, rtt, tries = sys.argv[1:]
    places = [place.rpartition("@")[::2] for place in places.split(",")]
    for line in set_up_rows(build, int(rtt), places, int(tries)):
        print(json.dumps(line))


if __name__ == "__main__":
    main()
