// Two pictures drawn by hand: contributions over time as stacked bars, and readings on a plane.

import { color, PARTS } from "./colors.js";
import { h } from "./dom.js";
import { clockTime, percent } from "./format.js";

function sheet(canvas, height) {
  const ratio = devicePixelRatio || 1;
  const width = canvas.clientWidth || 600;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  pen.font = "11px system-ui, sans-serif";
  return [pen, width];
}

export function contributionsFigure(items) {
  const metrics = rank(items);
  const tones = new Map(metrics.map((metric, i) => [metric, PARTS[Math.min(i, PARTS.length - 1)]]));
  const canvas = h("canvas", { class: "plane", role: "img", "aria-label": `Contributions over time, mostly ${metrics.slice(0, 3).join(", ")}` });
  canvas.style.height = "150px";
  const names = h("div", { class: "legend" }, metrics.slice(0, 8).map((metric) => {
    const patch = h("i");
    patch.style.background = tones.get(metric);
    return h("span", {}, patch, metric);
  }));
  const draw = () => drawContributions(canvas, items, metrics, tones);
  new ResizeObserver(draw).observe(canvas);
  return h("div", { class: "stack tight" }, canvas, names);
}

function rank(items) {
  const sums = new Map();
  for (const item of items) for (const part of item.contributions) sums.set(part.metric, (sums.get(part.metric) ?? 0) + part.share);
  return [...sums].sort((a, b) => b[1] - a[1]).map(([metric]) => metric);
}

function drawContributions(canvas, items, metrics, tones) {
  const height = 150, foot = 18;
  const [pen, width] = sheet(canvas, height);
  const room = width / items.length;
  const bar = Math.max(1, Math.min(26, room - 1));
  items.forEach((item, i) => {
    let top = height - foot;
    for (const metric of metrics) {
      const share = item.contributions.find((part) => part.metric === metric)?.share ?? 0;
      const tall = share * (height - foot - 4);
      pen.fillStyle = tones.get(metric);
      pen.fillRect(i * room + (room - bar) / 2, top - tall, bar, tall);
      top -= tall;
    }
  });
  pen.fillStyle = color("text-2");
  const steps = Math.max(1, Math.ceil(items.length / Math.max(1, Math.floor(width / 90))));
  items.forEach((item, i) => i % steps === 0 && pen.fillText(clockTime(item.at), i * room, height - 4));
}

export function planeFigure(plane) {
  const canvas = h("canvas", { class: "plane", role: "img", "aria-label": `${plane.x.length} readings on a plane, ${plane.anomalous.filter(Boolean).length} of them anomalous` });
  const draw = () => drawPlane(canvas, plane);
  new ResizeObserver(draw).observe(canvas);
  return canvas;
}

function drawPlane(canvas, plane) {
  const height = 320, edge = 26;
  const [pen, width] = sheet(canvas, height);
  const [x, y] = [scale(plane.x, edge + 8, width - 12), scale(plane.y, height - edge, 12)];
  pen.strokeStyle = color("line");
  pen.beginPath();
  pen.moveTo(x(0), 0);
  pen.lineTo(x(0), height - edge + 6);
  pen.moveTo(edge, y(0));
  pen.lineTo(width, y(0));
  pen.stroke();
  for (const bad of [false, true]) {
    pen.fillStyle = bad ? color("bad", 0.85) : color("accent", 0.4);
    plane.x.forEach((value, i) => {
      if (plane.anomalous[i] !== bad) return;
      pen.beginPath();
      pen.arc(x(value), y(plane.y[i]), bad ? 3.4 : 2.4, 0, 7);
      pen.fill();
    });
  }
  drawLoadings(pen, plane, x, y, width, height - edge);
  pen.fillStyle = color("text-2");
  pen.fillText(`first direction: ${percent(plane.explained[0])} of the variance`, edge + 8, height - 6);
  pen.save();
  pen.translate(12, height - edge - 8);
  pen.rotate(-Math.PI / 2);
  pen.fillText(`second: ${percent(plane.explained[1])}`, 0, 0);
  pen.restore();
}

function drawLoadings(pen, plane, x, y, width, height) {
  const strongest = Object.entries(plane.loadings).sort((a, b) => Math.hypot(...b[1]) - Math.hypot(...a[1])).slice(0, 6);
  const reach = Math.min(width, height) * 0.3;
  const placed = [];
  for (const [metric, [a, b]] of strongest) {
    const [tipX, tipY] = [x(0) + a * reach, y(0) - b * reach];
    pen.strokeStyle = color("text-2", 0.7);
    pen.beginPath();
    pen.moveTo(x(0), y(0));
    pen.lineTo(tipX, tipY);
    pen.stroke();
    pen.fillStyle = color("text");
    const label = metric.length > 20 ? `${metric.slice(0, 19)}…` : metric;
    const long = pen.measureText(label).width;
    const labelX = Math.min(Math.max(tipX + (a < 0 ? -6 - long : 6), 2), width - long - 2);
    let labelY = Math.min(Math.max(tipY + (b < 0 ? 12 : -4), 12), height - 2); // above the words on the first direction
    while (placed.some((other) => Math.abs(other.y - labelY) < 12 && labelX < other.end && other.x < labelX + long)) labelY += 12;
    placed.push({ x: labelX, y: labelY, end: labelX + long });
    pen.fillText(label, labelX, labelY);
  }
}

function scale(values, from, to) {
  const low = Math.min(0, ...values), high = Math.max(0, ...values);
  const length = high - low || 1;
  return (value) => from + ((value - low) / length) * (to - from);
}
