// Shows the frames of a stream as they come.

const FRAME_LINE_CHARACTERS_MAX = 360; // About six lines of the list; so several frames are in view at once.
const SHOWN_FRAMES_MAX = 500; // The newest are kept: a stream can go on for hours.

/** The frames of a stream. They are put on the page once per picture, however fast they come. */
class FrameList {
  count = 0;
  onShown = () => {};
  #startedAt;
  #item;
  #waiting = [];
  #list = h("ol", { class: "frames", tabindex: "0", "aria-label": "Frames" });
  #dropped = h("p", { class: "remark", hidden: true });

  /** `item` makes the element of a frame. */
  constructor(startedAt, item = frameItem) {
    this.#startedAt = startedAt;
    this.#item = item;
    this.element = h("div", {}, h("h3", {}, "Frames"), this.#dropped, this.#list);
  }

  add(frame) {
    if (!this.#waiting.length) requestAnimationFrame(() => this.flush());
    this.#waiting.push({ ...frame, index: this.count, at: performance.now() - this.#startedAt });
    if (this.#waiting.length > SHOWN_FRAMES_MAX) this.#waiting.shift();
    this.count += 1;
  }

  /** Takes back the frames from this place on: their attempt is tried again. */
  takeBack(place) {
    this.flush();
    for (let left = this.count - place; left > 0 && this.#list.lastElementChild; left -= 1) {
      this.#list.lastElementChild.remove();
    }
    this.count = place;
    this.onShown();
  }

  flush() {
    if (!this.#waiting.length) return;
    const list = this.#list;
    const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 8;
    list.append(...this.#waiting.map(this.#item));
    this.#waiting = [];
    while (list.children.length > SHOWN_FRAMES_MAX) list.firstElementChild.remove();
    const dropped = this.count - list.children.length;
    this.#dropped.hidden = dropped === 0;
    this.#dropped.textContent = `${counted(dropped, "earlier frame")} no longer shown.`;
    if (isAtEnd) list.scrollTop = list.scrollHeight;
    this.onShown();
  }
}

function frameItem({ name, data, id, index, at }) {
  return h("li", { class: "frame" },
    h("p", { class: "frame-head" },
      h("span", { class: "frame-index" }, `#${index}`),
      name !== "message" && h("span", { class: "frame-name" }, name),
      id && h("span", {}, `id ${id}`),
      h("span", { class: "frame-time" }, `+${time(at)}`)),
    h("pre", {}, jsonCode(data, (text) => compactJson(text, FRAME_LINE_CHARACTERS_MAX))));
}
