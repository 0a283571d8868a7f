// Every device as a tile, open incidents first, and how the pipeline is.

import { get } from "../api.js";
import { fill, h, say } from "../dom.js";
import { count, number, several, span } from "../format.js";
import { Tile, tilesLegend } from "../tile.js";
import { changes } from "../colors.js";
import { incidentCard } from "./shared.js";

const STATES = ["anomalous", "silent", "offline", "retraining", "learning", "ready"];
const MOST_TILES = 1000;
const OPEN = ["open", "acknowledged", "snoozed"];

export async function overviewView({ place, live }) {
  const tiles = new Map();
  const open = new Map();
  let filter = "";
  let words = "";
  let waiting = 0;

  const stats = makeStats();
  const incidents = h("div", { class: "incidents" });
  const incidentSection = h("section", { "aria-labelledby": "open-title", class: "stack" },
    h("div", { class: "section-head" }, h("h2", { id: "open-title" }, "Open incidents"), h("a", { href: "#/alerts", class: "small" }, "All alerts")), incidents);
  const grid = h("div", { class: "tiles" });
  const chips = h("div", { class: "chips", role: "group", "aria-label": "States shown" });
  const search = h("input", { type: "search", placeholder: "Find a device", "aria-label": "Find a device", oninput: () => { words = search.value.toLowerCase(); arrange(); if (partly) askMore(); } });
  const more = h("p", { class: "muted small", role: "status" });
  let partly = false;
  let asking = 0;
  const none = h("p", { class: "empty card" }, "No device has been heard yet. Publish a reading and it appears here.");
  fill(place, h("h1", { class: "unseen" }, "Overview"), stats.element, incidentSection,
    h("section", { "aria-labelledby": "devices-title", class: "stack" },
      h("div", { class: "section-head" }, h("h2", { id: "devices-title" }, "Devices"), chips, search), tilesLegend(), none, grid, more));

  const seen = new Set();
  const observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) {
        seen.add(target.dataset.device);
        tiles.get(target.dataset.device)?.draw();
      } else seen.delete(target.dataset.device);
    }
    live.want({ shown: [...seen] });
  }, { rootMargin: "250px" });

  function take(tile, spark) {
    const known = tiles.get(tile.device);
    if (known) return known.take(tile, spark);
    const made = new Tile(tile, spark);
    tiles.set(tile.device, made);
    grid.append(made.element);
    observer.observe(made.element);
  }

  // Trouble first; a device that changed its state moves at most once a second.
  function arrange() {
    clearTimeout(waiting);
    waiting = 0;
    const counts = Object.fromEntries(STATES.map((state) => [state, 0]));
    for (const { tile } of tiles.values()) counts[tile.state] += 1;
    const ordered = [...tiles.values()].sort((a, b) => STATES.indexOf(a.tile.state) - STATES.indexOf(b.tile.state) || a.tile.device.localeCompare(b.tile.device, undefined, { numeric: true }));
    let before = null;
    for (const { element, tile } of ordered) {
      element.hidden = Boolean((filter && tile.state !== filter) || (words && !tile.device.toLowerCase().includes(words)));
      const expected = before ? before.nextSibling : grid.firstChild;
      if (expected !== element) grid.insertBefore(element, expected);
      before = element;
    }
    none.hidden = tiles.size > 0;
    stats.devices(counts, tiles.size);
    fillChips(counts);
  }

  // With more devices than fit here, those that are searched for are asked for.
  function askMore() {
    clearTimeout(asking);
    asking = setTimeout(async () => {
      const found = await get("/devices", { limit: MOST_TILES, q: words });
      for (const { tile, spark } of found.items) take(tile, spark);
      arrange();
    }, 300);
  }

  const soon = () => { waiting ||= setTimeout(arrange, 1000); };

  function fillChips(counts) {
    const wanted = STATES.filter((state) => counts[state] > 0 || state === filter);
    const key = wanted.map((state) => `${state}${counts[state]}`).join() + filter;
    if (chips.dataset.key === key) return;
    chips.dataset.key = key;
    const focused = document.activeElement?.dataset?.state;
    fill(chips, ["", ...wanted].map((state) => h("button", {
      class: "chip", type: "button", "aria-pressed": String(filter === state), data: { state },
      onclick: () => { filter = state; arrange(); },
    }, state ? `${state} ${counts[state]}` : `all ${tiles.size}`)));
    if (focused !== undefined) chips.querySelector(`[data-state="${focused}"]`)?.focus();
  }

  function showOpen() {
    const ordered = [...open.values()].sort((a, b) => (a.status === "open" ? 0 : 1) - (b.status === "open" ? 0 : 1) || new Date(b.opened_at) - new Date(a.opened_at));
    const focused = document.activeElement?.dataset?.incident;
    fill(incidents, ordered.length ? ordered.slice(0, 12).map(incidentCard) : h("p", { class: "card empty" }, "Nothing is open. All devices behave as they usually do."));
    if (focused) incidents.querySelector(`[data-incident="${focused}"]`)?.focus({ preventScroll: true });
    stats.open(ordered);
  }

  async function refresh() {
    const [devices, alerts, health] = await Promise.all([get("/devices", { limit: MOST_TILES }), get("/alerts", { status: OPEN, limit: 200 }), get("/health")]);
    partly = devices.next !== null;
    say(more, partly ? `The first ${count(devices.items.length)} of ${count(Object.values(devices.counts).reduce((a, b) => a + b, 0))} devices are shown, those in trouble first; search for the others.` : "");
    const present = new Set(devices.items.map(({ tile }) => tile.device));
    for (const name of [...tiles.keys()]) if (!present.has(name)) drop(name);
    for (const { tile, spark } of devices.items) take(tile, spark);
    open.clear();
    for (const alert of alerts.items) open.set(alert.incident, alert);
    stats.health(health);
    showOpen();
    arrange();
  }

  function drop(name) {
    const known = tiles.get(name);
    if (!known) return;
    observer.unobserve(known.element);
    known.element.remove();
    tiles.delete(name);
  }

  const repaint = () => seen.forEach((name) => tiles.get(name)?.draw());
  changes.addEventListener("change", repaint);
  const clock = setInterval(showOpen, 15000);
  await refresh();
  return {
    title: "Overview",
    refresh,
    shown() { live.want({ shown: [...seen] }); },
    leave() { observer.disconnect(); clearInterval(clock); clearTimeout(waiting); clearTimeout(asking); changes.removeEventListener("change", repaint); },
    tiles(list) { for (const tile of list) take(tile); },
    device(tile) { take(tile); soon(); },
    gone({ device }) { drop(device); soon(); },
    health(health) { stats.health(health); },
    alert(alert) {
      if (OPEN.includes(alert.status)) open.set(alert.incident, alert);
      else open.delete(alert.incident);
      showOpen();
    },
  };
}

const ORDER = ["producer", "detector", "explainer"];

function inOrder(stages) {
  return Object.entries(stages).sort(([a], [b]) => ORDER.indexOf(a) - ORDER.indexOf(b));
}

function makeStats() {
  const openValue = h("div", { class: "value" }, "–"), openNote = h("div", { class: "state-words" });
  const openCard = h("div", { class: "card stat" }, h("div", { class: "label" }, "Open incidents"), openValue, openNote);
  const deviceValue = h("div", { class: "value" }, "–"), bar = h("div", { class: "states", "aria-hidden": "true" }), stateWords = h("div", { class: "state-words" });
  const rate = h("div", { class: "value" }, "–"), rateNote = h("div", { class: "state-words" });
  const stages = h("div", { class: "stages" }), model = h("div", { class: "state-words" });
  const element = h("section", { class: "stats", "aria-label": "Now" }, openCard,
    h("div", { class: "card stat" }, h("div", { class: "label" }, "Devices"), deviceValue, bar, stateWords),
    h("div", { class: "card stat wide flow" }, h("div", { class: "label" }, "Readings"), rate, rateNote),
    h("div", { class: "card stat wide" }, h("div", { class: "label" }, "Pipeline"), stages, model));
  return {
    element,
    open(alerts) {
      const unseen = alerts.filter(({ status }) => status === "open").length;
      say(openValue, count(unseen));
      openCard.classList.toggle("alarm", unseen > 0);
      const rest = alerts.length - unseen;
      const newest = alerts[0];
      say(openNote, newest ? `newest: ${newest.device}, ${span((Date.now() - new Date(newest.opened_at)) / 1000)} ago${rest ? ` · ${rest} acknowledged or snoozed` : ""}` : "all quiet");
    },
    devices(counts, total) {
      say(deviceValue, count(total));
      const parts = STATES.filter((state) => counts[state]);
      fill(bar, parts.map((state) => {
        const part = h("i", { class: state });
        part.style.flexGrow = counts[state];
        return part;
      }));
      fill(stateWords, parts.map((state) => h("span", {}, `${counts[state]} ${state}`)));
    },
    health(health) {
      fill(rate, health.readings_per_s === null ? "–" : number(health.readings_per_s, 3), h("small", {}, " a second"));
      say(rateNote, `${several(health.anomalies ?? 0, "anomaly", "anomalies")} · ${count(health.waiting)} on the way`);
      const list = [["broker", health.broker], ["database", health.database], ...inOrder(health.stages).map(([name, state]) => [name, state === "online"])];
      fill(stages, list.map(([name, good]) => h("span", { class: good ? "good" : "bad" }, h("i", { class: "dot", "aria-hidden": "true" }), name, !good && " (down)")));
      const cost = health.model_cost ? `, ${health.model_cost.toFixed(2)} spent` : "";
      const words = { none: "no language model asked yet", answers: `language model answers; in 24 h ${count(health.model_calls)} calls, ${count(health.model_tokens)} tokens${cost}`, failing: "language model does not answer; evidence text instead" };
      say(model, words[health.model] ?? health.model);
    },
  };
}
