// Server-sent events, as the HTML standard says they are read.

/** The events of a body as { id, name, data }. An event without an id has that of the one before, "" at first. */
export async function* readEvents(body, heard) {
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let rest = "";
  let id = "";
  let name = "";
  let data = [];
  try {
    for (;;) {
      const { done, value: chunk } = await reader.read();
      if (done) return;
      heard();
      const text = decoder.decode(chunk, { stream: true });
      rest += text;
      if (!/[\r\n]/.test(text)) continue;
      // A line may end in \r\n: a \r at the end of what is there waits for the rest.
      const lines = rest.split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop();
      for (const line of lines) {
        if (line === "") {
          if (data.length > 0) yield { id, name: name || "message", data: data.join("\n") };
          name = "";
          data = [];
          continue;
        }
        const colon = line.indexOf(":");
        const field = colon < 0 ? line : line.slice(0, colon);
        const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
        if (field === "data") data.push(value);
        else if (field === "event") name = value;
        else if (field === "id" && !value.includes("\0")) id = value;
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
