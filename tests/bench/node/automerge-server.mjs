// automerge-repo's server: what automerge-repo-sync-server does, on loopback.
// automerge-server.mjs <folder> <port>
import http from "node:http";
import { Repo } from "@automerge/automerge-repo";
import { WebSocketServerAdapter } from "@automerge/automerge-repo-network-websocket";
import { NodeFSStorageAdapter } from "@automerge/automerge-repo-storage-nodefs";
import { WebSocketServer } from "ws";

const [folder, port] = process.argv.slice(2);
const sockets = new WebSocketServer({ noServer: true });
new Repo({
  network: [new WebSocketServerAdapter(sockets)],
  storage: new NodeFSStorageAdapter(folder),
  peerId: "server",
  // Who knows an id may have the document.
  sharePolicy: async () => false,
});
const server = http.createServer((_request, response) => response.end());
server.on("upgrade", (request, socket, head) =>
  sockets.handleUpgrade(request, socket, head, (opened) =>
    sockets.emit("connection", opened, request),
  ),
);
server.listen(Number(port), "127.0.0.1");
