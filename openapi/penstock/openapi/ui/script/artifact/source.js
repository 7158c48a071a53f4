// Asks the server about the artifact that the page's address names.

const ARTIFACTS_PATH = "/flows/v1/artifacts";
const FLOWS_PATH = "/flows/v1/flows";
const EXECUTIONS_PATH = "/invocations/v1/executions";
const JSON_TYPE = "application/json";

/** What the address names: the id of an artifact, or a flow, optionally flow@alias. */
function namedByAddress() {
  const [, graphId, flow] = /\/flows\/(?:v1\/artifacts\/([^/]+)|([^/]+))\/docs\/?$/.exec(location.pathname);
  return decodeURIComponent(graphId ?? flow);
}

/** An answer that is an error. `violations` is [{field, description}]. */
class Refused extends Error {
  constructor(response, body) {
    super(body?.error ?? statusText(response));
    this.status = response.status;
    this.violations = body?.details?.violations ?? [];
  }

  static async of(response) {
    const text = await response.text();
    return new Refused(response, isJson(text) ? JSON.parse(text) : null);
  }

  /** Whether this server, or this version of it, does not have what was asked for. */
  get isMissing() {
    return this.status === 404 || this.status === 501;
  }
}

/** The response, if it is no error. Throws Refused, and TypeError when there is none. */
async function ask(path, options = {}) {
  const authorization = apiKey.value ? { Authorization: `Bearer ${apiKey.value}` } : {};
  const response = await fetch(path, { ...options, headers: { ...authorization, ...options.headers } });
  if (!response.ok) throw await Refused.of(response);
  return response;
}

async function askJson(path, options) {
  return (await ask(path, options)).json();
}

function documentPath(artifact, kind) {
  return `${ARTIFACTS_PATH}/${artifact.graph_id}/${kind}`;
}

function docsPath(artifact) {
  return documentPath(artifact, "docs");
}
