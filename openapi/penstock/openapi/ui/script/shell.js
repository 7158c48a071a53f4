// What all commands for a shell share.

const COMMAND_LINE_CHARACTERS_MAX = 72; // What most terminals show beside the option.

function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** The header with the key; without a key the shell's own, under the name that the penstock command uses. */
function keyHeader(name, key) {
  return key ? quoted(`${name}: Bearer ${key}`) : `"${name}: Bearer $PENSTOCK_API_KEY"`;
}

/** HOST:PORT of the server's gRPC. */
function grpcAddress() {
  return document.documentElement.dataset.grpcAddress || `${location.hostname}:50051`;
}

/** How a grpcurl command begins. */
function grpcurlProgram() {
  return `grpcurl${location.protocol === "https:" ? "" : " -plaintext"}`;
}
