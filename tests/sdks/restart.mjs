// Streams from a server that is killed and starts again elsewhere. Each line in is { url, apiKey }, the first one at
// once, the second one after "kill it" came out; the last line out is what was streamed.

import { createInterface } from "node:readline";

import { Client } from "penstock-tick";

import { cutting } from "./proxy.mjs";

const COUNT = 500;
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const told = async () => JSON.parse((await lines.next()).value);

const { url, apiKey } = await told();
const wire = await cutting(url);
const client = new Client({ url: wire.url, apiKey, attempts: 1_000 });
const outputs = [];
for await (const { index } of client.stream({ count: COUNT })) {
  outputs.push(index);
  if (outputs.length !== 5) continue;
  process.stdout.write("kill it\n");
  wire.upstream = (await told()).url;
}
process.stdout.write(JSON.stringify(outputs));
process.exit(0);
