"""Real calls to measure: processes of sotto-end that know each other through a sotto-signald of their own."""
import json
import os
import shutil
import subprocess
import tempfile
import threading
import time

LOOPBACK = (("", "127.0.0.1"),) * 3


class Failed(Exception):
    """A part did not work, whatever it would have measured."""


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
        try:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
        except OSError as why:
            raise Failed(f"{self.name}: gone before {line.split()[0]} ({why})")

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
            size = next((int(line.split()[1]) for line in status if line.startswith("VmRSS")), None)
        if size is None:
            raise Failed(f"{self.name}: gone")
        return size / 1024

    def stop(self):
        try:
            self.process.stdin.close()
            self.process.wait(10)
        except (OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()


class World:
    """A server, and pairs of ends that know each other. `places`: of one, the other and the server."""

    def __init__(self, build, places=LOOPBACK):
        self.build, self.places, self.ends, self.pairs = build, places, [], 0
        self.server = subprocess.Popen([f"{build}/sotto-signald", "--listen", f"{places[2][1]}:0"],
                                       stdout=subprocess.PIPE, text=True)
        self.dir = tempfile.mkdtemp(prefix="sotto-bench-")
        words = self.server.stdout.readline().split()
        if not words:
            self.__exit__()
            raise Failed("the server did not begin to listen")
        self.url = "ws://" + words[-1]
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
