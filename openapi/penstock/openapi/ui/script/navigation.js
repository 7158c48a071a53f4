// The list of operations: choosing, searching, and opening it on a narrow screen.

class Navigation {
  #items = [];
  #side = byId("side");
  #menu = byId("menu");
  #search = byId("search");

  constructor() {
    this.#menu.addEventListener("click", () => this.#toggle(!this.isOpen));
    this.#search.addEventListener("input", () => this.#filter());
    byId("search-form").addEventListener("submit", (event) => { event.preventDefault(); this.#visible()[0]?.link.click(); });
    this.#side.addEventListener("keydown", (event) => this.#move(event));
    this.#side.addEventListener("click", (event) => { if (event.target.closest("a")) this.#toggle(false); });
    document.addEventListener("keydown", (event) => this.#shortcut(event));
  }

  get isOpen() {
    return this.#menu.getAttribute("aria-expanded") === "true";
  }

  fill(doc) {
    this.#items = [];
    byId("operations").replaceChildren(...doc.groups.map((group) => {
      const id = freshId("group");
      const list = h("ul", { "aria-labelledby": id }, group.operations.map((operation) => this.#item(operation)));
      return h("div", { class: "group" }, h("h2", { id }, sentence(group.name)), list);
    }));
  }

  #item(operation) {
    const link = h("a", { href: routeOf(operation) }, h("span", { class: "name" }, operation.title), " ", methodMark(operation.method));
    const item = h("li", {}, link);
    const text = [operation.title, operation.id, operation.path, operation.tag, operation.method, operation.description].join(" ").toLowerCase();
    this.#items.push({ item, link, text, id: operation.id });
    return item;
  }

  /** `id` null marks none. */
  mark(id) {
    for (const each of this.#items) {
      if (each.id === id) each.link.setAttribute("aria-current", "page");
      else each.link.removeAttribute("aria-current");
    }
    this.#items.find((each) => each.id === id)?.item.scrollIntoView({ block: "nearest" });
  }

  focusKey() {
    this.#toggle(true);
    byId("key").focus();
  }

  #toggle(isOpen) {
    this.#menu.setAttribute("aria-expanded", String(isOpen));
    this.#side.classList.toggle("open", isOpen);
  }

  #visible() {
    return this.#items.filter((each) => !each.item.hidden);
  }

  /** Every word has to be somewhere. */
  #filter() {
    const words = this.#search.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const each of this.#items) each.item.hidden = !words.every((word) => each.text.includes(word));
    for (const group of byId("operations").children) group.hidden = !group.querySelector("li:not([hidden])");
    byId("search-result").textContent = words.length ? counted(this.#visible().length, "operation") : "";
  }

  #move(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const visible = this.#visible();
    const at = visible.findIndex((each) => each.link === document.activeElement);
    const isInSearch = document.activeElement === this.#search;
    if (!step || (at < 0 && !isInSearch)) return;
    event.preventDefault();
    const target = visible[at + step]?.link ?? (step < 0 ? this.#search : null);
    target?.focus();
  }

  #shortcut(event) {
    if (event.key === "Escape" && this.isOpen) {
      this.#toggle(false);
      this.#menu.focus();
    } else if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !event.target.closest("input, textarea, select")) {
      event.preventDefault();
      this.#toggle(true);
      this.#search.select();
      this.#search.focus();
    }
  }
}

function routeOf(operation) {
  return `#/${encodeURIComponent(operation.id)}`;
}
