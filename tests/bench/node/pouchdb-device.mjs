// A device with PouchDB.
// pouchdb-device.mjs load <folder> <corpus>
// pouchdb-device.mjs pull|push <folder> <url> [<batch>]
// pouchdb-device.mjs change <url> <how many>
import PouchDB from "pouchdb";
import { lines, measure, say } from "./usage.mjs";

const [mode, place, ...rest] = process.argv.slice(2);
const local = new PouchDB(place);

async function load(corpus) {
  const documents = lines(corpus).map((line) => {
    const { id, ...report } = JSON.parse(line);
    return { _id: id, ...report };
  });
  for (let at = 0; at < documents.length; at += 500) {
    await local.bulkDocs(documents.slice(at, at + 500));
  }
}

async function replicate(way, url, batch) {
  const options = batch ? { batch_size: Number(batch) } : {};
  const end = measure();
  const { docs_written: docs, ok } = await local.replicate[way](url, options);
  if (!ok) throw new Error("the replication failed");
  say({ docs, ...end() });
}

async function change(many) {
  const { rows } = await local.allDocs({ limit: Number(many), include_docs: true });
  for (const { doc } of rows) await local.put({ ...doc, status: "read" });
}

const modes = {
  load,
  pull: (url, batch) => replicate("from", url, batch),
  push: (url, batch) => replicate("to", url, batch),
  change,
};
await modes[mode](...rest);
process.exit(0);
