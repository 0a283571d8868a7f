// A small line of the newest values, with the band that was expected last.

import { color } from "./colors.js";

export function drawSpark(canvas, spark, tile) {
  const ratio = devicePixelRatio || 1;
  const width = canvas.clientWidth, height = canvas.clientHeight;
  if (!width || !height) return;
  if (canvas.width !== Math.round(width * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  const points = spark ? spark.values.map((value, i) => [spark.times[i], value]).filter(([, value]) => value !== null) : [];
  if (points.length < 2) return;
  const values = points.map(([, value]) => value);
  const hasBand = tile.lower !== undefined && tile.upper !== undefined && tile.state !== "learning";
  let low = Math.min(...values, ...(hasBand ? [tile.lower] : []));
  let high = Math.max(...values, ...(hasBand ? [tile.upper] : []));
  const room = (high - low || Math.abs(high) || 1) * 0.08;
  low -= room;
  high += room;
  const begin = points[0][0], length = points.at(-1)[0] - begin || 1;
  const x = (time) => ((time - begin) / length) * (width - 6) + 1;
  const y = (value) => height - ((value - low) / (high - low)) * height;
  if (hasBand) {
    pen.fillStyle = color("ok", 0.14);
    pen.fillRect(0, y(tile.upper), width, y(tile.lower) - y(tile.upper));
  }
  pen.beginPath();
  const usual = length / (points.length - 1);
  points.forEach(([time, value], i) => (i && time - points[i - 1][0] < usual * 6 + 3 ? pen.lineTo(x(time), y(value)) : pen.moveTo(x(time), y(value))));
  pen.strokeStyle = tile.state === "anomalous" ? color("bad") : tile.state === "ready" ? color("accent") : color("text-2");
  pen.lineWidth = 1.6;
  pen.lineJoin = "round";
  pen.stroke();
  const [time, value] = points.at(-1);
  pen.beginPath();
  pen.arc(x(time), y(value), 2.6, 0, 7);
  pen.fillStyle = pen.strokeStyle;
  pen.fill();
}
