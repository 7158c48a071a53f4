// The head of the page: what the artifact is.

const STATES = {
  DEPRECATED: ["deprecated", "It works, and will not for ever: call another version."],
  RETIRED: ["retired", "It takes no new calls. What runs goes on."],
};

/** `asked` is what the address names; where it is no id, the page follows an alias. */
function headerView(artifact, asked) {
  const isPipeline = artifact.mode === "PIPELINE";
  const [state, warning] = STATES[artifact.state] ?? [];
  const isPinned = asked === artifact.graph_id;
  const description = artifact.definition?.description;
  return h("header", { id: "overview" },
    h("p", { class: "eyebrow" }, isPipeline ? "Pipeline" : "Flow", ` · version ${artifact.version}`, state && [" · ", h("span", { class: "state", "data-state": artifact.state }, state)]),
    h("h1", { tabindex: "-1" }, artifact.flow),
    description && h("div", { class: "prose lead" }, prose(description)),
    warning && h("p", { class: "warning" }, h("strong", {}, `This version is ${state}. `), artifact.state_change?.reason || warning),
    h("dl", { class: "facts" },
      fact("Takes", h("code", {}, artifact.input_type)),
      fact("Gives", h("code", {}, artifact.output_type), isPipeline && h("span", { class: "mark" }, "a stream of them")),
      fact("gRPC service", h("code", {}, artifact.service), copyButton("the name of the service", () => artifact.service)),
      fact("Artifact", h("code", {}, artifact.graph_id), copyButton("the graph_id", () => artifact.graph_id)),
      fact("Compiled", timeElement(artifact.create_time))),
    !isPinned && h("p", { class: "remark" }, "This page follows ", h("code", {}, asked.includes("@") ? asked : `${asked}@live`), ". ",
      h("a", { href: docsPath(artifact) }, "The page of this version"), " never changes."));
}

function fact(name, ...values) {
  return h("div", {}, h("dt", {}, name), h("dd", {}, values));
}

function timeElement(time) {
  return h("time", { datetime: time }, new Date(time).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" }));
}
