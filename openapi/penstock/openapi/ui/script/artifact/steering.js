// The pauses and signals of the artifact: what they take, and how to decide and to send them from elsewhere.

const EXECUTION_ID = "EXECUTION_ID";

/** The method of the typed service, as the server names it. */
function methodName(act, name) {
  return act + name.replace(/(?:^|_)([a-z])/g, (_, letter) => letter.toUpperCase());
}

/** Pauses of the artifact's own graph; those of sub-flows are with the flows that they belong to. */
function pausesOf({ plan }) {
  return (plan?.nodes ?? []).filter(({ pause }) => pause);
}

/** [{name, type}], each once, by name. */
function signalsOf({ plan }) {
  const all = (plan?.nodes ?? []).flatMap(({ signals }) => signals ?? []);
  return [...new Map(all.map((signal) => [signal.name, signal])).values()].toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

function hasSteering(artifact) {
  return pausesOf(artifact).length + signalsOf(artifact).length > 0;
}

function steeringView(artifact, doc) {
  const { pauses, signals } = doc.raw.properties;
  return [
    pausesOf(artifact).map((node) => pauseView(artifact, doc, node, pauses.properties[node.name])),
    signalsOf(artifact).map((signal) => signalView(artifact, doc, signal, signals.properties[signal.name])),
  ];
}

function pauseView(artifact, doc, { name, pause, input_type: taken, output_type: given }, schema) {
  const value = sample(doc, schema);
  const needsValue = taken !== given;
  const body = { comment: "As agreed.", ...(needsValue ? { value } : {}) };
  const recipes = recipesOf(artifact, {
    method: methodName("Approve", name), message: body, path: `/pauses/${name}:approve`, body,
    python: `await client.approve(execution_id, "${name}", comment="As agreed."${needsValue ? ", value=value" : ""})`,
    typeScript: `await client.approve(executionId, "${name}", ${JSON.stringify(body)});`,
  });
  return h("section", { class: "steering", "aria-label": `Pause ${name}` },
    h("h3", {}, "Pause ", h("code", {}, name)),
    pause.prompt && h("p", {}, pause.prompt),
    h("dl", { class: "facts" },
      fact("Routes", h("ul", {}, ["approve", "reject", "resume"].map((verb) => h("li", {}, h("code", {}, `POST …/executions/{id}/pauses/${name}:${verb}`))))),
      fact("Value", h("code", {}, given), needsValue ? "needed to approve" : "the pause's input unless given")),
    schemaView(doc, schema),
    recipes.element);
}

function signalView(artifact, doc, { name, type }, schema) {
  const body = sample(doc, schema);
  const recipes = recipesOf(artifact, {
    method: methodName("Signal", name), message: { payload: body }, path: `/signals/${name}`, body,
    python: `await client.signal(execution_id, "${name}", payload)`,
    typeScript: `await client.signal(executionId, "${name}", ${JSON.stringify(body)});`,
  });
  return h("section", { class: "steering", "aria-label": `Signal ${name}` },
    h("h3", {}, "Signal ", h("code", {}, name)),
    h("dl", { class: "facts" },
      fact("Route", h("code", {}, `POST …/executions/{id}/signals/${name}`)),
      fact("Says", h("code", {}, type))),
    schemaView(doc, schema),
    recipes.element);
}

/** `message` is the request over gRPC without the execution, `body` that over HTTP. */
function recipesOf({ service }, { method, message, path, body, python, typeScript }) {
  const line = (value) => quoted(compactJson(JSON.stringify(value), COMMAND_LINE_CHARACTERS_MAX));
  const recipes = new Recipes({
    curl: (key) => [
      `curl -sS -X POST ${quoted(`${location.origin}${EXECUTIONS_PATH}/${EXECUTION_ID}${path}`)}`,
      `-H ${keyHeader("Authorization", key)}`, `-H 'Content-Type: ${JSON_TYPE}'`, `-d ${line(body)}`,
    ].join(" \\\n  "),
    grpcurl: (key) => [
      grpcurlProgram(), `-H ${keyHeader("authorization", key)}`,
      `-d ${line({ execution_id: EXECUTION_ID, ...message })}`, `${grpcAddress()} ${service}/${method}`,
    ].join(" \\\n  "),
    Python: () => python,
    TypeScript: () => typeScript,
  });
  apiKey.onChange(() => recipes.update());
  return recipes;
}
