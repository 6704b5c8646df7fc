#!/usr/bin/env python3
"""net.py BUILD [--quick] [--runs N] [--seed N] [--only simulated|real] [--json | --markdown | --readme]
               [--plots DIR] [NETWORK...]

The table of calls over networks, each in simulated time and on real sockets, beside what it must reach.

Simulated: `sotto-bench networks`. Real: `sotto demo` (two processes and the server, libnice, real DTLS, codecs) with its
ends in two network namespaces and sotto-tunnel between them, which runs the same links by the monotonic clock. Real
figures are medians of N runs (5; --quick: 1) with the seeds from --seed on; both leave out the network's settling time.
Exits with 1 when a goal is missed on either side, or a call brought no sound or no picture. Real calls need Linux and
root; without it only the simulated half is made, and said to be so.
"""
import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile

NETWORKS = ["loopback", "jitter", "loss", "drop", "steady"]
MORE = {"PSNR": "dB", "SSIM": ""}  # what only real pictures have
ANEW = {"start-up p95"}  # measured otherwise: a first call also compares words
README = "<!-- network -->", "<!-- /network -->"  # the table is between them
PACKAGES = ["libopus0", "libvpx7", "libssl3", "libnice10", "libsrtp2-1", "alsa-utils"]


def output(words):
    run = subprocess.run(words, capture_output=True, text=True)
    return run.stdout.strip() if run.returncode == 0 else ""


def machine(options):
    with open("/proc/cpuinfo") as info:
        cpu = next((line.split(":")[1].strip() for line in info if line.startswith("model name")), platform.machine())
    versions = output(["dpkg-query", "-W", "-f", "${Package} ${Version}\n"] + PACKAGES).splitlines()
    return {"cpu": cpu, "cores": os.cpu_count(), "kernel": platform.release(), "load": os.getloadavg()[0],
            "sotto": output(["git", "describe", "--always", "--dirty"]), "versions": dict(v.split() for v in versions),
            "seed": options.seed, "runs": options.runs}


def simulated(options):
    words = [f"{options.build}/bench/sotto-bench", "networks", "--json"] + options.networks
    words += ["--quick"] if options.quick else []
    words += ["--plots", options.plots] if options.plots else []
    run = subprocess.run(words, stdout=subprocess.PIPE, text=True)
    return [json.loads(line) for line in run.stdout.splitlines()]


def mean(values):
    return sum(values) / len(values)


def grown(end, group, key):
    return end["stats"][group][key] - end["statsBefore"][group].get(key, 0)


def media_figures(ends):
    """Of both ends' reports, in the units of sotto-bench; None: no sound or no picture."""
    audio, video = [end["measured"]["audio"] for end in ends], [end["measured"]["video"] for end in ends]
    if not all(a["windowsMatched"] for a in audio) or not all(v["framesShown"] for v in video):
        return None
    concealed = sum(grown(e, "inboundAudio", "concealedSamples") - grown(e, "inboundAudio", "silentConcealedSamples")
                    for e in ends)
    encoded = sum(grown(end, "outboundVideo", "framesEncoded") for end in ends)
    lost = sum(grown(end, "inboundVideo", "framesLost") + grown(end, "outboundVideo", "framesDiscardedOnSend") for end in ends)
    lost += sum(v["framesOverdue"] for v in video)
    return {
        "mouth to ear p50": mean([a["delay"] for a in audio]) * 1000,
        "mouth to ear p95": mean([a["delay95"] for a in audio]) * 1000,
        "concealed": 100 * concealed / sum(grown(end, "inboundAudio", "totalSamplesReceived") for end in ends),
        "capture to render p50": mean([v["delay"] for v in video]) * 1000,
        "capture to render p95": mean([v["delay95"] for v in video]) * 1000,
        "frames lost": 100 * lost / encoded,
        "freezes": mean([v["freezeCount"] for v in video]),
        "frozen": mean([v["totalFreezesDuration"] for v in video]),
        "speech similarity": 100 * mean([a["similarity"] for a in audio]),
        "speech distance": mean([a["distance"] for a in audio]),
        "PSNR": mean([v["psnr"] for v in video]),
        "SSIM": mean([v["ssim"] for v in video]),
    }


def link_figures(links):
    figures = {"queue p95": 1000 * max(link["queue95"] for link in links),
               "sent": mean([link["sent"] / link["seconds"] / 1000 for link in links])}
    capacity = sum(link["capacity"] for link in links)
    if capacity:
        figures["utilisation"] = 100 * sum(link["delivered"] for link in links) / capacity
    return figures


def before_the_rest():
    """The call is not to be judged by what else the machine does: a scheduling group of its own, of the most weight."""
    try:
        with open("/proc/self/autogroup", "w") as group:
            group.write("-20")
    except OSError:
        pass  # a kernel without them: the load is in the report


def draw(options, network, ends, points):
    """From caller to callee, as sotto-plot takes it: sound's delay, queue, what was received, capacity."""
    delays = ends["bob"]["measured"]["audio"]["delays"]
    text, before, start = "", 0, points[0][0] - 100000
    for at, queue, delivered, capacity in points:
        heard = [delay for when, delay in delays if when <= at < when + 600000]  # a window is half a second
        text += f"{at - start} {round(heard[-1] * 1e6) if heard else 0} 0 {queue} 0 {(delivered - before) * 80} {capacity} -1\n"
        before = delivered
    subprocess.run([f"{options.build}/tests/sotto-plot", network, options.plots], input=text, text=True, check=True)


def real(options, network, seed, settle, seconds):
    with tempfile.TemporaryDirectory() as place:
        demo, links = os.path.join(place, "demo.json"), os.path.join(place, "links.json")
        run = subprocess.run(
            [f"{options.build}/tests/sotto-tunnel", network, str(seed), links, f"{options.build}/sotto", "demo", "--settle",
             str(settle), "--seconds", str(seconds), "--json", demo, "--places", "{places}"],
            capture_output=True, text=True, start_new_session=True, preexec_fn=before_the_rest)
        if not os.path.exists(demo) or not os.path.exists(links):
            sys.stderr.write(run.stdout + run.stderr)
            return None
        with open(demo) as a, open(links) as b:
            ends, both = json.load(a)["ends"], json.load(b)
    if options.plots:
        draw(options, network, ends, both["points"])
    figures = media_figures(list(ends.values()))
    return figures and {**figures, **link_figures([both["forth"], both["back"]])}


def medians(runs):
    return {name: statistics.median([run[name] for run in runs]) for name in runs[0]}


def measure_real(options, lines):
    """{network: medians}, and the networks where a call failed."""
    spans = {line["network"]: (int(line["lead"]), int(line["length"])) for line in lines if "hash" in line}
    found, failed = {}, []
    for network in options.networks:
        settle, length = spans[network]
        runs = []
        for seed in range(options.seed, options.seed + options.runs):
            figures = real(options, network, seed, settle, 10 if options.quick else length)
            if options.json:
                say({"bench": "network", "side": "real", "network": network, "seed": seed, "figures": figures})
            runs += [figures] if figures else []
        if len(runs) < options.runs:
            failed.append(network)
        if runs:
            found[network] = medians(runs)
    return found, failed


def reached(line, value):
    return value >= line["goal"] if line["bound"] == ">=" else value <= line["goal"]


def rows(options, lines, found):
    """(network, figure, unit, simulated or None, real or None, the simulated line)."""
    for network in options.networks:
        for line in lines:
            if line["network"] == network and "figure" in line:
                value = found.get(network, {}).get(line["figure"]) if line["figure"] not in ANEW else None
                yield network, line["figure"], line["unit"], line["value"], value, line
        for figure, unit in MORE.items():
            if network in found:
                yield network, figure, unit, None, found[network][figure], {}


def verdict(line, values):
    if "goal" not in line:
        return ""
    return "SHORT" if not all(reached(line, value) for value in values if value is not None) else "reached"


def number(value):
    return "" if value is None else f"{value:.3f}" if value < 1 and value > 0.9 else f"{value:.2f}"


def say(line):
    print(json.dumps(line), flush=True)


def cells(table, short):
    """Texts of each row: network, figure, goal, simulated, real, verdict, libwebrtc; `short` marks what misses its goal."""
    yield "network", "figure", "must be", "simulated", "real", "", "libwebrtc M106"
    for network, figure, unit, sim, value, line in table:
        goal = f"{line['bound']} {line['goal']:g}" if "goal" in line else ""
        values = [short.format(number(v)) if v is not None and "goal" in line and not reached(line, v) else number(v)
                  for v in (sim, value)]
        yield (network, f"{figure}, {unit}" if unit else figure, goal, *values, verdict(line, [sim, value]),
               line.get("libwebrtc", ""))


def plain(table):
    return "\n".join("{:<10} {:<22} {:>12} {:>10} {:>10} {:<8} {}".format(*row) for row in cells(table, "{}!"))


def markdown(table):
    """What has a goal, and how like the original sound and pictures are."""
    kept = [row for row in table if "goal" in row[5] or row[1] in ("speech similarity", "PSNR", "SSIM")]
    lines = ["| " + " | ".join(row[:5] + row[6:]) + " |" for row in cells(kept, "**{}**")]
    lines.insert(1, "|---|---|---|---|---|---|")
    return "\n".join(lines).replace("<=", "at most").replace(">=", "at least")


def heading(about):
    return (f"{about['cpu']}, {about['cores']} cores, load {about['load']:.1f} at the beginning; sotto {about['sotto']}; seeds "
            f"from {about['seed']} on; real: medians of {about['runs']} calls")


def write_readme(text):
    path = os.path.join(os.path.dirname(__file__), "..", "..", "README.md")
    with open(path) as readme:
        before, rest = readme.read().split(README[0])
    with open(path, "w") as readme:
        readme.write(f"{before}{README[0]}\n{text}\n{README[1]}{rest.split(README[1])[1]}")


def parse():
    parser = argparse.ArgumentParser(prog="./run bench network", description="calls over networks, simulated and real")
    parser.add_argument("build", help=argparse.SUPPRESS)
    parser.add_argument("networks", nargs="*", metavar="NETWORK", help=" ".join(NETWORKS) + ", or any of tests/sim/networks.c")
    parser.add_argument("--quick", action="store_true", help="one seed, one run of 10 s")
    parser.add_argument("--runs", type=int, help="real calls a network (5)")
    parser.add_argument("--seed", type=int, default=1, help="of the first real run (1)")
    parser.add_argument("--only", choices=["simulated", "real"], help="one half of the table")
    parser.add_argument("--json", action="store_true", help="an object a line")
    parser.add_argument("--markdown", action="store_true", help="as the README has it; what misses its goal is bold")
    parser.add_argument("--readme", action="store_true", help="writes that into the README, in place of what is there")
    parser.add_argument("--plots", metavar="DIR", help="pictures of a simulated and the last real call over each network")
    options = parser.parse_intermixed_args()
    options.runs = options.runs or (1 if options.quick else 5)
    options.networks = options.networks or NETWORKS
    return options


def main():
    options = parse()
    about = machine(options)
    if options.json:
        say({"bench": "network", **about})
    elif not options.readme:
        print(heading(about))
    lines = simulated(options)
    found, failed = {}, []
    if options.only != "simulated" and os.geteuid() == 0:
        found, failed = measure_real(options, lines)
    elif options.only != "simulated":
        print("no real calls: network namespaces and TUN need root", file=sys.stderr)
    if options.only == "real":
        lines = [{**line, "value": None} if "value" in line else line for line in lines]
    table = list(rows(options, lines, found))
    missed = sum(verdict(line, [v for v in (sim, value) if v is not None]) == "SHORT"
                 for _, _, _, sim, value, line in table)
    if options.json:
        for network, figure, unit, sim, value, line in table:
            say({"bench": "network", "network": network, "figure": figure, "unit": unit, "simulated": sim, "real": value,
                 "bound": line.get("bound"), "goal": line.get("goal"), "libwebrtc": line.get("libwebrtc"),
                 "verdict": verdict(line, [sim, value])})
    elif options.readme:
        write_readme(f"{heading(about)}.\n\n{markdown(table)}")
    else:
        print(markdown(table) if options.markdown else plain(table))
    for network in failed:
        print(f"{network}: a call without sound and pictures both ways; again: ./run bench network --seed {options.seed} "
              f"{network}", file=sys.stderr)
    if missed:
        print(f"{missed} goals missed", file=sys.stderr)
    sys.exit(1 if failed or missed else 0)


main()
