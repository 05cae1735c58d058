// A device with automerge-repo.
// automerge-device.mjs seed <folder> <corpus> <ids>: writes a store without a network, and its ids
// automerge-device.mjs pull <folder> <port> <ids>: ready when every document is here
// automerge-device.mjs stay <folder> <port> <ids>: the same, then stays in step until it is ended
// automerge-device.mjs push <folder> <port> <corpus>: makes documents, stays until it is ended
import fs from "node:fs";
import { Repo } from "@automerge/automerge-repo";
import { WebSocketClientAdapter } from "@automerge/automerge-repo-network-websocket";
import { NodeFSStorageAdapter } from "@automerge/automerge-repo-storage-nodefs";
import { lines, measure, say } from "./usage.mjs";

// Documents asked for at once.
const AT_ONCE = 50;
// Documents written before the store is flushed and memory given back.
const PER_FLUSH = 250;

const [mode, folder, ...rest] = process.argv.slice(2);
const storage = new NodeFSStorageAdapter(folder);

async function connected(port) {
  const repo = new Repo({
    network: [new WebSocketClientAdapter(`ws://127.0.0.1:${port}`)],
    storage,
    peerId: `device-${process.pid}`,
  });
  await new Promise((ready) => repo.networkSubsystem.on("peer", ready));
  return repo;
}

async function seed(corpus, ids) {
  const repo = new Repo({ storage });
  const urls = [];
  for (const line of lines(corpus)) {
    urls.push(repo.create(JSON.parse(line)).url);
    if (urls.length % PER_FLUSH === 0) {
      await repo.flush();
      for (const url of urls.slice(-PER_FLUSH)) {
        await repo.removeFromCache(url.replace("automerge:", ""));
      }
    }
  }
  await repo.flush();
  fs.writeFileSync(ids, urls.join("\n"));
  process.exit(0);
}

// Says once more what was used when it is ended.
function stay(end) {
  process.on("SIGTERM", () => {
    const { client_cpu_s, client_peak_mb } = end();
    say({ client_cpu_s, client_peak_mb });
    process.exit(0);
  });
  setInterval(() => {}, 1000);
}

async function pull(port, ids) {
  const repo = await connected(port);
  const left = lines(ids);
  const end = measure();
  let docs = 0;
  const finder = async () => {
    for (let url = left.pop(); url; url = left.pop()) {
      const handle = await repo.find(url);
      await handle.whenReady();
      if (handle.doc()?.id) docs += 1;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, finder));
  await repo.flush();
  say({ docs, ...end() });
  if (mode === "pull") process.exit(0);
  stay(end);
}

async function push(port, corpus) {
  const repo = await connected(port);
  const end = measure();
  for (const line of lines(corpus)) repo.create(JSON.parse(line));
  say({});
  stay(end);
}

const modes = { seed, pull, stay: pull, push };
await modes[mode](...rest);
