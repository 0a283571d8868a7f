// Elements without HTML text: what comes from devices, people or models only ever becomes a text node.

export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "class") element.className = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "data") Object.assign(element.dataset, value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === undefined || child === null || child === false) continue;
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

export function fill(element, ...children) {
  element.replaceChildren();
  append(element, children);
  return element;
}

// Sets text only where it changed, so that a screen reader is not told the same again.
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// What may be wider than the page scrolls by itself, with the keyboard, too.
export function scrolling(...children) {
  return h("div", { class: "table-wrap", tabindex: 0, role: "group", "aria-label": "Table" }, ...children);
}

export function badge(word, kind = word) {
  return h("span", { class: `badge ${kind}` }, String(word).replaceAll("_", " "));
}

export function meter(share, kind = "") {
  const bar = h("i");
  bar.style.width = `${Math.max(0, Math.min(1, share)) * 100}%`;
  return h("div", { class: `meter ${kind}`, "aria-hidden": "true" }, bar);
}

export function toast(text, kind = "") {
  const box = h("div", { class: `toast ${kind}` }, text);
  document.getElementById("toasts").append(box);
  setTimeout(() => box.remove(), kind === "bad" ? 9000 : 5000);
}

export function announce(text) {
  const log = document.getElementById("announcer");
  log.append(h("p", {}, text));
  while (log.children.length > 5) log.firstChild.remove();
}

// Asks for a line of text in a dialog; gives null when it was cancelled.
export function ask(title, { note = false, submit = "Send", choices = null } = {}) {
  return new Promise((resolve) => {
    const text = note ? h("textarea", { name: "note", maxlength: 1000 }) : null;
    const select = choices ? h("select", { name: "choice" }, choices.map(([value, word]) => h("option", { value }, word))) : null;
    const form = h("form", { method: "dialog" },
      h("h2", {}, title),
      select && h("label", {}, "For how long", select),
      text && h("label", {}, "Note (may be left empty)", text),
      h("div", { class: "buttons" },
        h("button", { class: "button primary", value: "ok" }, submit),
        h("button", { class: "button", value: "cancel", formnovalidate: true }, "Cancel")));
    const dialog = h("dialog", { "aria-label": title }, form);
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "ok" ? { note: text?.value.trim() || null, choice: select?.value ?? null } : null);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
