"""Plays the parts that are asked for, then draws the table."""

import sys
import time

import kit
import ours
import peers
import table

PARTS = {
    "floor": peers.floor,
    "anki": peers.anki,
    "pouchdb": peers.pouchdb,
    "automerge": peers.automerge,
    "samod": peers.samod,
    "ours": ours.ours,
    "scale": ours.scale,
    "scopes": ours.scopes,
    "load": ours.load,
}


def chosen(words):
    """The parts that these words mean."""
    if words == ["table"]:
        return []
    if words == ["missing"]:
        return [name for name in PARTS if not (kit.RESULTS / f"{name}.json").exists()]
    return words or list(PARTS)


def main(words):
    for name in chosen(words):
        print(f"{name}…", flush=True)
        begun = time.monotonic()
        kit.WORK.mkdir(parents=True, exist_ok=True)
        PARTS[name]()
        print(f"{name}: {time.monotonic() - begun:.0f} s", flush=True)
    peers.tidy_up()
    table.draw()


main(sys.argv[1:])
