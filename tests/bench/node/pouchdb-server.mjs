// PouchDB's own server: express-pouchdb over files, as pouchdb-server runs it.
// pouchdb-server.mjs <folder> <port>
import express from "express";
import server from "express-pouchdb";
import PouchDB from "pouchdb";

const [folder, port] = process.argv.slice(2);
// Its settings and its log land in the present folder.
process.chdir(folder);
const app = express();
const stored = PouchDB.defaults({ prefix: `${folder}/` });
app.use("/", server(stored, { mode: "minimumForPouchDB", logPath: `${folder}/log.txt` }));
app.listen(Number(port), "127.0.0.1");
