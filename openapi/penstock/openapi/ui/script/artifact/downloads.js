// The documents of the artifact, each as a file. They need the key, so a plain link would not do.

/** [name, what it is, last part of its path, name of the file] of each. */
function downloads(artifact) {
  const stem = `${artifact.flow}-v${artifact.version}`;
  return [
    ["Python client", "Dataclasses and a client for pip.", "sdk/python", pythonArchive(artifact)],
    ["TypeScript client", "Types and a client for npm, without dependencies.", "sdk/typescript", typeScriptArchive(artifact)],
    ["Proto source", "Messages and services.", "proto", `${stem}.proto`],
    ["Descriptors", "A FileDescriptorSet, as protoc writes it.", "descriptors", `${stem}.binpb`],
    ["JSON Schema", "Input, output and frame.", "schema.json", `${stem}.schema.json`],
    ["OpenAPI", "The calls of this artifact over HTTP.", "openapi.json", `${stem}.openapi.json`],
    ["For language models", "All of it as plain text.", "llms.txt", `${stem}.llms.txt`],
    ["MCP tool", "Its definition as a tool.", "mcp.json", `${stem}.mcp.json`],
  ];
}

function downloadsView(artifact) {
  return [h("ul", { class: "index downloads" }, downloads(artifact).map(([name, what, kind, fileName]) => {
    const note = h("span", { class: "note", role: "status" });
    const button = h("button", { type: "button", class: "quiet", "aria-label": `Download ${name}`, click: async () => {
      note.textContent = "Fetching…";
      note.textContent = await download(documentPath(artifact, kind), fileName);
    } }, "Download");
    return h("li", {}, h("div", {}, h("strong", {}, name), " ", h("span", { class: "remark" }, what)), note, button);
  }))];
}

/** Hands a file to the browser; gives "" or what went wrong. */
async function download(path, fileName) {
  try {
    const url = URL.createObjectURL(await (await ask(path)).blob());
    h("a", { href: url, download: fileName }).click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000); // Browsers read it after the click.
    return "";
  } catch (problem) {
    return problem instanceof Refused && problem.isMissing ? "This server does not have it." : problem.message;
  }
}
