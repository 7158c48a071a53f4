// Loads the artifact and puts the page together.

const main = byId("main");
const apiKey = new ApiKey();
const sections = new Sections();
const asked = namedByAddress();
let attempt = 0; // A key that is typed while an answer is under way makes that answer void.

async function start() {
  const own = ++attempt;
  if (!apiKey.value) return notice("This page shows an artifact of your account, so it needs your API key.");
  try {
    const artifact = await askJson(`${ARTIFACTS_PATH}/${encodeURIComponent(asked)}?view=FULL`);
    if (own === attempt) show(artifact);
  } catch (problem) {
    if (own === attempt) notice(refusal(problem));
  }
}

function refusal(problem) {
  if (problem.status === 401) return "The server does not know this API key.";
  if (problem.status === 404) return `There is no ${asked} in the account of this API key.`;
  return `The artifact could not be loaded: ${problem.message}`;
}

function notice(text) {
  byId("sections").replaceChildren();
  main.replaceChildren(h("div", { class: "notice", role: "alert" },
    h("p", {}, text),
    h("div", { class: "actions" },
      h("button", { type: "button", class: "primary", click: () => sections.focusKey() }, "Enter the API key"),
      apiKey.value && h("button", { type: "button", click: start }, "Try again"))));
}

function show(artifact) {
  const schema = askJson(documentPath(artifact, "schema.json")).then((raw) => new SchemaDocument(raw));
  const versions = versionsOf(artifact);
  const graph = new Graph(artifact);
  const run = new Run(artifact, asked, graph);
  offerExample(artifact, run, schema);
  const parts = [
    section("flow", "Flow", graph.elements),
    section("try", "Try it", run.elements),
    section("takes", "Input", schema.then((doc) => typeView(doc, "input"))),
    section("gives", artifact.mode === "PIPELINE" ? "Output, one a frame" : "Output", schema.then((doc) => typeView(doc, "output"))),
    hasSteering(artifact) && section("steering", "Pauses and signals", schema.then((doc) => steeringView(artifact, doc))),
    section("code", "Call it from elsewhere", run.code),
    section("changes", "Changes", versions.then((all) => changesView(artifact, all.filter((each) => each.version < artifact.version)))),
    section("versions", "Versions", Promise.all([versions, aliasesOf(artifact)]).then((found) => versionsView(artifact, ...found))),
    section("downloads", "Downloads", downloadsView(artifact)),
  ].filter(Boolean);
  const [flow, tryIt, takes, gives, ...rest] = parts;
  main.replaceChildren(h("article", {}, headerView(artifact, asked), flow, tryIt, h("div", { class: "pair" }, takes, gives), rest));
  sections.list(parts);
  document.title = `${artifact.flow} v${artifact.version} · Penstock`;
  for (const name of document.querySelectorAll("[data-name]")) name.textContent = artifact.flow;
  byId(location.hash.slice(1))?.scrollIntoView();
}

/** An example comes later than the form; what went wrong is told where the input is described. */
async function offerExample(artifact, run, schema) {
  const openapi = askJson(documentPath(artifact, "openapi.json")).catch(() => null);
  const doc = await schema.catch(() => null);
  run.offer(exampleInput(doc, await openapi), doc ? sensitiveMembers(doc) : []);
}

byId("key").addEventListener("change", start);
start();
