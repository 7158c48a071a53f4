// Calls over a wire that breaks: { url, apiKey, bytes, operation, flow, input, labels } in, what came out.

import { cutting } from "./proxy.mjs";

const { url, apiKey, bytes, operation, flow, input, labels } = JSON.parse(await new Response(process.stdin).text());
const { Client } = await import(`penstock-${flow}`);
const wire = await cutting(url, (connection) => bytes[Math.min(connection, bytes.length - 1)] ?? Infinity);
const client = new Client({ url: wire.url, apiKey });
const outputs = [];
if (operation === "invoke") outputs.push(await client.invoke(input, { labels }));
else for await (const output of client.stream(input, { labels })) outputs.push(output);
process.stdout.write(JSON.stringify({ outputs, connections: wire.connections }));
process.exit(0);
