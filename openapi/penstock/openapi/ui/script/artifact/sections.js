// The parts of the page and the list of them at the side.

/** A part with its heading. Its content may come later: a promise is shown when it is there, or what kept it away. */
function section(id, title, content) {
  const body = h("div", { class: "section-body" });
  const fill = (elements) => body.replaceChildren(...[elements].flat(Infinity).filter(Boolean));
  if (content instanceof Promise) {
    fill(h("p", { class: "remark" }, "Loading…"));
    content.then(fill, (problem) => fill(unavailable(problem)));
  } else fill(content);
  return h("section", { id, "aria-labelledby": `${id}-heading` }, h("h2", { id: `${id}-heading`, tabindex: "-1" }, title), body);
}

/** One line in place of what could not be loaded. */
function unavailable(problem) {
  const why = problem instanceof Refused && problem.isMissing ? "this server does not have it." : problem.message;
  return h("p", { class: "remark" }, `Not available: ${why}`);
}

class Sections {
  #side = byId("side");
  #menu = byId("menu");
  #watch = null;

  constructor() {
    this.#menu.addEventListener("click", () => this.#toggle(!this.#side.classList.contains("open")));
    this.#side.addEventListener("click", (event) => { if (event.target.closest("a")) this.#toggle(false); });
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.#side.classList.contains("open")) return;
      this.#toggle(false);
      this.#menu.focus();
    });
  }

  focusKey() {
    this.#toggle(true);
    byId("key").focus();
  }

  /** Lists the parts, and marks the one in view. */
  list(parts) {
    const links = new Map(parts.map((part) => [part, h("a", { href: `#${part.id}` }, part.querySelector("h2").textContent)]));
    byId("sections").replaceChildren(h("ul", { class: "group" }, [...links.values()].map((link) => h("li", {}, link))));
    this.#watch?.disconnect();
    this.#watch = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        if (isIntersecting) for (const [part, link] of links) link.toggleAttribute("data-seen", part === target);
      }
    }, { rootMargin: "-15% 0px -75%" });
    for (const part of parts) this.#watch.observe(part);
  }

  #toggle(isOpen) {
    this.#menu.setAttribute("aria-expanded", String(isOpen));
    this.#side.classList.toggle("open", isOpen);
  }
}
