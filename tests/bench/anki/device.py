"""A device with Anki's own client; notes carry the report as JSON, and its headline as their front.

device.py add <collection> <corpus>                      makes notes
device.py change <collection> <how many>                 changes notes
device.py sync|upload|download <collection> <server> <proxy>   both as `http://host:port/`
"""

import json
import sys
import time
from pathlib import Path

from anki.collection import AddNoteRequest, Collection
from anki.errors import NetworkError
from anki.sync import SyncAuth


def add(collection, corpus):
    kind, deck = collection.models.by_name("Basic"), collection.decks.id("Default")
    requests = []
    with open(corpus, encoding="utf-8") as lines:
        for line in lines:
            note = collection.new_note(kind)
            note["Front"], note["Back"] = json.loads(line)["headline"], line.strip()
            requests.append(AddNoteRequest(note=note, deck_id=deck))
    collection.add_notes(requests)


def change(collection, many):
    notes = [collection.get_note(id) for id in collection.find_notes("")[: int(many)]]
    for note in notes:
        note["Back"] = note["Back"].replace('"status":"new"', '"status":"read"')
    collection.update_notes(notes)


def peak():
    """The most memory this process has had: MiB."""
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024


def signed_in(collection, server):
    """The key of a device; signing in happens once, beforehand, and is counted for nobody."""
    kept = Path(collection.path).with_name("key")
    if not kept.exists():
        kept.write_text(collection.sync_login("user", "password", server).hkey, encoding="ascii")
    return kept.read_text(encoding="ascii")


def warm(collection):
    """Makes the client of HTTP before the clock runs: nobody listens there."""
    try:
        collection.sync_login("user", "password", "http://127.0.0.1:1/")
    except NetworkError:
        pass


def exchange(mode, collection, server, proxy):
    auth = SyncAuth(hkey=signed_in(collection, server), endpoint=proxy)
    warm(collection)
    before = collection.note_count()
    begun, worked = time.monotonic(), time.process_time()
    output = collection.sync_collection(auth, False)
    if mode != "sync":
        collection.close_for_full_sync()
        upload = mode == "upload"
        collection.full_upload_or_download(auth=auth, server_usn=None, upload=upload)
    wall, worked = time.monotonic() - begun, time.process_time() - worked
    if mode != "sync":
        collection.reopen(after_full_sync=True)
    elif output.required != 0:
        raise SystemExit("Anki asks for a full sync")
    told = {
        "docs": collection.note_count() - before,
        "held": collection.note_count(),
        "wall_s": wall,
        "client_cpu_s": worked,
        "client_peak_mb": peak(),
    }
    print(json.dumps(told))


def main():
    mode, path, *rest = sys.argv[1:]
    collection = Collection(path)
    if mode == "add":
        add(collection, *rest)
    elif mode == "change":
        change(collection, *rest)
    else:
        exchange(mode, collection, *rest)
    collection.close()


main()
