// One device in small: its state, its newest readings before the band that is usual for it, its anomaly score.

import { badge, fill, h, meter, say } from "./dom.js";
import { count, level, measured } from "./format.js";
import { drawSpark } from "./spark.js";

const SPARK_POINTS = 60;

export class Tile {
  constructor(tile, spark) {
    this.tile = tile;
    this.spark = spark ?? null;
    this.name = h("span", { class: "name cut" }, tile.device);
    this.state = badge(tile.state);
    this.metric = h("span", { class: "cut" });
    this.value = h("b");
    this.canvas = h("canvas", { "aria-hidden": "true" });
    this.foot = h("span", { class: "foot" });
    this.element = h("a", { class: "card tile", href: `#/devices/${level(tile.device)}`, data: { device: tile.device } },
      h("span", { class: "top" }, this.name, this.state), h("span", { class: "reading" }, this.metric, this.value), this.canvas, this.foot);
    this.#write();
  }

  take(tile, spark) {
    const before = this.tile;
    this.tile = tile;
    if (spark) this.spark = spark;
    else if (tile.metric !== undefined && tile.at !== undefined && tile.at !== before.at) this.#extend(tile);
    this.#write();
    this.draw();
  }

  #extend({ metric, at, value }) {
    if (!this.spark || this.spark.metric !== metric) this.spark = { metric, times: [], values: [] };
    const { times, values } = this.spark;
    if (times.length && at <= times.at(-1)) return;
    times.push(at);
    values.push(value ?? null);
    if (times.length > SPARK_POINTS) { times.shift(); values.shift(); }
  }

  draw() {
    if (!this.element.hidden) drawSpark(this.canvas, this.spark, this.tile);
  }

  #write() {
    const { state, metric, value, unit, learned = 0, needed = 0, score } = this.tile;
    this.element.className = `card tile ${state}`;
    say(this.state, state);
    this.state.className = `badge ${state}`;
    say(this.metric, metric ?? "no reading yet");
    say(this.value, metric === undefined ? "" : measured(value, unit));
    if (state === "learning") {
      fill(this.foot, `learning ${count(learned)} of ${count(needed)}`, meter(needed ? learned / needed : 0, "calm"));
    } else {
      const oddness = Math.max(0, score ?? 0);
      fill(this.foot, state === "silent" ? "nothing heard" : `anomaly score ${oddness.toFixed(2)}`, meter(oddness, oddness > 0.5 ? "bad" : ""));
    }
  }
}

export function tilesLegend() {
  return h("p", { class: "legend" }, h("span", {}, h("i", { class: "line", "aria-hidden": "true" }), "newest readings"),
    h("span", {}, h("i", { class: "band", "aria-hidden": "true" }), "what is usual for the device"), h("span", {}, "anomaly score: near 0 is usual, 0.5 as odd as one reading in a thousand"));
}
