// Keeps the API key: in the field, and in the tab's session storage, never longer.

const KEY_STORED_AS = "penstock.api_key";

class ApiKey {
  #field = byId("key");
  #given = document.documentElement.dataset.apiKey;
  #listeners = [];

  constructor() {
    this.#field.value = this.#remembered() ?? this.#given;
    this.#field.addEventListener("input", () => {
      this.#remember();
      for (const listener of this.#listeners) listener();
    });
    byId("key-form").addEventListener("submit", (event) => event.preventDefault());
    byId("key-show").addEventListener("click", ({ currentTarget: button }) => {
      const isShown = this.#field.type === "text";
      this.#field.type = isShown ? "password" : "text";
      button.textContent = isShown ? "Show" : "Hide";
      button.setAttribute("aria-pressed", String(!isShown));
    });
  }

  /** "" when there is none. */
  get value() {
    return this.#field.value.trim();
  }

  /** The key as it may be seen. Never equal to a key, so that it can be found and replaced in a copied text. */
  get masked() {
    return `${this.value.slice(0, 4)}••••••••`;
  }

  onChange(listener) {
    this.#listeners.push(listener);
  }

  /** A key typed over another given one does not outlive a server that gives a new one. */
  #remembered() {
    try {
      const stored = JSON.parse(sessionStorage.getItem(KEY_STORED_AS));
      return stored?.given === this.#given ? stored.key : null;
    } catch {
      return null; // Storage is switched off, or holds something else.
    }
  }

  #remember() {
    try {
      sessionStorage.setItem(KEY_STORED_AS, JSON.stringify({ given: this.#given, key: this.#field.value }));
    } catch {
      // Storage is switched off: the key lives as long as the page.
    }
  }
}
