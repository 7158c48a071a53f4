// What the table does not tell of a client: { url, apiKey } in, what came of each call out.

import { Client as Echo } from "penstock-echo";
import { Client as Stall } from "penstock-stall";
import { Client as Ask } from "penstock-ask";
import { Client as Tick } from "penstock-tick";
import { Client as Write } from "penstock-write";

import { cutting } from "./proxy.mjs";

const { url, apiKey } = JSON.parse(await new Response(process.stdin).text());
const options = { url, apiKey };
const found = {};

const name = (error) => [error.name, error.code, error.reason];

async function collect(outputs) {
  const all = [];
  for await (const output of outputs) all.push(output);
  return all;
}

// The server's wait runs out at once; the client goes on waiting, and hears of the end.
{
  const asked = [];
  const impatient = (address, request) => {
    const path = new URL(address).pathname;
    asked.push(path.replace(/[0-9a-f]{32}/, "ID"));
    if (path.endsWith(":wait")) new Stall(options).cancel(path.split("/").at(-1).slice(0, 32), "enough");
    const body = request.body && JSON.stringify({ ...JSON.parse(request.body), timeout_seconds: 0.01 });
    return fetch(address, body ? { ...request, body } : request);
  };
  const error = await new Stall({ ...options, fetch: impatient }).invoke({}).catch((raised) => raised);
  found.longWait = { asked, error: name(error), executionId: typeof error.executionId };
}

// The same for a stream: the client follows the run where the server left off.
{
  const asked = [];
  const impatient = (address, request) => {
    const path = new URL(address).pathname;
    asked.push([path.replace(/[0-9a-f]{32}/, "ID"), request.headers["Last-Event-ID"]]);
    if (request.method === "GET" && path.endsWith("/stream")) new Stall(options).cancel(path.split("/").at(-2));
    const body = request.body && JSON.stringify({ ...JSON.parse(request.body), timeout_seconds: 0.01 });
    return fetch(address, body ? { ...request, body } : request);
  };
  const error = await collect(new Stall({ ...options, fetch: impatient }).stream({})).catch((raised) => raised);
  found.longStream = { asked, error: name(error) };
}

// What NotEnded tells is enough to go on.
{
  const stall = new Stall(options);
  const error = await stall.invoke({}, { timeoutSeconds: 0.05 }).catch((raised) => raised);
  const again = await stall.wait(error.executionId, { timeoutSeconds: 0.05 }).catch((raised) => raised);
  await stall.cancel(error.executionId);
  const end = await stall.wait(error.executionId).catch((raised) => raised);
  found.notEnded = [name(error), name(again), name(end)];
}

// A signal stops the call, not the run.
{
  const stall = new Stall(options);
  const controller = new AbortController();
  const { executionId } = await stall.start({});
  const waiting = stall.wait(executionId, { signal: controller.signal }).catch((raised) => raised);
  const reading = collect(stall.resume(executionId, { signal: controller.signal })).catch((raised) => raised);
  const reason = new Error("changed my mind");
  controller.abort(reason);
  found.signal = [(await waiting) === reason, (await reading) === reason];
  await stall.cancel(executionId);
}

// An answer to a cancel that is lost.
{
  const { executionId } = await new Stall(options).start({});
  const wire = await cutting(url, (connection) => (connection === 0 ? 0 : Infinity));
  const stall = new Stall({ ...options, url: wire.url });
  found.cancel = [(await stall.cancel(executionId, "bye")) ?? "done", wire.connections];
  wire.close();
}

// The same request id.
{
  const echo = new Echo(options);
  const requestId = "once-and-no-more";
  const first = await echo.start({ string_value: "a" }, { requestId });
  const second = await echo.start({ string_value: "a" }, { requestId });
  const other = await echo.start({ string_value: "b" }, { requestId }).catch((raised) => raised);
  found.requestId = [first.executionId === second.executionId, name(other)];
}

// The outputs of a run from its first on, during it and after; a reader that leaves.
{
  const tick = new Tick(options);
  const { executionId } = await tick.start({ count: 5 });
  const during = await collect(tick.resume(executionId));
  const after = await collect(tick.resume(executionId));
  let left = 0;
  for await (const output of tick.resume(executionId)) if (++left === 2) break;
  found.resume = [during.map((output) => output.index), after.length, left];
}

// What plain JSON has no word for.
{
  const input = {
    double_value: -0,
    float_value: NaN,
    double_list: [Infinity, -Infinity],
    int64_value: 2n ** 63n - 1n,
    timestamp: new Date(0),
    point: undefined,
    inner: { wrapped_double: NaN },
  };
  const output = await new Echo(options).invoke(input);
  found.values = {
    minusZero: Object.is(output.double_value, -0),
    nan: [Number.isNaN(output.float_value), Number.isNaN(output.inner.wrapped_double)],
    list: output.double_list.map((value) => typeof value),
    int64: output.int64_value,
    timestamp: output.timestamp,
    hasPoint: "point" in output,
  };
}

// Provisional outputs and word of those that are taken back, at once.
{
  const write = new Write(options);
  const shown = ({ index, output, isProvisional, rollbackTo }) =>
    rollbackTo === undefined ? [index, output.attempt, isProvisional] : [rollbackTo];
  const streamed = (await collect(write.streamFrames({ words: 2, failures: 1 }))).map(shown);
  const { executionId } = await write.start({ words: 2, failures: 1 });
  found.frames = [streamed, (await collect(write.resumeFrames(executionId))).map(shown)];
}

// A wait that goes on while somebody decides; an answer to a decision that is lost.
{
  const ask = new Ask(options);
  const { executionId } = await ask.start({ customer: "Ann" });
  const paused = await ask.wait(executionId).catch((raised) => raised);
  const waiting = ask.wait(executionId, { throughPauses: true });
  const wire = await cutting(url, (connection) => (connection === 0 ? 0 : Infinity));
  const decided = await new Ask({ ...options, url: wire.url }).approve(executionId, "decide", { comment: "late" });
  found.pause = [name(paused), decided.state, wire.connections, (await waiting).label];
  wire.close();
}

// What a run is made with.
{
  const error = await new Echo(options).start({}, { configId: "nothing" }).catch((raised) => raised);
  const { executionId } = await new Echo(options).start({}, { labels: { of: "options" }, overwriteCache: true });
  found.options_of_run = [error.reason, typeof executionId];
}

// Attempts end with the time that the caller gives.
{
  const nobody = () => Promise.reject(new TypeError("nobody there"));
  const echo = new Echo({ ...options, fetch: nobody, attempts: 1_000_000 });
  found.unreachable = name(await echo.invoke({}, { timeoutSeconds: 0.3 }).catch((raised) => raised));
}

// Options that cannot be meant.
found.options = [{}, { url }, { apiKey, url: "here" }].map((wrong) => {
  try {
    return new Echo(wrong);
  } catch (error) {
    return error.message;
  }
});

process.stdout.write(JSON.stringify(found));
process.exit(0);
