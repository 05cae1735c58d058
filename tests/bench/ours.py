"""Ours: the server's own program, and devices over the real core (`tests/src/bin/fleet`)."""

import shutil
import sqlite3

from kit import OURS, QUICK, TIMES, WORK, Part, Proxy, Server, copy, corpus, device
from kit import free_port, fresh
from peers import NEW, REPORTS, SAMOD_REPORTS, rounds

FLEET = OURS / "fleet"
WHO = "vigie"
# The many: one report and who made it are two documents.
MANY = 15_000 if QUICK else 50_000
# How often a device asks whether there is more; a device may ask 200 times in ten seconds.
ASKED = 150
SITES = (1, 12, 71, 500)
SOAK_S = 20 if QUICK else 300
CROWD = 400 if QUICK else 2000
CROWD_PERIOD_S = 12 if QUICK else 60
CROWD_S = 24 if QUICK else 120


def serve(folder):
    """The server over a folder that `fleet seed` filled."""
    port = free_port()
    command = [OURS / "vigie-server", "serve", "--data", folder / "data"]
    listen = ["--listen", f"127.0.0.1:{port}"]
    return Server([*command, *listen], folder, port, VIGIE_LOG="info")


def seed(name, *options):
    """Fills a new folder."""
    folder = fresh(name)
    return folder, device(FLEET, "seed", "--folder", folder, *options)


def play(folder, mode, port, who, file, *options):
    """What a member of the crew does."""
    address = f"127.0.0.1:{port}"
    where = ["--address", address, "--folder", folder, "--who", who, "--file", file]
    return device(FLEET, mode, *where, *options)


def rows(folder):
    """Changes that the server keeps."""
    with sqlite3.connect(f"file:{folder}/data/vigie.db?mode=ro", uri=True) as store:
        return store.execute("SELECT count(*) FROM change").fetchone()[0]


def ours():
    """The phases that everybody plays, and the same thousand once more after lost answers."""
    part = Part("ours")
    new = ["--new", corpus(REPORTS, NEW), "--waiting", NEW]
    for docs, delays in ((REPORTS, rounds()), (SAMOD_REPORTS, rounds(far=0))):
        reports = ["--reports", corpus(0, REPORTS), "--count", docs]
        seeded, _ = seed("vigie-seed", *reports, *new, "--readers", 1)
        for delay in delays:
            everybody(part, seeded, docs, delay)
    part.keep()


def everybody(part, seeded, docs, delay):
    """One round."""
    folder = copy(seeded, "vigie")
    reader, writer, again = (folder / name for name in ("reader.db", "writer.db", "again.db"))
    shutil.copy(writer, again)
    with serve(folder) as server, Proxy(server.port, delay) as proxy:

        def phase(name, mode, who, file, *options, **more):
            done = lambda: play(folder, mode, proxy.port, who, file, *options)
            return part.phase(WHO, name, server, proxy, done, delay=delay, n=docs, **more)

        phase("pull", "pull", "0", reader)
        phase("nothing", "nothing", "0", reader, "--times", 5 if delay else ASKED)
        play(folder, "change", server.port, "editor", folder / "editor.db", "--count", 10)
        phase("changed10", "sync", "0", reader)
        phase("push1000", "sync", "writer", writer)
        before = rows(folder)
        record = phase("again", "sync", "writer", again)
        record["new_rows"] = rows(folder) - before


def scale():
    """Ten times the documents: a pull, and nothing new."""
    part = Part("scale")
    seeded, told = seed("vigie-many", "--reports", corpus(0, MANY), "--count", MANY)
    part.note(WHO, "seed", n=MANY, **told)
    for _ in range(TIMES):
        (seeded / "reader.db").unlink(missing_ok=True)
        with serve(seeded) as server, Proxy(server.port, 0) as proxy:

            def phase(name, *options):
                done = lambda: play(seeded, name, proxy.port, "0", seeded / "reader.db", *options)
                part.phase(WHO, name, server, proxy, done, delay=0, n=MANY)

            phase("pull")
            phase("nothing", "--times", ASKED)
    part.keep()
    shutil.rmtree(seeded)


def scopes():
    """Leads who follow few and many scopes, and nothing is new."""
    part = Part("scopes")
    for sites in SITES:
        folder, _ = seed("vigie-scopes", "--sites", sites, "--readers", TIMES)
        with serve(folder) as server, Proxy(server.port, 0) as proxy:
            for reader in range(TIMES):
                file = folder / f"reader-{reader}.db"
                pulled = play(folder, "pull", server.port, reader, file)
                done = lambda: play(folder, "nothing", proxy.port, reader, file, "--times", ASKED)
                more = {"sites": sites, "scopes": pulled["scopes"]}
                part.phase(WHO, "nothing", server, proxy, done, delay=0, **more)
    part.keep()


def load():
    """Ingest, a soak of new reports, and a fleet that beats every minute."""
    part = Part("load")
    reports = corpus(0, REPORTS)
    people = ["--sites", 50, "--crowd"]

    def phase(mode, name, folder, server, *options):
        # Devices with a connection for each exchange count their bytes themselves: no proxy. What
        # the server used is counted from when all are ready.
        process = ["--server", server.process.pid]
        where = ["--address", f"127.0.0.1:{server.port}", "--folder", folder, "--reports", reports]
        server.forget_peak()
        at_rest = server.memory("VmRSS")
        told = device(FLEET, mode, *where, *process, *options)
        memory = {"server_peak_mb": server.memory("VmHWM"), "server_at_rest_mb": at_rest}
        part.note(WHO, name, **told, **memory)

    for _ in range(TIMES):
        folder, _ = seed("vigie-crowd", *people, 40)
        with serve(folder) as server:
            phase("ingest", "ingest", folder, server)
    folder, _ = seed("vigie-crowd", *people, 400)
    with serve(folder) as server:
        beat = ["--devices", 400, "--period-ms", 2000, "--seconds", SOAK_S]
        phase("beat", "soak", folder, server, *beat)
    folder, _ = seed("vigie-crowd", *people, CROWD)
    with serve(folder) as server:
        beat = ["--devices", CROWD, "--period-ms", CROWD_PERIOD_S * 1000, "--seconds", CROWD_S]
        phase("beat", "fleet", folder, server, *beat)
    part.keep()
    shutil.rmtree(WORK / "vigie-crowd")
