#!/usr/bin/env python3
"""bench.py BUILD [--quick] [--json] [--plots DIR] [--compare FILE] [--readme] [PART...]

What a call costs, beside what it must reach. Parts: packet and encode (sotto-bench), cost, latency, setup, calls,
starved and soak: real calls between two processes of sotto-end, through the server, on loopback (setup: also between two network
namespaces, as root). Prints each part's rows, then the goals with how far off they are; exits with 1 when one is missed or
a part did not work. A quick run judges all but the ratios of nanoseconds. --json prints an object a line, the machine first;
--compare prints ratios to such lines of an earlier run.
"""
import argparse
import json
import os
import platform
import subprocess
import sys

from goals import HEADER, TABLED, judge, write_readme
from parts import PARTS
from plot import draw
from rows import compare, show, show_rows
from set_up import SEED

PACKAGES = ["libopus0", "libvpx7", "libssl3", "libnice10", "libsrtp2-1", "libnss3", "libipsec-mb1", "libglib2.0-0",
            "libsoup-3.0-0"]
LONG = ("calls", "starved", "soak")  # not in a quick run, unless by name
README = os.path.join(os.path.dirname(__file__), "..", "README.md")


def output(words):
    run = subprocess.run(words, capture_output=True, text=True)
    return run.stdout.strip() if run.returncode == 0 else ""


def machine():
    with open("/proc/cpuinfo") as info:
        cpu = next((line.split(":")[1].strip() for line in info if line.startswith("model name")), platform.machine())
    versions = [output(["dpkg-query", "-W", "-f", "${Package} ${Version}", package]).split() for package in PACKAGES]
    return {"bench": "machine", "cpu": cpu, "cores": os.cpu_count(), "kernel": platform.release(), "load": os.getloadavg()[0],
            "sotto": output(["git", "describe", "--always", "--dirty"]), "seed": SEED,
            "versions": dict(version for version in versions if version)}


def heading(about):
    return (f"{about['cpu']}, {about['cores']} cores, load {about['load']:.1f} at the beginning; kernel {about['kernel']}; "
            f"sotto {about['sotto']}")


def parse():
    parser = argparse.ArgumentParser(prog="./run bench", description="what a call costs, beside what it must reach")
    parser.add_argument("build", help=argparse.SUPPRESS)
    parser.add_argument("parts", nargs="*", metavar="PART",
                        help=f"{' '.join(PARTS)}; without any: all, but {', '.join(LONG)} when --quick")
    parser.add_argument("--quick", action="store_true", help="a minute or two; ratios of nanoseconds are not judged")
    parser.add_argument("--json", action="store_true", help="an object a line")
    parser.add_argument("--plots", metavar="DIR", help="a picture of each part, as SVG")
    parser.add_argument("--compare", metavar="FILE", help="ratios to the JSON lines of an earlier run")
    parser.add_argument("--readme", action="store_true", help="writes the goals into the README, in place of what is there")
    options = parser.parse_intermixed_args()
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"no such part: {' '.join(unknown)}")
    options.parts = options.parts or [part for part in PARTS if not options.quick or part not in LONG]
    if options.readme and (options.quick or TABLED - set(options.parts)):
        parser.error(f"the README's table takes a long run of at least {' '.join(part for part in PARTS if part in TABLED)}")
    return options


def run_part(options, part, rows):
    """Adds the part's rows, also those before it fails."""
    began = len(rows)
    try:
        for line in PARTS[part](options):
            rows.append(line)
            if options.json:
                print(json.dumps(line), flush=True)
    finally:
        if not options.json:
            print(f"\n== {part}")
            show_rows(rows[began:])
        if options.plots and rows[began:]:
            draw(part, rows[began:], options.plots)


def run_parts(options):
    """(rows, what did not work)"""
    rows, failed = [], []
    for part in options.parts:
        try:
            run_part(options, part, rows)
        except Exception as why:  # whatever it was: the other parts, and what this one had, are still worth having
            failed.append(f"did not work: {part}: {type(why).__name__}: {why}")
    return rows, failed


def print_comparison(options, rows):
    ratios = list(compare(rows, options.compare))
    if options.json:
        for ratio in ratios:
            print(json.dumps({"bench": "ratio", **ratio}))
        return
    print()
    show(("row", "figure", "before", "now", "ratio"), [ratio.values() for ratio in ratios])


def main():
    options, about = parse(), machine()
    print(json.dumps(about) if options.json else heading(about), flush=True)
    rows, complaints = run_parts(options)
    judgements = list(judge(rows, options.parts, options.quick))
    if judgements and not options.json:
        print("\n== what must be reached")
        show(HEADER, [judgement.cells() for judgement in judgements])
    if options.compare:
        print_comparison(options, rows)
    complaints += [f"short: {j.goal.figure}: {j.verdict}" for j in judgements if j.missed()]
    if options.readme and not write_readme(README, heading(about), judgements):
        complaints.append("the README is as it was: not all of its table was measured")
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    sys.exit(1 if complaints else 0)


if __name__ == "__main__":
    main()
