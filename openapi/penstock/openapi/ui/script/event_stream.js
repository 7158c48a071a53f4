// Reads text/event-stream as the HTML standard says (9.2.6). EventSource cannot send a body or a key, so it is no help.

class EventStreamParser {
  #rest = "";
  #afterCarriageReturn = false;
  #fresh = true;
  #name = "";
  #data = [];
  #id = "";
  #onEvent;

  /** `onEvent` gets {name, data, id} for each event that has data; name is "message" when the stream gave none. */
  constructor(onEvent) {
    this.#onEvent = onEvent;
  }

  /** Takes the next piece of the stream, cut anywhere. */
  push(text) {
    if (text === "") return;
    if (this.#fresh && text[0] === "\uFEFF") text = text.slice(1);
    this.#fresh = false;
    if (this.#afterCarriageReturn && text[0] === "\n") text = text.slice(1);
    this.#afterCarriageReturn = text.endsWith("\r");
    const lines = (this.#rest + text).split(/\r\n|\n|\r/);
    this.#rest = lines.pop();
    for (const line of lines) this.#take(line);
  }

  #take(line) {
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    if (colon === 0) return;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "data") this.#data.push(value);
    else if (field === "event") this.#name = value;
    else if (field === "id" && !value.includes("\0")) this.#id = value;
  }

  #dispatch() {
    if (this.#data.length) this.#onEvent({ name: this.#name || "message", data: this.#data.join("\n"), id: this.#id });
    this.#data = [];
    this.#name = "";
  }
}

/** Hands the events of a streaming response to `onEvent` as they come; returns when it has ended. */
async function readEvents(response, onEvent) {
  const parser = new EventStreamParser(onEvent);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) parser.push(piece.value);
}
