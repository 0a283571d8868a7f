// One incident: what was seen, why it rang, what may be behind it, what to look at first, what people said.

import { get } from "../api.js";
import { contributionsFigure } from "../canvas.js";
import { ChartGroup, legend, MetricChart } from "../chart.js";
import { badge, fill, h, meter, scrolling } from "../dom.js";
import { clockTime, count, lasted, level, measured, moment, number, percent, span } from "../format.js";
import { deviceLink, order, sayOf, time } from "./shared.js";

const AROUND_S = 180;
const MOST_CHARTS = 6;
const MOST_BESIDE = 4;
const MOST_ASKED = 200;

export async function incidentView({ place, live, current }, incident) {
  let answer = await get(`/incidents/${incident}`);
  const beside = answer.alert.site_incident ? (await get("/alerts", { together: answer.alert.site_incident, limit: MOST_ASKED })).items.filter((each) => each.incident !== incident) : [];
  const group = new ChartGroup({ onZoom: (from, to) => group.setRange(from, to), onReset: () => drawCharts() });
  const head = h("div", { class: "page-head" });
  const main = h("div", { class: "stack" });
  const side = h("div", { class: "stack" });
  const charts = h("div", {});
  const chartCard = h("section", { class: "card" }, h("div", { class: "card-head" }, h("h2", {}, "Around it"), legend()), charts);
  const texts = h("div", { class: "stack" });
  const after = h("div", { class: "stack" });
  fill(main, texts, chartCard, after);
  fill(place, head, h("div", { class: "two incident" }, main, side));

  function show() {
    const { alert } = answer;
    fill(head, headOf(alert, refreshSoon));
    fill(texts, whyCard(alert), evidenceCard(alert));
    fill(side, togetherCard(alert, beside), causesCard(alert), actionsCard(alert), similarCard(alert, answer.similar), factsCard(alert, answer.anomalies));
    const parts = answer.anomalies.filter((each) => each.contributions?.length).map((each) => ({ at: each.measured_at, contributions: each.contributions }));
    fill(after, parts.length > 1 && h("section", { class: "card" }, h("div", { class: "card-head" }, h("h2", {}, "Contributions over time")), contributionsFigure(parts.slice(-80))));
  }

  async function drawCharts() {
    const { alert } = answer;
    const from = Date.parse(alert.opened_at) / 1000, to = alert.closed_at ? Date.parse(alert.closed_at) / 1000 : Date.now() / 1000;
    const edges = [from - AROUND_S, to + (alert.closed_at ? AROUND_S / 3 : 0)];
    const asked = { since: new Date(edges[0] * 1000).toISOString(), until: new Date(edges[1] * 1000 + 1000).toISOString(), points: 600 };
    const found = answer.watched ? await get(`/devices/${level(alert.device)}/readings`, asked).catch(() => null) : null;
    if (!current()) return;
    const data = found?.times.length ? found : fromWindow(answer);
    if (!data) return fill(charts, h("p", { class: "empty" }, "The readings around it are not kept any more."));
    group.spans = [{ from, to: alert.closed_at ? to : null, severity: alert.severity }];
    group.marks = answer.anomalies.filter((each) => each.reading_id).map((each) => ({ at: Date.parse(each.measured_at) / 1000, values: each.values }));
    group.charts.forEach((chart) => chart.plot.destroy());
    group.charts = [];
    const shares = Object.fromEntries((alert.evidence.contributions ?? []).map((part) => [part.metric, part]));
    const names = Object.keys(data.metrics).sort((a, b) => (shares[b]?.share ?? 0) - (shares[a]?.share ?? 0)).slice(0, MOST_CHARTS);
    group.range = found?.times.length ? [Math.max(edges[0], data.times[0]), edges[1]] : [data.times[0], data.times.at(-1)];
    fill(charts, names.map((name, i) => new MetricChart(group, name, { unit: shares[name]?.unit ?? "", last: i === names.length - 1 }).element));
    names.forEach((name, i) => {
      const { upper, lower, expected, values } = data.metrics[name];
      group.charts[i].fit();
      group.charts[i].set([data.times, upper, lower, expected, values]);
    });
  }

  async function refresh() {
    answer = await get(`/incidents/${incident}`);
    if (!current()) return;
    show();
    await drawCharts();
  }

  function refreshSoon() { setTimeout(() => refresh().catch(() => {}), 700); }

  show();
  return {
    title: answer.alert.label,
    refresh,
    shown() { live.want({}); drawCharts(); },
    leave() { group.destroy(); },
    alert(alert) { if (alert.incident === incident) refreshSoon(); },
  };
}

function headOf(alert, changed) {
  const act = (verdict) => async () => { if (await sayOf(alert.incident, verdict)) changed(); };
  const button = (words, verdict, primary = false) => h("button", { class: `button ${primary ? "primary" : ""}`, type: "button", data: { verdict }, onclick: act(verdict) }, words);
  const isOpen = alert.status !== "closed";
  return [
    h("nav", { class: "crumbs", "aria-label": "Way back" }, h("a", { href: "#/alerts" }, "Alerts"), " / incident"),
    h("div", { class: "line" }, badge(alert.severity), badge(alert.status), alert.verdict && badge(alert.verdict, alert.verdict === "confirmed" ? "good" : "warn")),
    h("h1", {}, alert.label),
    h("p", { class: "muted" }, deviceLink(alert.device), ` · opened ${moment(alert.opened_at)} · `, alert.closed_at ? `lasted ${lasted(alert)}` : `for ${lasted(alert)} so far`,
      alert.snoozed_until && ` · snoozed until ${moment(alert.snoozed_until)}`),
    h("div", { class: "buttons", role: "group", "aria-label": "Say what you think" },
      isOpen && alert.status !== "acknowledged" && button("Acknowledge", "acknowledged", true), isOpen && button("Snooze…", "snoozed"),
      alert.verdict !== "confirmed" && button("Confirm", "confirmed"), alert.verdict !== "false_positive" && button("False positive", "false_positive"),
      (alert.verdict || ["acknowledged", "snoozed"].includes(alert.status)) && button("Undo", "undo")),
  ];
}

function whyCard(alert) {
  const { explanation, evidence } = alert;
  const source = { evidence: "computed from the evidence", llm: "written by a language model", cache: "an earlier answer of a language model" }[explanation.source] ?? explanation.source;
  const notes = [badge(source, "plain"), explanation.model && badge(explanation.model, "plain"), explanation.template && badge(`prompt ${explanation.template}`, "plain"),
    explanation.grounded === true && badge("checked against the evidence", "good"), explanation.grounded === false && badge("not borne out by the evidence", "warn"),
    explanation.pending && badge("a language model is asked", "learning"), explanation.latency_ms && badge(`${(explanation.latency_ms / 1000).toFixed(1)} s`, "plain"),
    explanation.tokens && badge(`${count(explanation.tokens)} tokens`, "plain"), explanation.cost && badge(`cost ${explanation.cost.toPrecision(2)}`, "plain"),
    explanation.devices > 1 && badge(`one answer for ${count(explanation.devices)} devices`, "plain"), explanation.error && badge(explanation.error, "warn")];
  const differs = explanation.source !== "evidence" && evidence.text;
  return h("section", { class: "card first" }, h("div", { class: "card-head" }, h("h2", {}, "Why it rang"),
    h("button", { class: "button small", type: "button", onclick: () => order({ service: "explainer", name: "explain", incident: alert.incident }, "A new explanation was asked for.") }, "Explain again")),
  h("p", { class: "reason" }, alert.reason), differs && h("p", { class: "muted small" }, h("strong", {}, "Computed: "), evidence.text), doubted(explanation), h("div", { class: "explained" }, notes));
}

// A model's words that were checked and failed: shown after what was computed, and never without the mark.
function doubted({ doubtful, model }) {
  return doubtful && h("aside", { class: "doubtful", "aria-label": "Not borne out by the evidence" },
    h("p", { class: "small" }, h("strong", {}, `${model ?? "A language model"} says, and the evidence does not bear it out:`)), h("p", {}, doubtful));
}

function evidenceCard({ evidence }) {
  const parts = evidence.contributions ?? [];
  return h("section", { class: "card" }, h("div", { class: "card-head" }, h("h2", {}, "Evidence"), badge(evidence.kind, "plain")),
    parts.length
      ? scrolling(h("table", { class: "num evidence-table" }, h("thead", {}, h("tr", {}, ["Metric", "Seen", "Expected", "Usual band"].map((each) => h("th", { scope: "col" }, each)), h("th", { scope: "col", class: "evidence-share" }, "Share"))),
        h("tbody", {}, parts.slice(0, 12).map((part) => h("tr", {}, h("th", { scope: "row" }, part.metric), h("td", { data: { label: "seen" } }, h("strong", {}, measured(part.observed, part.unit))), h("td", { data: { label: "expected" } }, measured(part.expected, part.unit)),
          h("td", { class: "nowrap", data: { label: "usually" } }, part.lower === undefined ? "–" : `${number(part.lower)} to ${number(part.upper)}`), h("td", { data: { label: "share" } }, percent(part.share), meter(part.share, "bad")))))))
      : h("p", { class: "muted" }, "No single metric is to blame."),
    h("dl", { class: "facts num" }, [["Score", number(evidence.score, 3)], ["Peak", number(evidence.peak ?? 0, 3)], ["Confidence", percent(evidence.confidence)],
      evidence.decision !== undefined && ["Decision of the forest", number(evidence.decision, 3)], ["Abnormal readings", count(evidence.readings)],
      evidence.rarity_days !== undefined && ["As unusual as this", rarity(evidence)]].filter(Boolean).map(([name, text]) => [h("dt", {}, name), h("dd", {}, text)])));
}

function rarity({ rarity_days: days, watched_days: watched }) {
  if (watched !== undefined && days >= watched) return `never seen in the ${span(watched * 86400)} watched`;
  if (days > 365) return "less than once a year";
  return `once in ${span(days * 86400)}`;
}

function causesCard({ causes = [] }) {
  return h("section", { class: "card early" }, h("div", { class: "card-head" }, h("h2", {}, "What may be behind it"), badge("guesses", "plain")),
    causes.length ? h("ol", { class: "causes" }, causes.map((each) => h("li", {}, h("span", {}, each.cause), h("span", { class: "muted num" }, percent(each.confidence)), meter(each.confidence, "calm"))))
      : h("p", { class: "muted" }, "No cause is known for this."));
}

function actionsCard({ actions = [] }) {
  return actions.length > 0 && h("section", { class: "card early" }, h("h2", {}, "What to look at first"), h("ol", { class: "steps" }, actions.map((each) => h("li", {}, h("span", {}, each)))));
}

function togetherCard(alert, beside) {
  const link = (each) => h("a", { href: `#/incidents/${each.incident}` }, h("span", {}, each.device), h("span", { class: "small muted" }, each.label));
  const [shown, rest] = [beside.slice(0, MOST_BESIDE), beside.slice(MOST_BESIDE)];
  return shown.length > 0 && h("section", { class: "card early" }, h("h2", {}, "Failed together with"), h("div", { class: "similar" }, shown.map(link)),
    rest.length > 0 && h("details", { class: "more" }, h("summary", {}, `${count(rest.length)} more`), h("div", { class: "similar" }, rest.map(link))));
}

// What is stored now, and what the alert itself named when it was written, though it may have been deleted since.
function similarCard(alert, similar) {
  const stored = similar.map((each) => ({ id: each.alert.incident, label: each.alert.label, opened: each.alert.opened_at, likeness: each.likeness, said: each.said.slice(-2) }));
  const known = new Set(stored.map(({ id }) => id));
  const named = (alert.evidence.earlier ?? []).filter(({ incident }) => !known.has(incident))
    .map((each) => ({ label: each.label, opened: each.opened_at, said: each.verdict ? [{ verdict: each.verdict, note: each.note }] : [] }));
  const all = [...stored, ...named];
  return h("section", { class: "card" }, h("h2", {}, "Earlier ones like it"), all.length ? h("div", { class: "similar" }, all.map(earlier)) : h("p", { class: "muted" }, "None: this device has not done this before."));
}

function earlier({ id, label, opened, likeness, said }) {
  const word = ({ by, verdict, note }) => h("span", { class: "small" }, `${by ?? "somebody"}: ${verdict.replaceAll("_", " ")}${note ? ` – ${note}` : ""}`);
  const inside = [h("span", {}, label), h("span", { class: "small muted" }, time(opened), likeness === undefined ? " · no longer stored" : ` · ${percent(likeness)} alike`), said.map(word)];
  return id ? h("a", { href: `#/incidents/${id}` }, inside) : h("div", { class: "gone" }, inside);
}

function factsCard(alert, anomalies) {
  const last = anomalies.at(-1);
  const pairs = [["Incident", alert.incident], ["Opened", moment(alert.opened_at)], ["Closed", alert.closed_at ? moment(alert.closed_at) : "still open"], ["Last change", moment(alert.updated_at)],
    ["Stored anomalies", count(anomalies.length)], last && ["Model", modelWords(last.model, alert.device)], alert.run && ["Replay", alert.run],
    anomalies.length > 1 && ["First to last", `${clockTime(anomalies[0].measured_at)} – ${clockTime(last.measured_at)}`]];
  return h("section", { class: "card" }, h("h2", {}, "Facts"), h("dl", { class: "facts small num" }, pairs.filter(Boolean).map(([name, text]) => [h("dt", {}, name), h("dd", {}, text)])));
}

function modelWords({ backend, version, scope }, device) {
  return `${backend.replaceAll("_", " ")}, version ${version}${scope === device ? "" : ` of ${scope}`}`;
}

// From what is stored of the incident, when the readings themselves are gone.
function fromWindow({ window: kept, anomalies, alert }) {
  const rows = new Map();
  kept?.times.forEach((each, i) => rows.set(Date.parse(each) / 1000, Object.fromEntries(Object.entries(kept.values).map(([metric, column]) => [metric, column[i]]))));
  for (const each of anomalies) if (each.values) rows.set(Date.parse(each.measured_at) / 1000, each.values);
  if (rows.size < 2) return null;
  const times = [...rows.keys()].sort((a, b) => a - b);
  const names = [...new Set([...rows.values()].flatMap((row) => Object.keys(row)))];
  const parts = Object.fromEntries((alert.evidence.contributions ?? []).map((part) => [part.metric, part]));
  const same = (value) => times.map(() => value ?? null);
  return { times, metrics: Object.fromEntries(names.map((name) => [name, { values: times.map((at) => rows.get(at)[name] ?? null), expected: same(parts[name]?.expected), lower: same(parts[name]?.lower), upper: same(parts[name]?.upper) }])) };
}
