"""The peers, each a function that plays its phases and keeps them.

All do the same work on the same reports: a device that has nothing yet pulls everything from a
server that was just started, asks again when nothing is new, pulls ten that changed, and another
device pushes a thousand new ones.
"""

import shutil
import signal
import subprocess
import time

from kit import (
    ANKI,
    DELAYS,
    HERE,
    NODE,
    PLACE,
    QUICK,
    RUST,
    TIMES,
    WORK,
    Part,
    Proxy,
    Server,
    copy,
    corpus,
    device,
    free_port,
    fresh,
    told,
)

REPORTS, NEW = 5000, 1000
# These two load every document on both sides whenever they meet; so many take minutes.
AUTOMERGE_REPORTS = 1000 if QUICK else REPORTS
SAMOD_REPORTS = 1000


def rounds(times=TIMES, far=TIMES):
    """The delay of each repetition: so many on loopback, and so many at 100 ms."""
    near, away = DELAYS
    return [near] * times + [away] * far


def floor():
    """The content as one compressed stream."""
    part, program = Part("floor"), RUST / "floor"
    base, new = corpus(0, REPORTS), corpus(REPORTS, NEW)
    seeded = fresh("floor-seed")
    device(program, "seed", seeded, base)
    for delay in rounds():
        folder, mine, port = copy(seeded, "floor"), fresh("floor-device"), free_port()
        with Server([program, "serve", folder, port], folder, port) as server:
            with Proxy(port, delay) as proxy:

                def phase(name, *command):
                    play = lambda: device(program, *command)
                    part.phase("floor", name, server, proxy, play, delay=delay)

                phase("pull", "pull", mine, proxy.port)
                phase("nothing", "pull", mine, proxy.port)
                device(program, "change", folder, 10)
                phase("changed10", "pull", mine, proxy.port)
                phase("push1000", "push", fresh("floor-writer"), proxy.port, new)
    part.keep()


def anki():
    """Anki's own sync server and client; a report is a note."""
    part, script = Part("anki"), HERE / "anki" / "device.py"
    base, new = corpus(0, REPORTS), corpus(REPORTS, NEW)

    def serve(folder):
        port = free_port()
        environment = {
            "SYNC_USER1": "user:password",
            "SYNC_BASE": str(folder),
            "SYNC_HOST": "127.0.0.1",
            "SYNC_PORT": str(port),
            "RUST_LOG": "anki=warn",
        }
        return Server([ANKI, "-m", "anki.syncserver"], folder, port, **environment)

    def exchange(mode, collection, server, port):
        addresses = [f"http://127.0.0.1:{port}/" for port in (server.port, port)]
        return device(ANKI, script, mode, collection, *addresses)

    seeded = fresh("anki-seed")
    for name in ("server", "writer", "reader"):
        (seeded / name).mkdir()
    with serve(seeded / "server") as server:
        writer, reader = (seeded / name / "a.anki2" for name in ("writer", "reader"))
        exchange("upload", writer, server, server.port)
        # A device that has met the server once, so that it may sync row by row.
        exchange("download", reader, server, server.port)
        device(ANKI, script, "add", writer, base)
        exchange("sync", writer, server, server.port)
    for delay in rounds():
        folder = copy(seeded, "anki")
        writer, reader = (folder / name / "a.anki2" for name in ("writer", "reader"))
        other = fresh("anki-device") / "a.anki2"
        shutil.copy(folder / "reader" / "key", other.with_name("key"))
        with serve(folder / "server") as server, Proxy(server.port, delay) as proxy:

            def phase(name, mode, collection, who="anki"):
                play = lambda: exchange(mode, collection, server, proxy.port)
                part.phase(who, name, server, proxy, play, delay=delay)

            phase("pull", "sync", reader)
            phase("nothing", "sync", reader)
            phase("pull", "download", other, who="anki, whole file")
            device(ANKI, script, "change", writer, 10)
            exchange("sync", writer, server, server.port)
            phase("changed10", "sync", reader)
            device(ANKI, script, "add", writer, new)
            phase("push1000", "sync", writer)
    version = [ANKI, "-c", "import anki.buildinfo as b; print(b.version)"]
    version = subprocess.run(version, capture_output=True, text=True, check=True).stdout.strip()
    part.keep(versions={"anki": version})


def pouchdb():
    """PouchDB and its own server, in the default batches of 100 and in batches of 1,000."""
    part = Part("pouchdb")
    base, new = corpus(0, REPORTS), corpus(REPORTS, NEW)

    def serve(folder):
        port = free_port()
        return Server(["node", NODE / "pouchdb-server.mjs", folder, port], folder, port)

    def play(mode, *rest):
        return device("node", NODE / "pouchdb-device.mjs", mode, *rest)

    seeded, writers = fresh("pouchdb-seed"), fresh("pouchdb-writers")
    play("load", writers / "base", base)
    play("load", writers / "new", new)
    with serve(seeded) as server:
        play("push", writers / "base", f"http://127.0.0.1:{server.port}/reports", 1000)
    plays = (("pouchdb", 1000, rounds()), ("pouchdb, as it comes", 100, rounds(1, 1)))
    for who, batch, delays in plays:
        for delay in delays:
            mine, writer = fresh("pouchdb-device") / "db", copy(writers / "new", "pouchdb-writer")
            with serve(copy(seeded, "pouchdb")) as server, Proxy(server.port, delay) as proxy:
                url = f"http://127.0.0.1:{proxy.port}/reports"

                def phase(name, way, folder):
                    done = lambda: play(way, folder, url, batch)
                    part.phase(who, name, server, proxy, done, delay=delay)

                phase("pull", "pull", mine)
                phase("nothing", "pull", mine)
                play("change", f"http://127.0.0.1:{server.port}/reports", 10)
                phase("changed10", "pull", mine)
                phase("push1000", "push", writer)
    part.keep()


def automerge():
    """automerge-repo and its sync server. Ids are told beforehand, for it has no list of them."""
    part, script = Part("automerge"), NODE / "automerge-device.mjs"
    who, docs = "automerge-repo", AUTOMERGE_REPORTS
    base, new = corpus(0, docs), corpus(REPORTS, NEW)
    seeded, ids = fresh("automerge-seed"), WORK / "automerge-ids"
    device("node", script, "seed", seeded, base, ids)

    def serve(folder):
        port = free_port()
        return Server(["node", NODE / "automerge-server.mjs", folder, port], folder, port)

    def stored(folder):
        """Documents on the server's disk."""
        return sum(1 for _ in folder.glob("*/*"))

    def staying(command, until):
        """Runs a device that stays connected until `until` says how long it took."""
        command = ["node", str(script), *map(str, command)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            begun = time.monotonic()
            first = process.stdout.readline()
            took = until(begun, process)
        finally:
            process.send_signal(signal.SIGTERM)
            rest = process.communicate(timeout=60)[0]
        return told(first + rest) | took

    def quiet(proxy, seconds):
        """Waits until nothing passes for so long, signs of life aside; when that began."""

        def until(begun, _):
            passed, since = 0, time.monotonic()
            while time.monotonic() - since < seconds and time.monotonic() - begun < 400:
                counters = proxy.counters()
                total = counters["up"] + counters["down"]
                if total - passed > 400:
                    passed, since = total, time.monotonic()
                time.sleep(0.1)
            return {"wall_s": since - begun, "docs": 0}

        return until

    for delay in rounds(1, 1):
        mine = fresh("automerge-device")
        with serve(copy(seeded, "automerge")) as server, Proxy(server.port, delay) as proxy:
            pull = lambda: device("node", script, "pull", mine, proxy.port, ids)
            part.phase(who, "pull", server, proxy, pull, delay=delay, n=docs)
            if delay:
                continue
            again = lambda: staying(["stay", mine, proxy.port, ids], quiet(proxy, 10))
            part.phase(who, "nothing", server, proxy, again, delay=delay, n=docs)
        folder = copy(seeded, "automerge")
        with serve(folder) as server, Proxy(server.port, delay) as proxy:
            had = stored(folder)

            def arrived(begun, process):
                while stored(folder) - had < NEW and process.poll() is None:
                    if time.monotonic() - begun > 400:
                        break
                    time.sleep(0.1)
                return {"wall_s": time.monotonic() - begun, "docs": stored(folder) - had}

            writer = fresh("automerge-writer")
            push = lambda: staying(["push", writer, proxy.port, new], arrived)
            part.phase(who, "push1000", server, proxy, push, delay=delay, n=docs)
    part.keep()


def samod():
    """samod, automerge-repo in Rust; ids are told beforehand too."""
    part, program, who = Part("samod"), RUST / "samod", "samod"
    docs, new = SAMOD_REPORTS, corpus(REPORTS, NEW)
    seeded, ids = fresh("samod-seed"), WORK / "samod-ids"
    device(program, "seed", seeded, corpus(0, docs), ids)
    # It takes 40 s at 100 ms: once.
    for delay in rounds(far=1):
        mine, writer = fresh("samod-device"), fresh("samod-writer")

        def phase(name, *command):
            folder, port = copy(seeded, "samod"), free_port()
            with Server([program, "serve", folder, port], folder, port) as server:
                with Proxy(port, delay) as proxy:
                    mode, place, *rest = command
                    play = lambda: device(program, mode, place, proxy.port, *rest)
                    part.phase(who, name, server, proxy, play, delay=delay, n=docs)

        phase("pull", "pull", mine, ids)
        phase("nothing", "again", mine, ids)
        phase("push1000", "push", writer, new)
    part.keep()


def tidy_up():
    """Nothing of the peers' stores is left."""
    shutil.rmtree(PLACE / "work", ignore_errors=True)
