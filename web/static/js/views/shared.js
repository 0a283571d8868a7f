// What several views show alike.

import { post } from "../api.js";
import { ask, badge, h, toast } from "../dom.js";
import { ago, level, lasted, moment } from "../format.js";

export const SEVERITIES = ["info", "minor", "major", "critical"];
export const STATUSES = ["open", "acknowledged", "snoozed", "closed"];
export const KINDS = ["spike", "level_shift", "drift", "stuck", "noise", "dropout", "correlation", "out_of_range", "silence", "clock", "schema"];

export function deviceLink(name) {
  return h("a", { href: `#/devices/${level(name)}` }, name);
}

export function time(value) {
  return h("time", { datetime: value, title: moment(value) }, ago(value));
}

export function incidentCard(alert) {
  return h("a", { class: `card incident-card ${alert.severity}`, href: `#/incidents/${alert.incident}`, data: { incident: alert.incident } },
    h("span", { class: "top" }, badge(alert.severity), alert.status !== "open" && badge(alert.status), h("span", { class: "cut" }, alert.device),
      h("span", {}, alert.closed_at ? `lasted ${lasted(alert)}` : `for ${lasted(alert)}`)),
    h("span", { class: "title" }, alert.label),
    h("span", { class: "why" }, alert.reason));
}

const SNOOZES = [["1", "an hour"], ["8", "eight hours"], ["24", "a day"], ["168", "a week"]];

// Sends what a person says of an incident; gives true when it was sent.
export async function sayOf(incident, verdict) {
  const words = { confirmed: "Confirm this incident", false_positive: "Call this a false positive", snoozed: "Snooze this incident", acknowledged: "Acknowledge this incident", undo: "Take the last word back" };
  const said = await ask(words[verdict], { note: true, choices: verdict === "snoozed" ? SNOOZES : null });
  if (!said) return false;
  const until = said.choice ? new Date(Date.now() + Number(said.choice) * 3600e3).toISOString() : null;
  return send(() => post(`/incidents/${incident}/feedback`, { verdict, note: said.note, until }), "Sent.");
}

const ordered = new Set();
const early = new Map();

// Sends an order and tells of its answer, which may come before the order's own number is known here.
export async function order(body, words) {
  return send(async () => {
    const { id } = await post("/commands", body);
    ordered.add(id);
    if (early.has(id)) answered(early.get(id));
  }, words);
}

export function answered(answer) {
  if (!ordered.delete(answer.id)) {
    early.set(answer.id, answer);
    if (early.size > 50) early.delete(early.keys().next().value);
  } else if (answer.ok) toast(answer.device ? `${answer.device}: done.` : "Done.");
  else toast(`Not done: ${answer.error}`, "bad");
}

async function send(call, words) {
  try {
    await call();
    toast(words);
    return true;
  } catch (error) {
    toast(error.message, "bad");
    return false;
  }
}
