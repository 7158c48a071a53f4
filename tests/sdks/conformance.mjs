// Runs cases of conformance.json: { cases, url, nowhere, apiKey } in, what became of each out.

const given = JSON.parse(await new Response(process.stdin).text());

/** What JSON has no number for is written as protobuf JSON has it. */
function plain(name, value) {
  if (typeof value !== "number") return value;
  if (Object.is(value, -0)) return "-0";
  return Number.isFinite(value) ? value : String(value);
}

async function client(test) {
  const { Client } = await import(`penstock-${test.flow}`);
  const isNowhere = test.server === "none";
  const url = isNowhere ? given.nowhere : given.url;
  return new Client({ url, apiKey: test.api_key ?? given.apiKey, attempts: isNowhere ? 2 : 8 });
}

/** Returns when the run has come to an open pause. */
async function reachPause(flow, id) {
  const error = await flow.wait(id).catch((raised) => raised);
  if (error.name !== "Paused") throw error;
  const states = (await flow.pauses(id)).map(({ state }) => state);
  if (states.join() !== "OPEN") throw new Error(`pauses: expected an open one, got ${states}`);
}

async function perform(test, found) {
  const flow = await client(test);
  const options = {};
  if (test.request_id !== undefined) options.requestId = test.request_id;
  if (test.timeout_s !== undefined) options.timeoutSeconds = test.timeout_s;
  if (test.operation === "invoke") {
    found.output = await flow.invoke(test.input, options);
    return;
  }
  if (test.operation === "stream") {
    found.outputs = [];
    for await (const output of flow.stream(test.input, options)) found.outputs.push(output);
    return;
  }
  let { execution_id: id } = test;
  for (const step of test.operation.split("_")) {
    if (step === "start") id = (await flow.start(test.input, options)).executionId;
    else if (step === "paused") await reachPause(flow, id);
    else if (step === "approve") await flow.approve(id, test.pause, { comment: test.comment, value: test.value });
    else if (step === "reject") await flow.reject(id, test.pause, { comment: test.comment });
    else if (step === "fill") await flow.resumeWith(id, test.pause, test.value);
    else if (step === "signal") {
      const { name, payload } = test.signals.shift();
      await flow.signal(id, name, payload);
    } else if (step === "wait") found.output = await flow.wait(id);
    else if (step === "cancel") await flow.cancel(id);
    else {
      found.outputs = [];
      for await (const output of flow.resume(id)) found.outputs.push(output);
    }
  }
}

const results = [];
for (const test of given.cases) {
  const found = {};
  try {
    await perform(test, found);
  } catch (error) {
    const { name: type, message, code, reason, kind, node, violations } = error;
    found.error = { type, message, code, reason, kind, node, violations };
  }
  results.push(found);
}
process.stdout.write(JSON.stringify(results, plain));
