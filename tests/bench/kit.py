"""What every part is measured with: processes, the proxy, and records of what phases cost.

Everything here listens on loopback. Only processes that were started here are ended.
"""

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve()
PLACE = TARGET / "peers"
QUICK = os.environ.get("BENCH_QUICK") == "1"
WORK, CORPUS = PLACE / "work", PLACE / "corpus"
RESULTS = PLACE / ("quick" if QUICK else "whole")
RUST = PLACE / "rust" / "release"
OURS = TARGET / "release"
ANKI = PLACE / "anki" / "bin" / "python"
NODE = HERE / "node"

# How often each phase is played; the table shows medians.
TIMES = 1 if QUICK else 3
# One way, in ms: loopback, and 100 ms round trip.
DELAYS = (0, 50)


def fresh(name):
    """An empty folder."""
    folder = WORK / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def copy(source, name):
    """A copy of a folder, in place of the one of that name."""
    folder = WORK / name
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(source, folder)
    return folder


def corpus(first, count):
    """A file with so many reports."""
    path = CORPUS / f"{first}-{count}.jsonl"
    if not path.exists():
        CORPUS.mkdir(parents=True, exist_ok=True)
        made = path.with_suffix(".part")
        with open(made, "w", encoding="utf-8") as out:
            command = ["python3", HERE / "corpus.py", str(first), str(count)]
            subprocess.run(command, stdout=out, check=True)
        made.rename(path)
    return path


def free_port():
    """One that was free a moment ago."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def told(text):
    """The last line of JSON that a device printed, with those before it."""
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    return {key: value for line in lines for key, value in line.items()}


class Server:
    """A server's process, ended with the `with` that it was started in."""

    def __init__(self, command, folder, port, **environment):
        self.port = port
        log = WORK / "server.log"
        with open(log, "ab") as out:
            self.process = subprocess.Popen(
                [str(word) for word in command],
                cwd=folder,
                env=os.environ | environment,
                stdout=out,
                stderr=out,
            )
        if not self.listens():
            self.__exit__()
            raise SystemExit(f"the server does not listen; see {log}")

    def listens(self):
        """Waits until it does, or has ended."""
        for _ in range(1200):
            if self.process.poll() is not None:
                return False
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return True
            except OSError:
                time.sleep(0.05)
        return False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def cpu(self):
        """Its processor time so far, ended threads too: seconds, to the microsecond."""
        return time.clock_gettime((~self.process.pid << 3) | 2)

    def memory(self, what):
        """`VmRSS`, or `VmHWM` since `forget_peak`: MiB."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith(what)) / 1024

    def forget_peak(self):
        """Begins to watch for another peak."""
        with open(f"/proc/{self.process.pid}/clear_refs", "w", encoding="ascii") as refs:
            refs.write("5")


class Proxy:
    """The proxy in front of a server."""

    def __init__(self, server, delay):
        command = [str(RUST / "proxy"), str(server), str(delay)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.port, self.control = map(int, self.process.stdout.readline().split())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def counters(self, path=""):
        """What has passed."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.control}/{path}") as answer:
            return json.load(answer)


def device(*command, folder=None, limit=900):
    """Runs a device to its end; what it said."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=limit,
        check=False,
    )
    if done.returncode != 0:
        said = done.stderr[-2000:] or done.stdout[-2000:]
        raise SystemExit(f"{command[0]} {command[1]} ended with {done.returncode}: {said}")
    return told(done.stdout)


class Part:
    """Records of one part of the run; kept once it is whole, so that a run can be taken up again."""

    def __init__(self, name):
        self.name, self.records = name, []
        self.begun, self.load = time.time(), os.getloadavg()[0]

    def phase(self, who, phase, server, proxy, play, **more):
        """Plays one phase and notes what it cost both sides and the wire."""
        before = proxy.counters("reset") and proxy.counters()
        server.forget_peak()
        at_rest, cpu = server.memory("VmRSS"), server.cpu()
        said = play()
        # What the server does after its answer belongs to it.
        time.sleep(0.3)
        after = proxy.counters()
        passed = {key: after[key] - before[key] for key in after}
        return self.note(
            who,
            phase,
            **said,
            **passed,
            server_cpu_s=server.cpu() - cpu,
            server_peak_mb=server.memory("VmHWM"),
            server_at_rest_mb=at_rest,
            **more,
        )

    def note(self, who, phase, **cost):
        """Notes one record, and says it."""
        record = {"who": who, "phase": phase, "load": os.getloadavg()[0], **cost}
        self.records.append(record)
        shown = ("delay", "docs", "wall_s", "client_cpu_s", "server_cpu_s", "up", "down", "turns")
        cells = (
            f"{key} {record[key]:.3f}" if isinstance(record[key], float) else f"{key} {record[key]}"
            for key in shown
            if key in record
        )
        print(f"  {who} {phase}: {', '.join(cells)}", flush=True)
        return record

    def keep(self, **more):
        """Keeps the part's records."""
        RESULTS.mkdir(parents=True, exist_ok=True)
        kept = {
            "begun": self.begun,
            "seconds": time.time() - self.begun,
            "load": [self.load, os.getloadavg()[0]],
            "quick": QUICK,
            "records": self.records,
            **more,
        }
        text = json.dumps(kept, indent=1)
        (RESULTS / f"{self.name}.json").write_text(text, encoding="utf-8")
