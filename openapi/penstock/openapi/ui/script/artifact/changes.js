// What this version changed for callers of an earlier one, and inside.

const VERDICTS = [["wire_breaking", "Protobuf callers"], ["json_breaking", "JSON callers"], ["source_breaking", "Code built with an SDK"]];
const LEVEL_WORDS = { WIRE: "protobuf", JSON: "JSON", SOURCE: "SDK code" };
const GRAPH_SIGNS = { ADDED: "+", REMOVED: "−", CHANGED: "~" };

/** `earlier` are the versions before, newest first. */
function changesView(artifact, earlier) {
  if (!earlier.length) return [h("p", { class: "remark" }, "This is the first version.")];
  const shown = h("div", { class: "changes" });
  const show = async (before) => shown.replaceChildren(...await changesSince(before, artifact));
  const picker = h("select", { id: "before", change: ({ target }) => show(earlier[target.value]) },
    earlier.map(({ version }, index) => h("option", { value: String(index) }, `version ${version}`)));
  show(earlier[0]);
  return [h("p", { class: "since" }, h("label", { for: "before" }, "Since "), picker), shown];
}

async function changesSince(before, after) {
  try {
    const diff = await askJson(`${ARTIFACTS_PATH}:diff?before=${before.graph_id}&after=${after.graph_id}`);
    return diffView(diff);
  } catch (problem) {
    return [unavailable(problem)];
  }
}

function diffView({ changes = [], graph_changes: graphChanges = [], pinned = [], ...diff }) {
  return [
    h("ul", { class: "verdicts" }, VERDICTS.map(([name, who]) => h("li", { "data-breaks": String(Boolean(diff[name])) },
      h("span", {}, who), " ", h("strong", {}, diff[name] ? "✕ broken" : "✓ unaffected")))),
    changes.length > 0 && h("ul", { class: "index listed" }, foundAlike(changes).map(changeItem)),
    graphChanges.length > 0 && [h("h3", {}, "Inside"), h("ul", { class: "inside" }, graphChanges.map(({ kind, subject, message }) => h("li", {},
      h("span", { class: "sign", role: "img", "aria-label": kind.toLowerCase() }, GRAPH_SIGNS[kind] ?? "~"), " ", h("strong", {}, subject), message && `: ${message}`)))],
    !changes.length && !graphChanges.length && h("p", { class: "remark" }, "Nothing that callers or the graph would show."),
    pinned.map(({ version, execution_count: count }) => h("p", { class: "remark" }, `${counted(count, "execution")} of version ${version} not ended yet: what runs stays with its version.`)),
  ].flat(Infinity).filter(Boolean);
}

/** What several rules find about one thing, as one: [[change, …], …]. */
function foundAlike(changes) {
  return [...Map.groupBy(changes, ({ path, message }) => `${path} ${message}`).values()];
}

function changeItem(alike) {
  const [{ path, message }] = alike;
  const levels = [...new Set(alike.flatMap((each) => each.levels ?? []))];
  return h("li", {},
    h("p", { class: "field-head" }, h("code", { class: "field-name" }, path), " ", levels.map((level) => [h("span", { class: "mark" }, LEVEL_WORDS[level] ?? level), " "])),
    h("p", {}, message),
    h("p", { class: "remark" }, alike.map(({ rule }) => rule).join(" · ")));
}
