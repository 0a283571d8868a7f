// Charts over time: a metric with its expected band, incidents as spans, anomalies as points; all of a page move together.

import uPlot from "/static/vendor/uplot/uPlot.esm.js";
import { changes, color } from "./colors.js";
import { h } from "./dom.js";
import { measured, number } from "./format.js";

const HEIGHT = 150;
const MOSTLY_THERE = 0.75; // a metric with a value in more rows than that has gaps where it has none

export class ChartGroup {
  constructor({ onZoom = () => {}, onReset = () => {} } = {}) {
    this.key = `group-${Math.random().toString(36).slice(2)}`;
    this.charts = [];
    this.spans = [];
    this.marks = [];
    this.range = null;
    this.onZoom = onZoom;
    this.onReset = onReset;
    this.redraw = () => this.charts.forEach((chart) => chart.plot.redraw(false, true));
    changes.addEventListener("change", this.redraw);
    this.resizing = new ResizeObserver((entries) => entries.forEach(({ target }) => target.chart?.fit()));
  }

  add(chart) {
    this.charts.push(chart);
    this.resizing.observe(chart.place);
    return chart;
  }

  setRange(min, max) {
    this.range = [min, max];
    for (const chart of this.charts) chart.plot.setScale("x", { min, max });
  }

  destroy() {
    changes.removeEventListener("change", this.redraw);
    this.resizing.disconnect();
    for (const chart of this.charts) chart.plot.destroy();
    this.charts = [];
  }
}

// One metric: `data` is [times, upper, lower, expected, values], times in seconds.
export class MetricChart {
  constructor(group, name, { fixed = null, lead = "accent", unit = "", last = false } = {}) {
    this.group = group;
    this.name = name;
    this.unit = unit;
    this.fixed = fixed;
    this.height = fixed ?? [0, 1];
    this.now = h("span", { class: "now" });
    this.place = h("div", { class: "plot" });
    this.place.chart = this;
    this.element = h("figure", { class: "chart", role: "group", "aria-label": `Chart of ${name}` },
      h("figcaption", { class: "chart-title" }, h("b", {}, name), this.now), this.place);
    this.plot = new uPlot(this.#options(lead, last), [[], [], [], [], []], this.place);
    this.plot.root.setAttribute("role", "img");
    this.plot.root.setAttribute("aria-label", name);
    group.add(this);
  }

  set(columns) {
    const data = bridged(broken(columns));
    this.height = this.fixed ?? reach(data);
    this.plot.setData(data, false);
    const range = this.group.range;
    this.plot.setScale("x", range ? { min: range[0], max: range[1] } : { min: data[0][0], max: data[0].at(-1) });
    this.tell(data[0].length - 1);
  }

  fit() {
    const width = this.place.clientWidth;
    if (width && Math.abs(width - this.plot.width) > 1) this.plot.setSize({ width, height: this.plot.height });
  }

  tell(index) {
    const [times, upper, lower, expected, values] = this.plot.data;
    let at = index;
    while (at > 0 && (values[at] === null || values[at] === undefined)) at -= 1;
    if (at < 0 || !times.length) return;
    const known = expected[at] !== null && expected[at] !== undefined;
    const usual = known && lower[at] !== null ? `expected ${number(expected[at])} (${number(lower[at])} to ${number(upper[at])})` : "";
    this.now.replaceChildren(usual ? `${usual}  ` : "", h("strong", {}, measured(values[at], this.unit)));
    this.plot.root.setAttribute("aria-label", `${this.name}: ${measured(values[at], this.unit)}${usual ? `, ${usual}` : ""}`);
  }

  #options(lead, last) {
    const axis = { stroke: () => color("text-2"), grid: { stroke: () => color("line"), width: 1 }, ticks: { stroke: () => color("line"), width: 1 }, font: "11px system-ui, sans-serif" };
    const hidden = { stroke: "transparent", points: { show: false } };
    return {
      width: 600,
      height: HEIGHT + (last ? 20 : 0),
      padding: [8, 8, 0, 0],
      legend: { show: false },
      scales: { x: { time: true }, y: { range: () => this.height } },
      axes: [{ ...axis, size: 30, space: 70, values: (_plot, splits, _axis, _space, step) => splits.map((at) => clock(at, step)) }, { ...axis, size: 56, values: (_, splits) => splits.map((v) => number(v)) }],
      cursor: {
        sync: { key: this.group.key },
        y: false,
        drag: { x: true, y: false, setScale: false },
        bind: { dblclick: () => () => { this.group.onReset(); return null; } },
        points: { size: 6 },
      },
      series: [
        {},
        hidden,
        hidden,
        { stroke: () => color("text-2", 0.7), width: 1, dash: [4, 4], points: { show: false } },
        { stroke: () => color(lead), width: 1.6, points: { show: false } },
      ],
      bands: [{ series: [1, 2], fill: () => color("ok", 0.16) }],
      hooks: {
        drawClear: [(plot) => this.#paintSpans(plot)],
        draw: [(plot) => this.#paintMarks(plot)],
        setSelect: [(plot) => this.#selected(plot)],
        setCursor: [(plot) => this.tell(plot.cursor.idx ?? plot.data[0].length - 1)],
      },
    };
  }

  #selected(plot) {
    const { left, width } = plot.select;
    if (width < 4) return;
    this.group.onZoom(plot.posToVal(left, "x"), plot.posToVal(left + width, "x"));
    plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
  }

  #paintSpans(plot) {
    const { ctx, bbox } = plot;
    ctx.save();
    for (const { from, to, severity } of this.group.spans) {
      const left = Math.max(bbox.left, plot.valToPos(from, "x", true));
      const right = Math.min(bbox.left + bbox.width, plot.valToPos(to ?? 1e12, "x", true));
      if (right <= left) continue;
      const tone = severity === "info" ? "calm" : severity === "minor" ? "warn" : "bad";
      ctx.fillStyle = color(tone, 0.13);
      ctx.fillRect(left, bbox.top, Math.max(right - left, 2), bbox.height);
      ctx.fillStyle = color(tone, 0.8);
      ctx.fillRect(left, bbox.top, Math.max(right - left, 2), 2);
    }
    ctx.restore();
  }

  #paintMarks(plot) {
    const [times, , , , values] = plot.data;
    if (!times.length) return;
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    ctx.fillStyle = color("bad");
    for (const mark of this.group.marks) {
      const value = mark.values?.[this.name] ?? values[nearest(times, mark.at)];
      if (value === null || value === undefined || mark.at < times[0] - 5 || mark.at > times.at(-1) + 5) continue;
      ctx.beginPath();
      ctx.arc(plot.valToPos(mark.at, "x", true), plot.valToPos(value, "y", true), 3 * (devicePixelRatio || 1), 0, 7);
      ctx.fill();
    }
    ctx.restore();
  }
}

// A time as the axis needs it: seconds only between whole minutes, the day only between days.
function clock(at, step) {
  const time = new Date(at * 1000);
  const two = (value) => String(value).padStart(2, "0");
  if (step >= 86400) return `${time.getDate()}.${time.getMonth() + 1}.`;
  return `${two(time.getHours())}:${two(time.getMinutes())}${step < 60 ? `:${two(time.getSeconds())}` : ""}`;
}

// What the chart must reach: every value, and the band as it mostly is; the wide band of a device that still learns would
// else press its values into a line.
function reach([, upper, lower, , values]) {
  const known = values.filter((value) => value !== null && value !== undefined);
  if (!known.length) return [0, 1];
  let [low, high] = [Math.min(...known), Math.max(...known)];
  const room = 2 * (high - low) || Math.abs(high) || 1;
  const usual = (column) => {
    const sorted = column.filter((value) => value !== null && value !== undefined).sort((a, b) => a - b);
    return sorted[sorted.length >> 1];
  };
  const [floor, roof] = [usual(lower), usual(upper)];
  if (floor !== undefined) low = Math.min(low, Math.max(floor, low - room));
  if (roof !== undefined) high = Math.max(high, Math.min(roof, high + room));
  const edge = (high - low || Math.abs(high) || 1) * 0.06;
  return [low - edge, high + edge];
}

// A line must not bridge a time in which nothing was heard: an empty row stands where the pause is far longer than usual.
function broken(columns) {
  const [times] = columns;
  const steps = times.slice(1).map((at, i) => at - times[i]).sort((a, b) => a - b);
  const longest = Math.max(5, (steps[Math.floor(steps.length * 0.5)] ?? 0) * 8);
  if (!steps.length || steps.at(-1) <= longest) return columns;
  const made = columns.map(() => []);
  times.forEach((at, i) => {
    if (i && at - times[i - 1] > longest) made.forEach((column, k) => column.push(k ? null : (at + times[i - 1]) / 2));
    made.forEach((column, k) => column.push(columns[k][i]));
  });
  return made;
}

// A metric that comes with every tenth reading is a line all the same: between two of its values that are about as far
// apart as usual for it there is no gap (uPlot draws over what is undefined, and breaks at null).
export function bridged(columns) {
  const times = columns[0], values = columns.at(-1);
  const known = values.flatMap((value, i) => (value === null || value === undefined ? [] : [i]));
  if (known.length < 2 || known.length > values.length * MOSTLY_THERE) return columns;
  const steps = known.slice(1).map((at, i) => times[at] - times[known[i]]).sort((a, b) => a - b);
  const longest = steps[steps.length >> 1] * 8;
  const line = [...values];
  known.slice(1).forEach((at, i) => {
    if (times[at] - times[known[i]] <= longest) line.fill(undefined, known[i] + 1, at);
  });
  return [...columns.slice(0, -1), line];
}

function nearest(times, at) {
  let low = 0, high = times.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] < at) low = middle + 1;
    else high = middle;
  }
  return low > 0 && at - times[low - 1] < times[low] - at ? low - 1 : low;
}

export function legend() {
  return h("div", { class: "legend", "aria-hidden": "true" },
    h("span", {}, h("i", { class: "line" }), "measured"), h("span", {}, h("i", { class: "dashed" }), "expected"),
    h("span", {}, h("i", { class: "band" }), "usual band"), h("span", {}, h("i", { class: "span" }), "incident"),
    h("span", {}, h("i", { class: "point" }), "anomaly"));
}
