// The versions of the flow, with what aliases point at them.

const VERSIONS_MAX = 1000; // What one page of the list holds.

/** All versions of a flow, newest first. */
async function versionsOf({ flow }) {
  const { artifacts = [] } = await askJson(`${ARTIFACTS_PATH}?flow=${flow}&page_size=${VERSIONS_MAX}`);
  return artifacts.toSorted((one, other) => other.version - one.version);
}

/** graph_id -> words about the aliases that point at it. Empty where the server tells of none. */
async function aliasesOf({ flow }) {
  const { aliases = [] } = await askJson(`${FLOWS_PATH}/${flow}/aliases`).catch(() => ({}));
  const pairs = aliases.flatMap(({ alias, targets = [] }) => targets.map(({ graph_id: graphId, weight }) => [graphId, targets.length > 1 ? `${alias} ${weight} %` : alias]));
  return Map.groupBy(pairs, ([graphId]) => graphId);
}

function versionsView(artifact, versions, aliases) {
  return [h("div", { class: "scroller" }, h("table", {},
    h("caption", { class: "unseen" }, `Versions of ${artifact.flow}`),
    h("thead", {}, h("tr", {}, ["Version", "State", "Aliases", "Compiled"].map((name) => h("th", { scope: "col" }, name)))),
    h("tbody", {}, versions.map((each) => {
      const isThis = each.graph_id === artifact.graph_id;
      return h("tr", {},
        h("th", { scope: "row" }, h("a", { href: docsPath(each), "aria-current": isThis && "page" }, `v${each.version}`), isThis && h("span", { class: "field-type" }, " this one")),
        h("td", {}, h("span", { class: "state", "data-state": each.state }, (each.state ?? "ACTIVE").toLowerCase())),
        h("td", {}, (aliases.get(each.graph_id) ?? []).map(([, words]) => [h("span", { class: "mark" }, words), " "])),
        h("td", {}, timeElement(each.create_time)));
    })))),
  ];
}
