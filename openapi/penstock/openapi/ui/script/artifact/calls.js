// The ways to call the artifact, as requests of this page and as code for elsewhere.

const INVOKE_PATH = "/invocations/v1/flows/invoke";
const STREAM_PATH = "/invocations/v1/flows/invoke/stream";
const PYTHON_WORDS = { true: "True", false: "False", null: "None" };

const WAYS = {
  invoke: { name: "Invoke", says: "Waits for the output.", path: INVOKE_PATH, members: { wait: true } },
  stream: { name: "Stream", says: "Shows each frame as it comes.", path: STREAM_PATH, members: {} },
  start: { name: "Start", says: "Answers as soon as the execution is on record.", path: INVOKE_PATH, members: { wait: false } },
};

/** Names of the ways to call it, the usual one first. */
function waysToCall({ mode }) {
  return mode === "PIPELINE" ? ["stream"] : ["invoke", "stream", "start"];
}

class Calls {
  #artifact;
  #asked;
  #target;
  #service;

  constructor(artifact, asked) {
    this.#artifact = artifact;
    this.#asked = asked;
    const isPinned = asked === artifact.graph_id;
    this.#target = isPinned ? { graph_id: artifact.graph_id } : { flow: asked };
    // The service without a version is that of `live`; other aliases have none.
    this.#service = isPinned || asked !== artifact.flow ? artifact.service : artifact.service.replace(/\.v\d+\./, ".");
  }

  /** The body of a request; the input goes in as it was typed, so that no digit is lost. */
  body(way, input) {
    const members = Object.entries({ ...this.#target, input: null, ...WAYS[way].members });
    return `{${members.map(([name, value]) => `"${name}":${name === "input" ? input : JSON.stringify(value)}`).join(",")}}`;
  }

  /** Name of a tool -> what writes the call for a key, "" for none. `state()` is {way, input}. */
  recipes(state) {
    const writers = { curl: this.#curl, grpcurl: this.#grpcurl, Python: this.#python, TypeScript: this.#typeScript };
    return Object.fromEntries(Object.entries(writers).map(([tool, write]) => [tool, (key) => {
      const { way, input } = state();
      return write.call(this, way, isJson(input) ? input : "{}", key);
    }]));
  }

  #curl(way, input, key) {
    return [
      `curl -sS${way === "stream" ? "N" : ""} -X POST ${quoted(location.origin + WAYS[way].path)}`,
      `-H ${keyHeader("Authorization", key)}`,
      `-H 'Content-Type: ${JSON_TYPE}'`,
      `-d ${quoted(compactJson(this.body(way, input), COMMAND_LINE_CHARACTERS_MAX))}`,
    ].join(" \\\n  ");
  }

  #grpcurl(way, input, key) {
    return [
      grpcurlProgram(),
      `-H ${keyHeader("authorization", key)}`,
      `-d ${quoted(compactJson(input, COMMAND_LINE_CHARACTERS_MAX))}`,
      `${grpcAddress()} ${this.#service}/${WAYS[way].name}`,
    ].join(" \\\n  ");
  }

  #python(way, input, key) {
    const given = laidOut(input, 12, (word) => PYTHON_WORDS[word]);
    const secret = key ? JSON.stringify(key) : 'os.environ["PENSTOCK_API_KEY"]';
    const lines = {
      invoke: ["print(await client.invoke(given))"],
      stream: ["async for output in client.stream(given):", "    print(output)"],
      start: ["run = await client.start(given)", "print(run.execution_id)"],
    }[way];
    return [
      `# penstock sdk ${this.#asked} --language python --out . && pip install ./${pythonArchive(this.#artifact)}`,
      "import asyncio",
      ...(key ? [] : ["import os"]),
      "",
      `from penstock_${this.#artifact.flow} import Client, Input`,
      "", "",
      "async def main() -> None:",
      `    async with Client(${JSON.stringify(grpcAddress())}, ${secret}) as client:`,
      `        given = Input.from_dict(${given})`,
      ...lines.map((line) => `        ${line}`),
      "", "",
      "asyncio.run(main())",
    ].join("\n");
  }

  #typeScript(way, input, key) {
    const secret = key ? JSON.stringify(key) : 'process.env.PENSTOCK_API_KEY ?? ""';
    // Within the call the compiler knows which words an enum has.
    const given = laidOut(input, 0);
    const call = {
      invoke: [`console.log(await client.invoke(${given}));`],
      stream: [`for await (const output of client.stream(${given})) console.log(output);`],
      start: [`const { executionId } = await client.start(${given});`, "console.log(executionId);"],
    }[way];
    return [
      `// penstock sdk ${this.#asked} --language typescript --out . && npm install ./${typeScriptArchive(this.#artifact)}`,
      `import { Client } from "penstock-${this.#artifact.flow}";`,
      "",
      `const client = new Client({ url: ${JSON.stringify(location.origin)}, apiKey: ${secret} });`,
      ...call,
    ].join("\n");
  }
}

/** JSON as a literal of another language: on one line if that is short, else indented so far. */
function laidOut(json, indent, word = (each) => each) {
  const oneLine = jsonPieces(json, false);
  const isShort = oneLine.reduce((length, [, piece]) => length + piece.length, 0) <= COMMAND_LINE_CHARACTERS_MAX - indent;
  const pieces = isShort ? oneLine : jsonPieces(json, true);
  const text = pieces.map(([kind, piece]) => (kind === "json-word" ? word(piece) : piece)).join("");
  return text.replaceAll("\n", `\n${" ".repeat(Math.max(0, indent - 4))}`);
}

function pythonArchive({ flow, version }) {
  return `penstock_${flow}-0.${version}.0.tar.gz`;
}

function typeScriptArchive({ flow, version }) {
  return `penstock-${flow}-0.${version}.0.tgz`;
}
