// Turns what is in a form into an HTTP request. `values` is {parameters: [{parameter, text}], body: text or null}.

const BODY_TYPE = "application/json";

/** {method, url, headers, body}: what fetch sends and what the curl line shows. */
function buildRequest(doc, operation, values, key) {
  const filled = values.parameters.filter(({ text }) => text !== "");
  const inPlace = (place) => filled.filter(({ parameter }) => parameter.in === place);
  const headers = {};
  if (key && operation.needsKey) headers.Authorization = `Bearer ${key}`;
  headers.Accept = accepted(operation);
  if (values.body !== null) headers["Content-Type"] = preferred(operation.body.content, BODY_TYPE)[0];
  for (const { parameter, text } of inPlace("header")) headers[parameter.name] = text;
  return {
    method: operation.method,
    url: doc.base + filledPath(operation.path, inPlace("path")) + query(doc, inPlace("query")),
    headers,
    body: values.body ?? undefined,
  };
}

function accepted(operation) {
  return preferred(success(operation)?.content, "text/event-stream", BODY_TYPE)?.[0] ?? BODY_TYPE;
}

/** A variable without a value stays as it is: the curl line then shows what is missing. */
function filledPath(path, filled) {
  const texts = new Map(filled.map(({ parameter, text }) => [parameter.name, text]));
  return path.replace(/\{([^{}]+)\}/g, (variable, name) => (texts.has(name) ? encodeURIComponent(texts.get(name)) : variable));
}

function query(doc, filled) {
  const pairs = filled.flatMap(({ parameter, text }) => {
    const texts = isRepeated(doc, parameter) ? text.split(",").map((each) => each.trim()) : [text];
    return texts.map((each) => `${encodeURIComponent(parameter.name)}=${encodeURIComponent(each)}`);
  });
  return pairs.length ? `?${pairs.join("&")}` : "";
}

function isRepeated(doc, parameter) {
  return flat(doc, parameter.schema ?? {}).type === "array";
}

/** A parameter's text as the JSON value of its type; the text itself where it does not fit, so that the server says why. */
function typed(doc, parameter, text) {
  if (isRepeated(doc, parameter)) return text.split(",").map((each) => each.trim());
  const { type } = flat(doc, parameter.schema ?? {});
  const types = [type].flat();
  if (types.includes("boolean") && /^(true|false)$/.test(text)) return text === "true";
  if (types.some((each) => each === "integer" || each === "number") && Number.isFinite(Number(text))) return Number(text);
  return text;
}
