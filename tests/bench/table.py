"""The table and the plot, from the records of the last runs."""

import json
import os
import platform
import re
import statistics
import subprocess
import time
from pathlib import Path

from kit import HERE, QUICK, RESULTS, ROOT
from ours import CROWD, CROWD_PERIOD_S, MANY, SITES, SOAK_S, WHO
from peers import AUTOMERGE_REPORTS, REPORTS, SAMOD_REPORTS
from plot import svg

# Where the table of the last whole run is kept; a quick run's stays with its records.
OUT = RESULTS if QUICK else ROOT / "docs" / "measured"
PHASES = {
    "pull": "first pull",
    "nothing": "nothing new",
    "changed10": "10 changed",
    "push1000": "1,000 new, pushed",
    "again": "the same 1,000 again",
}


class Records:
    """Everything that was kept, with medians over repetitions."""

    def __init__(self):
        kept = [json.loads(path.read_text("utf-8")) for path in sorted(RESULTS.glob("*.json"))]
        self.parts = [part for part in kept if "records" in part]
        # Programs that measure what this one does not may leave lines of their own.
        self.others = [line for part in kept for line in part.get("lines", [])]
        self.all = [record for part in self.parts for record in part["records"]]

    def some(self, phase, who=WHO, **having):
        """The records of a phase."""
        same = lambda record: all(record.get(key) == value for key, value in having.items())
        return [r for r in self.all if r["phase"] == phase and r["who"] == who and same(r)]

    def median(self, key, phase, who=WHO, **having):
        """The median of a value; `None` when it was not measured."""
        records = self.some(phase, who, **having)
        values = [number for number in map(lambda r: value(r, key), records) if number is not None]
        return statistics.median(values) if values else None


def value(record, key):
    """A value of a record; of exchanges that were repeated, for one of them."""
    if key == "bytes" and "up" in record:
        number = record["up"] + record["down"]
    else:
        number = record.get(key)
    once = key in ("bytes", "up", "down", "turns", "server_cpu_s")
    return number / record.get("times", 1) if once and number is not None else number


class Budget:
    """Lines of the budget: what, the value, what is to be reached, and whether it was."""

    def __init__(self):
        self.lines = []

    def most(self, what, number, unit, reach, beyond=None):
        """To be at most so much."""
        self.line(what, number, unit, "≤", reach, beyond, lambda limit: number <= limit)

    def least(self, what, number, unit, reach, beyond=None):
        """To be at least so much."""
        self.line(what, number, unit, "≥", reach, beyond, lambda limit: number >= limit)

    def line(self, what, number, unit, sign, reach, beyond, holds):
        """Adds a line; what was not measured says so."""
        if number is None:
            self.lines.append((what, "not measured", f"{sign} {show(reach)} {unit}".strip(), "", ""))
            return
        said = [
            f"{sign} {show(limit)} {unit}".strip() for limit in (reach, beyond) if limit is not None
        ]
        passed = "yes" if holds(reach) else "**no**"
        further = "" if beyond is None else f"{said[1]}: {'yes' if holds(beyond) else 'no'}"
        self.lines.append((what, f"{show(number)} {unit}".strip(), said[0], passed, further))


def show(number):
    """A number with three figures that count."""
    if number == round(number) or abs(number) >= 1000:
        return f"{number:,.0f}"
    digits = 3 if abs(number) < 0.1 else 2 if abs(number) < 10 else 1 if abs(number) < 100 else 0
    return f"{number:.{digits}f}"


def over(one, other, by=1):
    """A ratio, when both are there."""
    return one / other / by if one is not None and other else None


def budget(records):
    """The budget, line by line."""
    lines, median = Budget(), records.median
    at = lambda delay, phase, key="wall_s": median(key, phase, delay=delay, n=REPORTS)
    pull, far = at(0, "pull"), at(50, "pull")
    lines.most(
        "fresh device pulls 5,000 reports: loaded, verified, searchable",
        pull,
        "s",
        0.8,
        median("wall_s", "pull", "anki", delay=0),
    )
    lines.least(
        "… PouchDB takes as many times as long",
        over(median("wall_s", "pull", "pouchdb", delay=0), pull),
        "×",
        2,
    )
    same = median("wall_s", "pull", delay=0, n=AUTOMERGE_REPORTS)
    longer = over(median("wall_s", "pull", "automerge-repo", delay=0), same)
    lines.least(f"… automerge-repo, of {AUTOMERGE_REPORTS:,}", longer, "×", 80)
    lines.most("… both ways", over(at(0, "pull", "bytes"), 1e6), "MB", 1.45, 1.15)
    lines.most("the same at 100 ms round trip", far, "s", 1.0, 0.5)
    lines.least(
        "… Anki's normal sync takes as many times as long",
        over(median("wall_s", "pull", "anki", delay=50), far),
        "×",
        5,
    )
    push(lines, records, at)
    lines.most("10 changed of 5,000: round trips", at(0, "changed10", "turns"), "", 1)
    lines.most("… both ways", over(at(0, "changed10", "bytes"), 1000), "KB", 6)
    lines.most("… at 100 ms round trip", at(50, "changed10"), "s", 0.13)
    for docs in (SAMOD_REPORTS, MANY):
        nothing(
            lines,
            f"nothing new, {2 * docs:,} documents",
            lambda key: median(key, "nothing", delay=0, n=docs),
        )
    for sites in SITES:
        having = {"sites": sites}
        followed = median("scopes", "nothing", **having)
        what = f"nothing new for a lead of {sites} sites, {show(followed or 0)} scopes"
        nothing(lines, what, lambda key: median(key, "nothing", **having), server=False)
    scale(lines, records, pull)
    load(lines, records)
    return lines.lines + [tuple(line) for line in records.others]


def push(lines, records, at):
    """A thousand new reports, and again."""
    lines.most("device pushes 1,000 new reports, receipts back", at(0, "push1000"), "s", 0.4, 0.25)
    lines.most("… sent", over(at(0, "push1000", "up"), 1000), "KB", 300)
    lines.most("… round trips", at(0, "push1000", "turns"), "", 2)
    anki = records.median("wall_s", "push1000", "anki", delay=50)
    lines.least(
        "… at 100 ms, Anki takes as many times as long", over(anki, at(50, "push1000")), "×", 2.9
    )
    lines.most("the same 1,000 again, after lost answers", at(0, "again"), "s", 0.1)
    lines.most("… new rows", at(0, "again", "new_rows"), "", 0)


def nothing(lines, what, of, server=True):
    """A device that has everything."""
    lines.most(f"{what}: round trips", of("turns"), "", 1)
    lines.most("… both ways, with headers", of("bytes"), "B", 900)
    lines.most("… takes", over(of("wall_s"), 0.001), "ms", 3)
    if server:
        lines.most("… of the server's processor", over(of("server_cpu_s"), 0.001), "ms", 0.2)


def scale(lines, records, pull):
    """Many more documents."""
    many = lambda key: records.median(key, "pull", delay=0, n=MANY)
    more = MANY / REPORTS
    longer = over(many("wall_s"), pull)
    lines.most(f"5,000 → {MANY:,} reports: takes as many times as long", longer, "×", 1.1 * more)
    peak, rest = many("server_peak_mb"), many("server_at_rest_mb")
    above = peak - rest if peak is not None else None
    lines.most("… server's memory above what it was", above, "MiB", 40)
    lines.most(f"server's peak memory, first sync of {2 * MANY:,} documents", peak, "MiB", 100)
    small = records.median("server_peak_mb", "pull", delay=0, n=REPORTS)
    lines.most("… over that of 10,000 documents", over(peak, small), "×", 1.2)


def load(lines, records):
    """Many devices at once."""
    median = records.median
    lines.least(
        "ingest, through the gate, on SQLite", median("changes_per_s", "ingest"), "changes/s", 5000
    )
    lines.most(
        f"200 new reports per second for {SOAK_S} s: errors", median("errors", "soak"), "", 0
    )
    lines.least("… of them per second", median("per_s", "soak"), "", 195)
    lines.most("… p99 until the receipt", median("p99_ms", "soak"), "ms", 250)
    what = f"{CROWD:,} devices syncing every {CROWD_PERIOD_S} s, 1 report each"
    lines.most(f"{what}: errors", median("errors", "fleet"), "", 0)
    busy = over(median("server_cpu_s", "fleet"), median("wall_s", "fleet"), 0.02)
    lines.most("… server's share of 2 processors", busy, "%", 60)
    lines.most("… p99 until the receipt", median("p99_ms", "fleet"), "ms", 500)
    lines.most("… server's peak memory", median("server_peak_mb", "fleet"), "MiB", 400)


def everybody(records):
    """All phases of all, as rows of a table, each beside ours of as many reports."""
    rows = []
    for delay, round_trip in ((0, "loopback"), (50, "100 ms")):
        for phase, name in PHASES.items():
            for who in names(records):
                having = {"delay": delay}
                if who == WHO:
                    having["n"] = REPORTS
                median = lambda key: records.median(key, phase, who, **having)
                if median("wall_s") is None:
                    continue
                docs = docs_of(who)
                mine = records.median("wall_s", phase, delay=delay, n=docs)
                longer = over(median("wall_s"), mine) if who != WHO else None
                cells = [name, round_trip, label(who), f"{docs:,}", show(median("wall_s"))]
                cells += [f"{show(longer)} ×" if longer else ""]
                cells += [f"{median(key):,.0f}" for key in ("down", "up", "turns")]
                cells += [show(median("client_cpu_s")), show(median("server_cpu_s"))]
                cells += [show(median("server_peak_mb"))]
                rows.append(cells)
    return rows


def names(records):
    """Ours, then the peers as they came."""
    return [WHO, *dict.fromkeys(r["who"] for r in records.all if "up" in r and r["who"] != WHO)]


def docs_of(who):
    """How many reports a peer was given."""
    return {"automerge-repo": AUTOMERGE_REPORTS, "samod": SAMOD_REPORTS}.get(who, REPORTS)


def label(who):
    """Ours stands out."""
    return "**Vigie**" if who == WHO else who


def machine():
    """What it ran on."""
    told = lambda path, what: re.search(what, Path(path).read_text("utf-8")).group(1)
    model = told("/proc/cpuinfo", r"model name\s*: (.*)")
    memory = int(told("/proc/meminfo", r"MemTotal:\s*(\d+)")) / 2**20
    return f"{os.cpu_count()} × {model}, {memory:.0f} GiB, Linux {platform.release()}"


def versions(records):
    """What was compared."""
    say = lambda *command: subprocess.run(
        command, capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout.strip()
    node = json.loads((HERE / "node" / "package.json").read_text("utf-8"))["dependencies"]
    rust = (HERE / "rust" / "Cargo.lock").read_text("utf-8")
    samod = re.search('name = "samod"\nversion = "([^"]+)"', rust).group(1)
    anki = next((part["versions"]["anki"] for part in records.parts if "versions" in part), "—")
    return ", ".join(
        [
            f"Vigie {say('git', 'describe', '--always', '--dirty')}",
            say("rustc", "--version").split(" (")[0],
            f"Anki {anki}",
            f"PouchDB {node['pouchdb']} with express-pouchdb {node['express-pouchdb']}",
            f"automerge-repo {node['@automerge/automerge-repo']}",
            f"samod {samod}",
            f"Node {say('node', '--version')}",
        ]
    )


def markdown(head, rows):
    """A table of Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def when(records):
    """On which days, and under what load."""
    days = sorted(time.strftime("%Y-%m-%d", time.localtime(p["begun"])) for p in records.parts)
    loads = [load for part in records.parts for load in part["load"]]
    minutes = sum(part["seconds"] for part in records.parts) / 60
    day = days[0] if days[0] == days[-1] else f"{days[0]} to {days[-1]}"
    return f"{day}, {minutes:.0f} minutes, load average {min(loads):.1f} to {max(loads):.1f}"


TEXT = """# Side by side

Written by `tests/bench/run`{quick}; what each peer is given, and why, is in [its README]({readme}).

- {when}
- {machine}
- {versions}

Every device pulls the same reports, about 0.9 KB of JSON each, from a server that was just started; bytes are counted by one proxy in front of everybody, which adds the round trip. Medians of {times}. Where a peer was given fewer reports, it stands beside ours of as many.

![Seconds and bytes of the first pull, and seconds when nothing is new](peers.svg)

## The budget

{budget}

## Everybody

Seconds until the device has it on disk, ours also verified and searchable; how many times as long as ours; bytes with headers; round trips; processor seconds of both sides; the server's peak memory in MiB.

{everybody}
"""


def draw():
    """Writes the table and the plot, and prints the budget."""
    records = Records()
    if not records.all:
        raise SystemExit("nothing was measured yet")
    lines = budget(records)
    budget_table = markdown(["What", "Measured", "To reach", "Reached", "Beyond"], lines)
    head = [
        "What",
        "Round trip",
        "Who",
        "Reports",
        "s",
        "",
        "down",
        "up",
        "trips",
        "device s",
        "server s",
        "server MiB",
    ]
    OUT.mkdir(parents=True, exist_ok=True)
    text = TEXT.format(
        quick=" quick" if QUICK else "",
        readme="../../tests/bench/README.md",
        when=when(records),
        machine=machine(),
        versions=versions(records),
        times=max(len(records.some("pull", delay=0, n=REPORTS)), 1),
        budget=budget_table,
        everybody=markdown(head, everybody(records)),
    )
    (OUT / "peers.md").write_text(text, encoding="utf-8")
    bars = lambda key, phase, **having: [
        (
            who,
            records.median(key, phase, who, **having, **({"n": REPORTS} if who == WHO else {})),
            docs_of(who),
        )
        for who in names(records)
    ]
    (OUT / "peers.svg").write_text(
        svg(
            [
                ("First pull, s", bars("wall_s", "pull", delay=0)),
                ("First pull at 100 ms, s", bars("wall_s", "pull", delay=50)),
                (
                    "First pull, MB",
                    [(w, b and b / 1e6, d) for w, b, d in bars("bytes", "pull", delay=0)],
                ),
                ("Nothing new, s", bars("wall_s", "nothing", delay=0)),
            ],
            WHO,
            REPORTS,
        ),
        encoding="utf-8",
    )
    print(f"\n{budget_table}\n\n{OUT / 'peers.md'}")
