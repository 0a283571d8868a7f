// The frame around the views: navigation, the stream, colours.

import { get, remove } from "./api.js";
import { forget } from "./colors.js";
import { announce, fill, h, say } from "./dom.js";
import { Live } from "./live.js";
import { alertsView } from "./views/alerts.js";
import { deviceView } from "./views/device.js";
import { incidentView } from "./views/incident.js";
import { overviewView } from "./views/overview.js";
import { pipelineView } from "./views/pipeline.js";
import { answered } from "./views/shared.js";

const VIEWS = [
  [/^\/$/, overviewView, "overview"],
  [/^\/alerts$/, alertsView, "alerts"],
  [/^\/pipeline$/, pipelineView, "pipeline"],
  [/^\/devices\/(.+)$/, deviceView, "overview"],
  [/^\/incidents\/([0-9a-f]{32})$/, incidentView, "alerts"],
];

const main = document.getElementById("main");
const live = new Live();
let view = null;
let turn = 0;

async function show() {
  const [path, search] = (location.hash.slice(1) || "/").split("?");
  const [pattern, make, name] = VIEWS.find(([pattern]) => pattern.test(path)) ?? VIEWS[0];
  const mine = ++turn;
  view?.leave?.();
  view = null;
  for (const link of document.querySelectorAll(".nav a")) {
    if (link.dataset.view === name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const place = h("div", { class: "stack" });
  const context = { place, live, parameters: new URLSearchParams(search ?? ""), current: () => mine === turn };
  try {
    const made = await make(context, ...(pattern.exec(path)?.slice(1) ?? []).map(decodeURIComponent));
    if (mine !== turn) return made.leave?.();
    view = made;
    fill(main, place);
    view.shown?.();
    document.title = `${view.title} – Tocsin`;
  } catch (error) {
    if (mine !== turn) return;
    fill(main, h("div", { class: "card empty" }, h("h1", {}, "This cannot be shown"), h("p", {}, error.message),
      h("p", {}, h("a", { href: "#/" }, "Back to the overview"))));
  }
}

function navigate() {
  show().then(() => {
    main.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  });
}

live.addEventListener("state", ({ detail }) => {
  const words = { open: "Live", lost: "Reconnecting" };
  document.getElementById("live").dataset.state = detail.state;
  say(document.getElementById("live-words"), words[detail.state]);
  if (detail.again) view?.refresh?.();
});

for (const kind of ["health", "alert", "device", "gone", "tiles", "score"]) {
  live.addEventListener(kind, ({ detail }) => view?.[kind]?.(detail));
}

const opened = new Set();
live.addEventListener("alert", ({ detail }) => {
  if (detail.status !== "open" || opened.has(detail.incident)) return;
  opened.add(detail.incident);
  announce(`New incident on ${detail.device}: ${detail.label}`);
});
live.addEventListener("answer", ({ detail }) => answered(detail));

const THEMES = [["system", "◐"], ["light", "☀"], ["dark", "☾"]];
const themeButton = document.getElementById("theme");
function setTheme(name) {
  if (name === "system") {
    delete document.documentElement.dataset.theme;
    localStorage.removeItem("tocsin-theme");
  } else {
    document.documentElement.dataset.theme = name;
    localStorage.setItem("tocsin-theme", name);
  }
  themeButton.textContent = THEMES.find(([each]) => each === name)[1];
  themeButton.setAttribute("aria-label", `Colours: ${name === "system" ? "as the system" : name}`);
  forget();
}
themeButton.addEventListener("click", () => {
  const now = THEMES.findIndex(([name]) => name === (document.documentElement.dataset.theme ?? "system"));
  setTheme(THEMES[(now + 1) % THEMES.length][0]);
});
setTheme(document.documentElement.dataset.theme ?? "system");

get("/session").then((visitor) => {
  if (!visitor.login) return;
  const button = document.getElementById("logout");
  button.hidden = false;
  button.title = `Logged in as ${visitor.name}`;
  button.addEventListener("click", () => remove("/session").then(() => location.assign("/login")));
});

window.addEventListener("hashchange", navigate);
show();
