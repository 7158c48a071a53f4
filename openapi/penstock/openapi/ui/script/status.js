// The line that says how a call stands.

class StatusLine {
  element = h("p", { class: "status", role: "status" });

  /** `word` sets the colour, the first part stands out. */
  say(word, first, ...rest) {
    this.element.dataset.state = word;
    this.element.replaceChildren(h("strong", {}, first), ...rest.flatMap((part) => [" · ", part]));
  }
}
