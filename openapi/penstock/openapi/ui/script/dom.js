// Builds elements from text alone: nothing in this page is ever parsed as HTML.

/** An element. A function among the attributes listens to the event of that name; false and null leave one out. */
function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child != null && child !== false && child !== ""));
  return element;
}

const byId = (id) => document.getElementById(id);

let nextId = 0;

/** An id nothing else on the page has. */
function freshId(stem) {
  nextId += 1;
  return `${stem}-${nextId}`;
}

/** "1 frame", "2 frames". */
function counted(count, noun) {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}

/** The little Markdown of proto comments: `code` and **strong** within a line. */
function inline(text) {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*)/).map((part) => {
    if (/^`.+`$/.test(part)) return h("code", {}, part.slice(1, -1));
    if (/^\*\*.+\*\*$/.test(part)) return h("strong", {}, part.slice(2, -2));
    return part;
  });
}

/** Paragraphs and "- " lists. */
function prose(text) {
  return text.trim().split(/\n\s*\n/).filter(Boolean).flatMap((block) => {
    const blocks = [];
    for (const line of block.split("\n").map((each) => each.trim())) {
      const last = blocks.at(-1);
      const item = /^[-*] +(.*)/.exec(line);
      if (item && last?.items) last.items.push(item[1]);
      else if (item) blocks.push({ items: [item[1]] });
      else if (last?.items) last.items.push(`${last.items.pop()} ${line}`);
      else if (last) last.text += ` ${line}`;
      else blocks.push({ text: line });
    }
    return blocks.map((each) => each.items
      ? h("ul", {}, each.items.map((item) => h("li", {}, inline(item))))
      : h("p", {}, inline(each.text)));
  });
}

/** A button that copies what `text()` gives and says so. `what` names it for those who cannot see where it stands. */
function copyButton(what, text) {
  const button = h("button", { type: "button", class: "quiet", "aria-label": `Copy ${what}`, click: async () => {
    const copied = await copy(text());
    button.textContent = copied ? "Copied" : "Not allowed";
    announce(copied ? `Copied ${what}` : "The browser does not allow copying here");
  }, blur: () => { button.textContent = "Copy"; }, pointerleave: () => { button.textContent = "Copy"; } }, "Copy");
  return button;
}

/** Copies; the older way serves pages that come over plain HTTP from another machine, where there is no clipboard API. */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = h("textarea", { class: "unseen", "aria-hidden": "true", tabindex: "-1" });
    const focused = document.activeElement;
    area.value = text;
    document.body.append(area);
    area.select();
    const copied = document.execCommand("copy");
    area.remove();
    focused?.focus();
    return copied;
  }
}

const announcer = h("p", { class: "unseen", role: "status" });

/** Says something to screen readers that others see anyway. */
function announce(text) {
  if (!announcer.isConnected) document.body.append(announcer);
  announcer.textContent = text;
}
