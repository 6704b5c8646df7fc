#!/usr/bin/env python3
"""net.py BUILD [--quick] [--seed N] [NETWORK...] - real calls over the networks of tests/sim, beside simulated ones.

Each network: `sotto demo` (two processes and the server, libnice, real DTLS, codecs) with its ends in two network
namespaces and sotto-tunnel between them, and `sotto-bench networks` for the same network in simulated time. Real figures
count from the opened gate on, simulated ones after the network's settling time. Exits with 1 when a call did not come
about or brought no sound or no picture. Linux, as root.
"""
import json
import os
import subprocess
import sys
import tempfile

NETWORKS = ["loopback", "jitter", "loss", "drop", "steady"]
SECONDS = {"drop": 45, "steady": 40}
FIGURES = [  # as sotto-bench names them
    "mouth to ear p50", "mouth to ear p95", "concealed", "capture to render p50", "capture to render p95",
    "frames lost", "freezes", "frozen", "queue p95", "utilisation",
]


def simulated(build):
    out = subprocess.run([f"{build}/bench/sotto-bench", "networks", "--quick", "--json"], capture_output=True, text=True)
    lines = [json.loads(line) for line in out.stdout.splitlines()]
    return {(line["network"], line["figure"]): line for line in lines if "figure" in line}


def mean(values):
    return sum(values) / len(values)


def media_figures(ends):
    """Of both ends' reports, in the units of sotto-bench; None: no sound or no picture."""
    heard = [end["stats"]["inboundAudio"] for end in ends]
    audio, video = [end["measured"]["audio"] for end in ends], [end["measured"]["video"] for end in ends]
    if not all(a["windowsMatched"] for a in audio) or not all(v["framesShown"] for v in video):
        return None
    concealed = sum(h["concealedSamples"] - h["silentConcealedSamples"] for h in heard)
    sent = sum(v["framesSent"] for v in video)
    return {
        "mouth to ear p50": mean([a["delay"] for a in audio]) * 1000,
        "mouth to ear p95": mean([a["delay95"] for a in audio]) * 1000,
        "concealed": 100 * concealed / sum(h["totalSamplesReceived"] for h in heard),
        "capture to render p50": mean([v["delay"] for v in video]) * 1000,
        "capture to render p95": mean([v["delay95"] for v in video]) * 1000,
        "frames lost": 100 * (sent - sum(v["framesShown"] for v in video)) / sent,
        "freezes": mean([v["freezeCount"] for v in video]),
        "frozen": mean([v["totalFreezesDuration"] for v in video]),
    }


def link_figures(links):
    figures = {"queue p95": 1000 * max(link["queue95"] for link in links)}
    capacity = sum(link["capacity"] for link in links)
    if capacity:
        figures["utilisation"] = 100 * sum(link["delivered"] for link in links) / capacity
    return figures


def real(build, network, seed, seconds):
    with tempfile.TemporaryDirectory() as place:
        demo, links = os.path.join(place, "demo.json"), os.path.join(place, "links.json")
        run = subprocess.run(
            [f"{build}/tests/sotto-tunnel", network, str(seed), links, f"{build}/sotto", "demo", "--seconds", str(seconds),
             "--json", demo, "--places", "{places}"], capture_output=True, text=True)
        if not os.path.exists(demo) or not os.path.exists(links):
            sys.stderr.write(run.stdout + run.stderr)
            return None
        with open(demo) as a, open(links) as b:
            ends, both = json.load(a)["ends"], json.load(b)
    figures = media_figures(list(ends.values()))
    return figures and {**figures, **link_figures(list(both.values()))}


def show(network, figures, sim):
    for name in FIGURES:
        line = sim.get((network, name))
        if name in figures:
            beside = f"{line['value']:10.2f}" if line else f"{'-':>10}"
            unit = line["unit"] if line else ""
            print(f"{network:<22} {name:<22} {figures[name]:10.2f} {beside} {unit}")


def main():
    build, words = sys.argv[1], sys.argv[2:]
    quick = "--quick" in words
    seed = words[words.index("--seed") + 1] if "--seed" in words else "1"
    named = [w for i, w in enumerate(words) if not w.startswith("--") and (i == 0 or words[i - 1] != "--seed")]
    networks = named or (["loopback", "jitter"] if quick else NETWORKS)
    if os.geteuid() != 0:
        sys.exit("network namespaces and TUN need root")
    print(f"Calls over real sockets and in simulated time, seed {seed}\n"
          f"{'network':<22} {'figure':<22} {'real':>10} {'simulated':>10}")
    sim, failed = simulated(build), []
    for network in networks:
        figures = real(build, network, seed, 10 if quick else SECONDS.get(network, 30))
        if figures:
            show(network, figures, sim)
        else:
            failed.append(network)
    for network in failed:
        print(f"{network}: no call with sound and pictures both ways; again: ./run net --seed {seed} {network}")
    sys.exit(1 if failed else 0)


main()
