// All alerts: filtered, searched, a page at a time however many there are, exported.

import { BASE, get, query } from "../api.js";
import { badge, fill, h, say, scrolling } from "../dom.js";
import { lasted, several } from "../format.js";
import { deviceLink, KINDS, SEVERITIES, STATUSES, time } from "./shared.js";

const PAGE = 50;

export async function alertsView({ place, live, parameters, current }) {
  const form = makeFilters(parameters, (now) => { cursors = [null]; load().catch(failed); if (now) keepAddress(); });
  let cursors = [null];
  let next = null;
  let shownIncidents = new Set();
  const news = h("button", { class: "button small", type: "button", hidden: true, onclick: () => { cursors = [null]; load().catch(failed); } }, "Show new alerts");
  const words = h("span", { class: "muted small", role: "status" });
  const body = h("tbody");
  const table = h("table", { class: "alerts-table" }, h("caption", { class: "unseen" }, "Alerts, newest first"),
    h("thead", {}, h("tr", {}, ["Severity", "Alert", "Device", "Opened", "Lasted", "Status"].map((each) => h("th", { scope: "col" }, each)))), body);
  const newer = h("button", { class: "button", type: "button", onclick: () => { cursors.pop(); load().catch(failed); } }, "◀ Newer");
  const older = h("button", { class: "button", type: "button", onclick: () => { cursors.push(next); load().catch(failed); } }, "Older ▶");
  const csv = h("a", { class: "button small", download: "alerts.csv" }, "CSV");
  const jsonl = h("a", { class: "button small", download: "alerts.jsonl" }, "JSON lines");
  fill(place, h("h1", {}, "Alerts"), h("section", { class: "card", "aria-label": "Filters" }, form.element),
    h("section", { class: "card", "aria-label": "Alerts" }, h("div", { class: "section-head" }, words, news, h("span", { class: "muted small" }, "Export"), csv, jsonl),
      scrolling(table), h("div", { class: "pager" }, newer, older)));

  async function load() {
    const filters = form.values();
    const page = await get("/alerts", { ...filters, after: cursors.at(-1), limit: PAGE });
    if (!current()) return;
    next = page.next;
    shownIncidents = new Set(page.items.map(({ incident }) => incident));
    fill(body, page.items.map(row));
    if (!page.items.length) fill(body, h("tr", {}, h("td", { colspan: 6, class: "empty" }, "No alert fits.")));
    newer.disabled = cursors.length < 2;
    older.disabled = !next;
    news.hidden = true;
    say(words, page.items.length ? `Page ${cursors.length}, ${several(page.items.length, "alert")}` : "");
    csv.href = `${BASE}/alerts/export${query({ ...filters, format: "csv" })}`;
    jsonl.href = `${BASE}/alerts/export${query({ ...filters, format: "jsonl" })}`;
  }

  function keepAddress() {
    history.replaceState(null, "", `#/alerts${query(form.values())}`);
  }

  function failed(error) { say(words, error.message); }

  await load();
  return {
    title: "Alerts",
    refresh: load,
    shown() { live.want({}); },
    alert(alert) {
      if (shownIncidents.has(alert.incident)) body.querySelector(`[data-incident="${alert.incident}"]`)?.replaceWith(row(alert));
      else if (cursors.length === 1 && body.children.length <= PAGE && alert.status === "open") news.hidden = false;
    },
  };
}

function row(alert) {
  const open = () => { location.hash = `#/incidents/${alert.incident}`; };
  return h("tr", { class: "alert-row", data: { incident: alert.incident }, onclick: (event) => event.target.closest("a") || open() },
    h("td", {}, badge(alert.severity)),
    h("td", { class: "what" }, h("a", { class: "title", href: `#/incidents/${alert.incident}` }, alert.label), h("div", { class: "why" }, alert.reason.length > 160 ? `${alert.reason.slice(0, 159)}…` : alert.reason)),
    h("td", {}, deviceLink(alert.device)), h("td", { class: "nowrap" }, time(alert.opened_at)), h("td", { class: "nowrap num wide-only" }, lasted(alert)),
    h("td", {}, badge(alert.status), " ", alert.verdict && badge(alert.verdict, alert.verdict === "confirmed" ? "good" : "warn")));
}

function makeFilters(parameters, changed) {
  let timer = 0;
  const soon = () => { clearTimeout(timer); timer = setTimeout(() => changed(true), 300); };
  const select = (name, label, options, none) => h("label", {}, label, h("select", { name, onchange: () => changed(true) }, h("option", { value: "" }, none),
    options.map((each) => h("option", { value: each, selected: parameters.get(name) === each }, each.replaceAll("_", " ")))));
  const input = (name, label, type, classes = "") => h("label", { class: classes }, label, h("input", { name, type, value: parameters.get(name) ?? "", oninput: soon }));
  const form = h("form", { class: "filters", onsubmit: (event) => { event.preventDefault(); changed(true); } },
    input("q", "Search", "search", "grow"), h("details", { open: innerWidth > 720 }, h("summary", {}, "Filters"), h("div", { class: "rest" }, input("device", "Device", "text"), select("status", "Status", STATUSES, "any"),
    select("severity", "Severity at least", SEVERITIES, "any"), select("kind", "Kind", KINDS, "any"), select("verdict", "People said", ["confirmed", "false_positive"], "anything"),
    input("since", "Opened after", "datetime-local"), input("until", "Opened before", "datetime-local"),
    h("button", { class: "button", type: "reset", onclick: () => setTimeout(() => { form.querySelectorAll("input").forEach((each) => { each.value = ""; }); form.querySelectorAll("select").forEach((each) => { each.value = ""; }); changed(true); }) }, "Clear"))));
  return {
    element: form,
    values() {
      const given = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, value.trim()]));
      for (const name of ["since", "until"]) if (given[name]) given[name] = new Date(given[name]).toISOString();
      return given;
    },
  };
}
