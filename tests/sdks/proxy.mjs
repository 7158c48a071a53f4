// A wire that breaks.

import { connect, createServer } from "node:net";

/**
 * Hands connections on to `upstream` and cuts connection number n after `bytesOf(n)` bytes of the answer. Gives its
 * own URL, `upstream`, which may be set, the number of connections so far, and `close`.
 */
export async function cutting(upstream, bytesOf = () => Infinity) {
  const found = { upstream, connections: 0 };
  const server = createServer((caller) => {
    let left = bytesOf(found.connections++);
    const { hostname, port } = new URL(found.upstream);
    const callee = connect(Number(port), hostname);
    const cut = () => {
      caller.destroy();
      callee.destroy();
    };
    for (const socket of [caller, callee]) socket.on("error", cut).on("close", cut);
    caller.pipe(callee);
    callee.on("data", (bytes) => {
      if (bytes.length < left) {
        left -= bytes.length;
        caller.write(bytes);
      } else if (left === 0) cut();
      else caller.end(bytes.subarray(0, left));
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  found.url = `http://127.0.0.1:${server.address().port}`;
  found.close = () => server.close();
  return found;
}
