// Writes the call of an operation as a line for a shell.

function curl(doc, operation, values, key) {
  const request = buildRequest(doc, operation, values, null);
  const verb = request.method === "GET" ? "" : ` -X ${request.method}`;
  const parts = [`curl -sS${isStream(operation) ? "N" : ""}${verb}`, quoted(request.url)];
  if (operation.needsKey) parts.push(`-H ${keyHeader("Authorization", key)}`);
  for (const [name, value] of Object.entries(request.headers)) {
    if (name !== "Accept") parts.push(`-H ${quoted(`${name}: ${value}`)}`);
  }
  if (request.body !== undefined) parts.push(`-d ${quoted(isJson(request.body) ? compactJson(request.body, COMMAND_LINE_CHARACTERS_MAX) : request.body)}`);
  return parts.join(" \\\n  ");
}

/** null when the document does not name the operation's RPC. */
function grpcurl(doc, operation, values, key) {
  const { service, method } = operation.grpc ?? {};
  if (!service || !method) return null;
  const parts = [grpcurlProgram()];
  if (operation.needsKey) parts.push(`-H ${keyHeader("authorization", key)}`);
  const message = grpcMessage(doc, operation, values);
  if (message !== "{}") parts.push(`-d ${quoted(message)}`);
  parts.push(`${grpcAddress()} ${service.includes(".") ? service : `penstock.v1.${service}`}/${method}`);
  return parts.join(" \\\n  ");
}

/** The request message as JSON: the body's members, then path and query by their field paths. Headers stay out. */
function grpcMessage(doc, operation, values) {
  const message = {};
  if (values.body !== null) {
    const body = isJson(values.body) ? JSON.parse(values.body) : {};
    const member = operation.grpc.body ?? "*";
    if (member === "*") Object.assign(message, body);
    else if (operation.grpc.body_bytes) message[member] = base64(values.body);
    else message[member] = body;
  }
  for (const { parameter, text } of values.parameters) {
    if (text !== "" && parameter.in !== "header") place(message, parameter.name.split("."), typed(doc, parameter, text));
  }
  return compactJson(JSON.stringify(message), COMMAND_LINE_CHARACTERS_MAX);
}

function base64(text) {
  return btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(""));
}

function place(message, [first, ...rest], value) {
  if (!rest.length) message[first] = value;
  else place(message[first] ??= {}, rest, value);
}
