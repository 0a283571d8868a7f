// The services, what they counted, and what waits.

import { get } from "../api.js";
import { badge, fill, h } from "../dom.js";
import { count, number, several } from "../format.js";
import { time } from "./shared.js";

export async function pipelineView({ place, live }) {
  const facts = h("div", { class: "service-grid" });
  const way = h("ol", { class: "way", "aria-label": "The way of a reading" });
  fill(place, h("h1", {}, "Pipeline"), way, facts);
  async function refresh() {
    const health = await get("/health");
    fill(way, wayOf(health));
    fill(facts, summary(health), health.services.map(service));
  }
  await refresh();
  const timer = setInterval(() => document.hidden || refresh().catch(() => {}), 3000);
  return { title: "Pipeline", refresh, shown() { live.want({}); }, leave() { clearInterval(timer); } };
}

// What each stage does, and how much of it was done: the way a reading takes from a device to a person.
function wayOf({ broker, database, stages, services, readings_per_s: rate, anomalies, waiting }) {
  const counted = (stage, name) => services.filter((each) => each.service === stage).reduce((sum, each) => sum + (each.counters?.[name] ?? 0), 0);
  const steps = [
    stages.producer !== undefined && ["producer", stages.producer === "online", "sends readings", `${count(counted("producer", "published"))} sent`],
    ["broker", broker, "passes messages on", broker ? "connected" : "not connected"],
    ["detector", stages.detector === "online", "judges each reading", rate === null ? "no rate yet" : `${number(rate, 3)} readings a second`],
    ["explainer", stages.explainer === "online", "says why it rang", `${several(anomalies ?? 0, "anomaly", "anomalies")}, ${count(waiting)} waiting`],
    ["database", database, "keeps the alerts", database ? `${several(counted("explainer", "alerts.opened") ?? 0, "alert")} since the start` : "not readable"],
  ];
  return steps.filter(Boolean).map(([name, good, does, figure]) => h("li", { class: `card ${good ? "good" : "bad"}` },
    h("span", { class: "name" }, h("i", { class: "dot", "aria-hidden": "true" }), name, !good && " (down)"), h("span", { class: "small muted" }, does), h("span", { class: "num" }, figure)));
}

function summary(health) {
  const words = { none: "not asked yet", answers: "answers", failing: "does not answer" };
  return h("section", { class: "card" },
    h("div", { class: "card-head" }, h("h2", {}, "Now"), badge(health.broker && health.database ? "good" : "down", health.broker && health.database ? "good" : "critical")),
    facts([
      ["Broker", health.broker ? "connected" : "not connected"], ["Database", health.database ? "readable" : "not readable"],
      ["Readings a second", number(health.readings_per_s, 3)], ["Anomalies", count(health.anomalies)], ["On the way", count(health.waiting)],
      ["Language model", words[health.model] ?? health.model], ["Calls in 24 h", count(health.model_calls)], ["Tokens in 24 h", count(health.model_tokens)], ["Cost in 24 h", number(health.model_cost, 3)],
    ]));
}

function service(status) {
  const counters = Object.entries(status.counters ?? {}).filter(([, value]) => value);
  return h("section", { class: "card" },
    h("div", { class: "card-head" }, h("h2", {}, status.instance === "1" ? status.service : `${status.service} ${status.instance}`), badge(status.state, status.state === "online" ? "online" : "critical")),
    facts([["Version", status.version || "–"], ["Since", status.since ? time(status.since) : "–"], ["Last word", status.at ? time(status.at) : "–"],
      ...counters.map(([name, value]) => [inWords(name), count(value)])]));
}

function inWords(counter) {
  const words = counter.replaceAll("_", " ").replaceAll(".", ": ");
  return words[0].toUpperCase() + words.slice(1);
}

function facts(pairs) {
  return h("dl", { class: "facts num" }, pairs.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
}
