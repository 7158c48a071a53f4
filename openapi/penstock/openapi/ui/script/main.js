// Loads the document and shows what the address names: an operation, or the list of all.

const main = byId("main");
const { openapiUrl } = document.documentElement.dataset;
const pageTitle = document.title;
const apiKey = new ApiKey();
const navigation = new Navigation();
const views = new Map();

/** The document; throws an Error with one sentence for a person. */
async function load() {
  const headers = apiKey.value ? { Authorization: `Bearer ${apiKey.value}` } : {};
  const response = await fetch(openapiUrl, { headers });
  if (!response.ok) throw new Error(`${openapiUrl} answered ${statusText(response)}.`);
  return new ApiDocument(await response.json());
}

async function start() {
  try {
    const doc = await load();
    navigation.fill(doc);
    addEventListener("hashchange", () => show(doc)?.focus({ preventScroll: true }));
    show(doc);
  } catch (problem) {
    main.replaceChildren(h("div", { class: "notice", role: "alert" },
      h("p", {}, `The API description could not be loaded. ${problem.message}`),
      h("button", { type: "button", click: start }, "Try again")));
  }
}

/** Shows the view of the address and returns its heading; null when the address is a place within the page. */
function show(doc) {
  if (location.hash && !location.hash.startsWith("#/")) return null;
  const [route, given] = location.hash.split("?");
  rememberIds(Object.fromEntries(new URLSearchParams(given)));
  const operation = doc.operations.find((each) => routeOf(each) === route);
  const view = operation ? operationView(doc, operation) : overview(doc);
  main.replaceChildren(view.element);
  view.refresh?.();
  navigation.mark(operation?.id ?? null);
  document.title = operation ? `${operation.title} · ${pageTitle}` : pageTitle;
  scrollTo(0, 0);
  return view.heading;
}

/** Made once: what was typed and what came back stay while one looks elsewhere. */
function operationView(doc, operation) {
  if (!views.has(operation.id)) views.set(operation.id, new OperationView(doc, operation));
  return views.get(operation.id);
}

function overview(doc) {
  const { info, components } = doc.raw;
  const schemes = Object.values(components?.securitySchemes ?? {}).map((each) => doc.resolve(each));
  const heading = h("h1", { tabindex: "-1" }, info.title);
  return { heading, element: h("article", { class: "overview" },
    h("header", {},
      h("p", { class: "eyebrow" }, `Version ${info.version}`),
      heading,
      info.summary && h("p", { class: "lead" }, inline(info.summary)),
      info.description && h("div", { class: "prose lead" }, prose(info.description)),
      h("p", { class: "traits" }, h("a", { href: openapiUrl }, "OpenAPI document"), h("span", {}, "Base ", h("code", {}, doc.base)))),
    schemes.some((each) => each.description) && h("section", {}, h("h2", {}, "Authentication"), h("div", { class: "prose" }, schemes.flatMap((each) => prose(each.description ?? "")))),
    doc.groups.map(groupSection)) };
}

function groupSection({ name, description: said, operations }) {
  return h("section", {},
    h("h2", {}, sentence(name)),
    said && h("div", { class: "prose" }, prose(said)),
    h("ul", { class: "index" }, operations.map((operation) => h("li", {},
      h("a", { href: routeOf(operation) },
        h("span", { class: "name" }, operation.title), " ",
        h("span", { class: "route" }, methodMark(operation.method), pathCode(operation.path)))))));
}

byId("skip").addEventListener("click", (event) => {
  event.preventDefault(); // The address says which operation is shown; it must stay.
  main.focus();
});
start();
