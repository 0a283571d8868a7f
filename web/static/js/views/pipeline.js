// The services, what they counted, and what waits.

import { get } from "../api.js";
import { badge, fill, h } from "../dom.js";
import { count, number } from "../format.js";
import { time } from "./shared.js";

export async function pipelineView({ place, live }) {
  const facts = h("div", { class: "service-grid" });
  fill(place, h("h1", {}, "Pipeline"), facts);
  async function refresh() {
    const health = await get("/health");
    fill(facts, summary(health), health.services.map(service));
  }
  await refresh();
  const timer = setInterval(() => document.hidden || refresh().catch(() => {}), 3000);
  return { title: "Pipeline", refresh, shown() { live.want({}); }, leave() { clearInterval(timer); } };
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
      ...counters.map(([name, value]) => [name.replaceAll("_", " ").replaceAll(".", ": "), count(value)])]));
}

function facts(pairs) {
  return h("dl", { class: "facts num" }, pairs.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
}
