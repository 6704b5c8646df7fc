#!/usr/bin/env python3
"""model.py BUILD [--quick]: runs every variant of every model and prints one table. BUILD has model_gate_tables,
model_roster_tables and model_firewall_tables, which print the code's own tables as Promela. A strong variant must
hold over all its states; a weak one must break the property named here, and no other. Exits 77 without spin."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import sas_game

here = os.path.dirname(os.path.abspath(__file__))
STATES = re.compile(r"^\s*(\d+) states, stored", re.M)
ERRORS = re.compile(r"errors: (\d+)")
CUT_SHORT = ("max search depth too small", "Search not completed", "out of memory")


class Case(NamedTuple):
    model: str
    variant: str = ""  # what is defined, separated by spaces
    breaks: str = ""  # the property that must not hold; "": all must
    claim: str = ""  # a formula of the model's, instead of its assertions
    tables: str = ""  # arguments of model_MODEL_tables, for a model that has them
    quick: bool = False
    fair: bool = False  # no process waits for ever while it could go on

    def name(self):
        return " ".join(filter(None, (self.variant.lower(), self.tables, self.claim and f"[{self.claim}]"))) or "-"

    def expected(self):
        return f"breaks {self.breaks}" if self.breaks else "holds"


cases = [
    Case("handshake", quick=True),
    Case("handshake", "STOLEN_KEY"),
    Case("handshake", "CERTIFICATE"),
    Case("handshake", "CERTIFICATE STOLEN_KEY", quick=True),
    Case("handshake", "FINGERPRINTS_ONLY", "known_peer", quick=True),
    Case("handshake", "RING_AT_KNOCK", "ring_live", quick=True),
    Case("handshake", "UNSEALED_FINGERPRINT", "agreement"),
    Case("handshake", "SECOND_ASSOCIATION", "agreement"),
    Case("handshake", "OPENS", "honest_call_opens"),
    Case("group", quick=True),
    Case("group", "NO_SIGNATURES", "one_history"),
    Case("group", "NO_HISTORY", "one_history", quick=True),
    Case("group", "NO_SIGNATURES NO_HASH_IN_KEYS", "heard_right"),
    Case("group", "KEYS_TO_ANYBODY", "keys_kept"),
    Case("group", "OPENS", "group_opens"),
    Case("roster"),
    Case("roster", "NO_THIEF", quick=True),
    Case("roster", claim="caught"),
    Case("roster", "CHANGES_AMIDST", "caught", "caught"),
    Case("roster", "CHANGES_AMIDST HISTORY", claim="caught"),
    Case("roster", "NO_GOSSIP", "caught", "caught", quick=True),
    Case("roster", "OWN_FROM_CONTACTS", "caught", "caught"),
    Case("roster", "", "caught", "caught", "--ignore links", quick=True),
    Case("roster", "", "forward", "", "--ignore age"),
    Case("roster", "", "never_caught", "never_caught"),
    Case("roster", "", "never_quiet", "never_quiet"),
    Case("gate", claim="safe", quick=True),
    Case("gate", claim="end_shut", quick=True),
    Case("gate", claim="complete_table", quick=True),
    Case("gate", claim="settles", quick=True),
    Case("gate", "SECOND_ASSOCIATION", claim="safe"),
    Case("gate", "ASK_AFTER_END", claim="end_shut"),
    Case("gate", "NO_REEVALUATION", "safe", "safe"),
    Case("gate", "END_LEAVES_GATE", "end_shut", "end_shut"),
    Case("gate", "FORGETS_PATH", "settles", "settles"),
    Case("gate", "", "safe", "safe", "--ignore bound", quick=True),
    Case("gate", "SECOND_ASSOCIATION", "safe", "safe", "--ignore associations"),
    Case("gate", "ASK_AFTER_END", "end_shut", "end_shut", "--ignore ended"),
    *(
        Case("gate", "", "safe", "safe", f"--ignore {fact}", quick=fact == "trust")
        for fact in ("trust", "require_verified", "policy", "device_acknowledged", "user_consented", "consent_expired")
    ),
    Case("gate", "", "complete_table", "complete_table", "--forbid GATED OPEN"),
    Case("gate", "", "settles", "settles", "--no-timeout BINDING"),
    Case("gate", "", "never_opens", "never_opens"),
    Case("gate", "", "never_talks", "never_talks"),
    Case("gate", "", "never_reopens", "never_reopens"),
    Case("firewall", quick=True),
    Case("firewall", "FORGE"),
    Case("firewall", claim="completes", fair=True, quick=True),
    Case("firewall", "FORGE", "completes", "completes", fair=True),
    Case("firewall", "FORGE_VERIFY_REQUEST", "completes", "completes", fair=True),
    Case("firewall", "", "keys_once", "", "--hole after", quick=True),
    Case("firewall", "", "nothing_early", "", "--hole early"),
    Case("firewall", "", "completes", "completes", "--hole alert", fair=True),
    Case("firewall", "", "completes", "completes", "--hole hello", fair=True),
    Case("firewall", "", "completes", "completes", "--hole finished", fair=True),
    Case("firewall", "", "never_connects", "never_connects"),
]


def run(*command, where):
    return subprocess.run(command, cwd=where, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=170)


def build(case, programs, where):
    """Makes the checker in `where`; None, or what went wrong."""
    if os.path.exists(os.path.join(here, f"{case.model}_tables.c")):
        made = run(os.path.join(programs, f"model_{case.model}_tables"), *case.tables.split(), where=where)
        if made.returncode:
            return made.stdout
        with open(os.path.join(where, f"{case.model}_tables.pml"), "w") as out:
            out.write(made.stdout)
    shutil.copy(os.path.join(here, f"{case.model}.pml"), where)
    defines = [f"-D{name}" for name in case.variant.split()]
    for command in (
        ("spin", "-a", *defines, f"{case.model}.pml"),
        ("cc", "-O0", "-w", "-DNFAIR=3", "-o", "pan", "pan.c"),
    ):
        made = run(*command, where=where)
        if made.returncode:
            return made.stdout
    return None


def judge(case, output):
    """(what happened in the expectation's own words, states)"""
    errors, states = ERRORS.search(output), STATES.search(output)
    if not errors or not states or (errors[1] == "0" and any(words in output for words in CUT_SHORT)):
        return "no result: " + output.strip()[-300:], 0
    if errors[1] == "0":
        return "holds", int(states[1])
    if case.claim and re.search(r"acceptance cycle|claim violated|assertion violated +!\(", output):
        return f"breaks {case.claim}", int(states[1])
    broken = re.search(r"assertion violated \(*(\w+)", output) or re.search(r"pan:1: (.*)", output)
    return f"breaks {broken[1] if broken else 'something'}", int(states[1])


def check(group, programs):
    """The rows of cases that differ in nothing but the property, and so share a checker."""
    rows = []
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="sotto-model-") as where:
        try:
            wrong = build(group[0], programs, where)
        except (OSError, subprocess.TimeoutExpired) as error:
            wrong = str(error)
        for case in group:
            claim = ["-a", *["-f"] * case.fair, "-N", case.claim] if case.claim else ["-noclaim"]
            try:
                output = wrong or run("./pan", "-m100000", "-w20", *claim, where=where).stdout
            except subprocess.TimeoutExpired as error:
                output = str(error)
            result, states = judge(case, output)
            seconds = time.monotonic() - begun
            rows.append((case.model, case.name(), case.expected(), result, states, seconds, result == case.expected()))
            begun = time.monotonic()
    return rows


def main():
    arguments = [word for word in sys.argv[1:] if word != "--quick"]
    quick = len(arguments) != len(sys.argv) - 1
    if len(arguments) != 1:
        sys.exit(__doc__)
    if not shutil.which("spin"):
        print("skipped: spin is not installed")
        sys.exit(77)
    groups = {}
    for case in cases:
        if case.quick or not quick:
            groups.setdefault((case.model, case.variant, case.tables), []).append(case)
    print(f"{'model':<10} {'variant':<44} {'expected':<24} {'result':<24} {'states':>8} {'seconds':>7}", flush=True)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        done = pool.map(check, groups.values(), [os.path.abspath(arguments[0])] * len(groups))
        rows = [row for group in done for row in group]
    rows += [("sas_game", *row) for row in sas_game.play(quick)]
    for model, name, expected, result, states, seconds, right in rows:
        mark = "" if right else "  <-- FAILED"
        print(f"{model:<10} {name:<44} {expected:<24} {result:<24} {states:>8} {seconds:>7.1f}{mark}")
    failed = sum(not row[-1] for row in rows)
    print(f"{len(rows) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
