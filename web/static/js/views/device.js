// One device: every metric live with its band, incidents as spans, contributions, the plane of readings, its models.

import { get } from "../api.js";
import { contributionsFigure, planeFigure } from "../canvas.js";
import { ChartGroup, legend, MetricChart } from "../chart.js";
import { badge, fill, h, say, scrolling } from "../dom.js";
import { count, lasted, level, moment, span } from "../format.js";
import { order, time } from "./shared.js";

const RANGES = [[120, "2 min"], [600, "10 min"], [1800, "30 min"], [7200, "2 h"], [86400, "24 h"]];
const POINTS = 700;
const MOST_METRICS = 24;

export async function deviceView({ place, live, current }, topicLevel) {
  const name = decodeURIComponent(topicLevel);
  const path = `/devices/${level(name)}`;
  let device = await get(path);
  let range = 600;
  let paused = false;
  let window_ = null; // [from, to] when looking back or zoomed in
  let columns = null;
  let timer = 0;

  const head = makeHead(name);
  const status = h("span", { class: "small muted", role: "status" });
  const charts = h("div", {});
  const scale = makeScale();
  const group = new ChartGroup({ onZoom: (from, to) => look(from, to), onReset: follow });
  const plots = new Map();
  const contributions = card("Contributions to anomalies over time");
  const plane = card("Normal and anomalous readings on a plane (PCA)");
  const models = h("section", { class: "card" });
  const incidents = h("section", { class: "card" });

  fill(place, head.element,
    h("div", { class: "two" },
      h("div", { class: "stack" },
        h("section", { class: "card", "aria-label": "Readings" },
          h("div", { class: "card-head" }, h("h2", {}, "Readings"), scale.element), h("div", { class: "section-head" }, legend(), status), charts),
        contributions.element, plane.element),
      h("div", { class: "stack" }, incidents, models)));

  // The charts

  async function load() {
    const now = Date.now() / 1000;
    const [from, to] = window_ ?? [now - range, now];
    const data = await get(`${path}/readings`, { since: iso(from), until: iso(to + 1), points: POINTS });
    if (!current()) return;
    columns = data;
    draw(window_ ? from : begun(from, to), to);
    const thinned = data.total > data.times.length ? `, thinned out from ${count(data.total)} rows` : "";
    say(status, window_ ? `${moment(from * 1000)} to ${moment(to * 1000)}${thinned}` : paused ? "Paused" : data.times.length ? "" : "No readings in this span.");
  }

  // A device that was first heard a moment ago fills the chart, too.
  function begun(from, to) {
    const first = columns.times[0] ?? from;
    return Math.max(from, first - 0.02 * (to - first));
  }

  function draw(from, to) {
    const names = Object.keys(columns.metrics).slice(0, MOST_METRICS);
    if (names.some((each) => !plots.has(each)) || !plots.size) {
      const last = names.at(-1);
      for (const each of names) {
        if (plots.has(each)) continue;
        const chart = new MetricChart(group, each, { unit: device.status?.units?.[each] ?? "", last: each === last });
        plots.set(each, chart);
        charts.append(chart.element);
      }
      const score = new MetricChart(group, "anomaly score", { fixed: [0, 1.02], lead: "calm" });
      if (!plots.has("anomaly score")) {
        plots.set("anomaly score", score);
        charts.prepend(score.element);
      }
      for (const chart of plots.values()) chart.fit();
    }
    group.range = [from, to];
    for (const [each, chart] of plots) chart.set(rows(each));
  }

  function rows(each) {
    const none = columns.times.map(() => null);
    if (each === "anomaly score") return [columns.times, none, none, none, columns.score];
    const found = columns.metrics[each];
    return found ? [columns.times, found.upper, found.lower, found.expected, found.values] : [columns.times, none, none, none, none];
  }

  function append(score) {
    if (!columns || window_) return;
    const at = Date.parse(score.measured_at) / 1000;
    if (columns.times.length && at <= columns.times.at(-1)) return;
    const oldest = at - range;
    let cut = 0;
    while (cut < columns.times.length && columns.times[cut] < oldest - 5) cut += 1;
    columns.times.splice(0, cut);
    columns.score.splice(0, cut);
    columns.times.push(at);
    columns.score.push(score.score);
    for (const [metric, parts] of Object.entries(columns.metrics)) {
      for (const [part, column] of Object.entries(parts)) {
        column.splice(0, cut);
        column.push(score[part][metric] ?? null);
      }
    }
    if (!paused && !document.hidden) draw(begun(oldest, at), at);
  }

  function look(from, to) {
    window_ = [from, to];
    scale.following(false);
    load().catch(failed);
  }

  function follow() {
    window_ = null;
    paused = false;
    scale.following(true);
    load().catch(failed);
  }

  function makeScale() {
    const choices = RANGES.map(([seconds, words]) => h("button", { type: "button", "aria-pressed": String(seconds === range), onclick: () => { range = seconds; press(); follow(); } }, words));
    const press = () => choices.forEach((each, i) => each.setAttribute("aria-pressed", String(RANGES[i][0] === range && !window_)));
    const pause = h("button", { type: "button", class: "button small", onclick: () => (window_ || paused ? follow() : halt()) }, "Pause");
    const halt = () => { paused = true; pause.textContent = "Resume"; say(status, "Paused"); };
    const move = (part) => { const [from, to] = shown(); look(from + part * (to - from), to + part * (to - from)); };
    const zoom = (factor) => { const [from, to] = shown(); const middle = (from + to) / 2, half = ((to - from) * factor) / 2; look(middle - half, middle + half); };
    const shown = () => window_ ?? group.range ?? [Date.now() / 1000 - range, Date.now() / 1000];
    const button = (words, label, onclick) => h("button", { type: "button", class: "button small", "aria-label": label, title: label, onclick }, words);
    return {
      element: h("div", { class: "buttons" }, h("div", { class: "segmented", role: "group", "aria-label": "Span shown" }, choices),
        button("◀", "Back in time", () => move(-0.5)), button("▶", "Forward in time", () => move(0.5)),
        button("+", "Zoom in", () => zoom(0.5)), button("−", "Zoom out", () => zoom(2)), pause),
      following(yes) { pause.textContent = yes ? "Pause" : "Back to now"; press(); },
    };
  }

  // What stands around them

  async function loadAround() {
    const [spans, parts] = await Promise.all([get("/incidents", { device: name, limit: 50 }), get(`${path}/contributions`)]);
    if (!current()) return;
    group.spans = spans.items.map((each) => ({ from: Date.parse(each.opened_at) / 1000, to: each.closed_at ? Date.parse(each.closed_at) / 1000 : null, severity: each.severity }));
    group.marks = parts.items.map((each) => ({ at: Date.parse(each.at) / 1000, values: Object.fromEntries(each.contributions.map((part) => [part.metric, part.observed])) }));
    fill(incidents, h("h2", {}, "Incidents"), spans.items.length
      ? h("div", { class: "similar" }, spans.items.slice(0, 8).map((each) => h("a", { href: `#/incidents/${each.incident}` },
        h("span", { class: "buttons" }, badge(each.severity), each.status !== "closed" && badge(each.status)), h("span", {}, each.label),
        h("span", { class: "small muted" }, time(each.opened_at), ` · ${lasted(each)}`))))
      : h("p", { class: "empty" }, "None so far."));
    contributions.fill(parts.items.length ? contributionsFigure(parts.items.slice(-80)) : h("p", { class: "empty" }, "No anomaly is stored for this device."));
    group.redraw();
  }

  async function loadPlane() {
    const found = await get(`${path}/projection`).catch(() => null);
    if (!current()) return;
    plane.fill(found?.x.length ? [planeFigure(found), h("div", { class: "legend" }, swatch("accent", "normal"), swatch("bad", "anomalous"), h("span", {}, "lines: how much each metric takes part"))]
      : h("p", { class: "empty" }, "Shown once there are enough readings of two metrics or more."));
  }

  async function loadModels() {
    const list = (await get(`${path}/models`)).items;
    if (!current()) return;
    const learning = device.tile.state === "learning";
    fill(models, h("div", { class: "card-head" }, h("h2", {}, "Model"),
      h("button", { class: "button small", type: "button", disabled: learning, onclick: () => order({ service: "detector", name: "retrain", device: name }, "Retraining was ordered.") }, "Retrain")),
    list.length
      ? scrolling(h("table", {}, h("thead", {}, h("tr", {}, ["Version", "Since", ""].map((each) => h("th", { scope: "col" }, each)))),
        h("tbody", {}, list.map((each) => h("tr", {}, h("td", {}, `${each.version} `, h("span", { class: "muted small" }, [each.backend.replaceAll("_", " "), each.reason, each.rows && `${count(each.rows)} rows`, !each.intact && "damaged"].filter(Boolean).join(" · "))), h("td", {}, each.since ? time(each.since) : "–"),
          h("td", { class: "right" }, each.active ? badge("in use", "good") : h("button", { class: "button small", type: "button", onclick: () => order({ service: "detector", name: "rollback", device: name, version: each.version }, "The rollback was ordered.") }, "Roll back")))))))
      : h("p", { class: "empty" }, "No model yet: the device is still learning."));
  }

  function failed(error) { say(status, error.message); }

  async function refresh() {
    device = await get(path);
    head.take(device);
    await Promise.all([load(), loadAround(), loadModels(), loadPlane()]);
  }

  head.take(device);
  await refresh();
  timer = setInterval(() => document.hidden || loadPlane(), 20000);
  return {
    title: name,
    refresh,
    shown() { live.want({ shown: [name], device: name }); for (const chart of plots.values()) chart.fit(); },
    leave() { group.destroy(); clearInterval(timer); },
    score: append,
    tiles(list) { head.tile(list.find((each) => each.device === name)); },
    device(tile) {
      if (tile.device !== name) return;
      const before = device.tile.state;
      device.tile = tile;
      head.tile(tile);
      if (before !== tile.state || tile.state === "retraining") get(path).then((news) => { device = news; head.take(news); return loadModels(); }).catch(failed);
    },
    alert(alert) { if (alert.device === name) loadAround().catch(failed); },
  };
}

function makeHead(name) {
  const state = badge("…", "plain"), facts = h("span", { class: "muted" });
  const element = h("div", { class: "page-head" }, h("nav", { class: "crumbs", "aria-label": "Way back" }, h("a", { href: "#/" }, "Overview"), " / device"),
    h("div", { class: "line" }, h("h1", {}, name), state), h("p", { class: "line" }, facts));
  return {
    element,
    tile(tile) {
      if (!tile) return;
      say(state, tile.state === "learning" ? `learning ${tile.learned ?? 0} of ${tile.needed ?? 0}` : tile.state);
      state.className = `badge ${tile.state}`;
    },
    take({ tile, status, metrics }) {
      this.tile(tile);
      const model = status?.model ? `${status.model.backend.replaceAll("_", " ")}, version ${status.model.version}` : "no model yet";
      const since = status ? `for ${span((Date.now() - Date.parse(status.since)) / 1000)}` : "";
      const quiet = [status?.quieted ? `${status.quieted} false positives quieted` : "", status?.recurring ? `${status.recurring} daily ones not told` : "", status?.maintenance ? "in maintenance" : ""].filter(Boolean);
      say(facts, [tile.state + (since ? ` ${since}` : ""), model, `${metrics.length} metrics`, status ? `${count(status.readings)} readings` : "", ...quiet].filter(Boolean).join(" · "));
    },
  };
}

function card(title) {
  const body = h("div", {}, h("p", { class: "empty" }, "Loading…"));
  return { element: h("section", { class: "card" }, h("div", { class: "card-head" }, h("h2", {}, title)), body), fill: (...children) => fill(body, ...children) };
}

function swatch(tone, words) {
  const patch = h("i", { class: "point" });
  patch.style.background = `var(--${tone})`;
  return h("span", {}, patch, words);
}

function iso(seconds) {
  return new Date(seconds * 1000).toISOString();
}
