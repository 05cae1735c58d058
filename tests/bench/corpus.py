"""Reports for everybody: the same content whatever carries it, the same on every machine.

    python3 corpus.py FIRST COUNT      reports FIRST to FIRST + COUNT - 1, one JSON object a line

About 0.9 KB each: twenty fields, most of the bytes French prose. The prose comes from a chain of
words trained on the capsules of `content/`, so that it compresses about as prose does.
"""

import json
import random
import re
import sys
import uuid
from datetime import datetime, timezone
from pathlib import Path

CAPSULES = Path(__file__).resolve().parents[2] / "content" / "capsules"
SEED = "vigie"
SITES, PEOPLE = 12, 200
# The first report is of the 1st of January 2026.
START = 1_767_225_600
WHAT = ["fall", "height", "object", "machine", "vehicle", "fire", "chemical", "electric", "other"]


def words():
    """The words of all capsules in French, in order, without their settings and marks."""
    found = []
    for path in sorted(CAPSULES.glob("*/fr.md")):
        prose = path.read_text(encoding="utf-8").split("+++", 2)[-1]
        prose = re.sub(r"\([^)]*\)|[`*_#|>\[\]!{}]", " ", prose)
        found += prose.split()
    return found


class Prose:
    """A chain: each word is followed as it is in the capsules, or one time in twenty by any."""

    def __init__(self):
        self.words = words()
        self.next = {}
        for one, other in zip(self.words, self.words[1:]):
            self.next.setdefault(one, []).append(other)

    def text(self, chance, least, most):
        """Between `least` and `most` characters."""
        length = chance.randrange(least, most)
        word = chance.choice(self.words)
        out, total = [word], len(word)
        while total < length:
            follow = self.next.get(word)
            word = chance.choice(follow if follow and chance.random() > 0.05 else self.words)
            out.append(word)
            total += len(word) + 1
        text = " ".join(out)[:length].strip()
        return text[:1].upper() + text[1:]


def identifier(chance, at):
    """A UUIDv7 of a moment: seconds."""
    bits = (int(at * 1000) << 80) | chance.getrandbits(80)
    bits = bits & ~(0xF << 76) | (7 << 76)
    return str(uuid.UUID(int=bits & ~(3 << 62) | (2 << 62)))


def named(what, number):
    """The id of a site or a person."""
    return identifier(random.Random(f"{SEED} {what} {number}"), START)


def report(prose, number):
    """The report of that number."""
    chance = random.Random(f"{SEED} report {number}")
    sealed = START + number * 977 % 25_000_000 + chance.randrange(900)
    happened = sealed - chance.randrange(60, 7200)
    person = chance.randrange(PEOPLE)
    written = lambda at, form: datetime.fromtimestamp(at, timezone.utc).strftime(form)
    return {
        "id": identifier(chance, sealed),
        "site": named("site", person % SITES),
        "reporter": named("person", person),
        "sealed": written(sealed, "%Y-%m-%dT%H:%M:%SZ"),
        "status": "new",
        "what": chance.choice(WHAT),
        "kind": chance.choice(["incident", "near_miss", "weak_signal"]),
        "severity": chance.choice(["low", "moderate", "serious", "critical"]),
        "likelihood": chance.randrange(1, 6),
        "urgency": chance.choice(["now", "later", "later"]),
        "openness": "confidential" if chance.random() < 0.15 else "open",
        "when": written(happened, "%Y-%m-%dT%H:%M"),
        "place": prose.text(chance, 12, 22),
        "latitude": round(43 + chance.random() * 7, 5),
        "longitude": round(-1 + chance.random() * 7, 5),
        "headline": prose.text(chance, 30, 60),
        "words": prose.text(chance, 220, 430),
        "done": prose.text(chance, 30, 90),
        "witnesses": chance.randrange(4),
        "tags": sorted(chance.sample(WHAT, chance.randrange(3))),
    }


def lines(first, count):
    """Reports as lines of JSON."""
    prose = Prose()
    for number in range(first, first + count):
        yield json.dumps(report(prose, number), ensure_ascii=False, separators=(",", ":")) + "\n"


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")
    sys.stdout.writelines(lines(int(sys.argv[1]), int(sys.argv[2])))
