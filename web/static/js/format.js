// Numbers and times as people read them.

export function number(value, digits = 4) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e7 || size < 1e-3)) return value.toExponential(2);
  return Number(value.toPrecision(Math.max(digits, Math.ceil(Math.log10(size || 1))))).toLocaleString("en", { maximumFractionDigits: 6 });
}

export function measured(value, unit) {
  return unit && value !== null && value !== undefined ? `${number(value)}${unit === "%" ? "" : " "}${unit}` : number(value);
}

export function count(value) {
  return (value ?? 0).toLocaleString("en", { maximumFractionDigits: 0 });
}

export function percent(share) {
  if (share === null || share === undefined) return "–";
  const value = share * 100;
  return value > 99.9 && value < 100 ? "> 99.9 %" : `${value < 1 && value > 0 ? "< 1" : Math.round(value)} %`;
}

// Hours as the charts and the command line write them; the zone, because what is said of an incident is in UTC.
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long", hourCycle: "h23" });
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium", hourCycle: "h23" });

export function moment(time) {
  return time ? full.format(new Date(time)) : "–";
}

export function clockTime(time) {
  return time ? clock.format(new Date(time)) : "–";
}

export function span(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 120) return `${whole} s`;
  if (whole < 7200) return `${Math.round(whole / 60)} min`;
  if (whole < 172800) return `${Math.round(whole / 3600)} h`;
  return `${Math.round(whole / 86400)} days`;
}

export function ago(time) {
  if (!time) return "–";
  const seconds = (Date.now() - new Date(time)) / 1000;
  return seconds < 5 ? "just now" : `${span(seconds)} ago`;
}

// How long an incident lasted, in its two largest units, as the bell and the command line say it.
export function lasted(alert) {
  const end = alert.closed_at ? new Date(alert.closed_at) : new Date();
  return length((end - new Date(alert.opened_at)) / 1000);
}

export function length(seconds) {
  let left = Math.max(0, seconds % 1 === 0.5 ? 2 * Math.round(seconds / 2) : Math.round(seconds)); // a half goes to the even one
  const parts = [];
  for (const [size, name] of [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]]) {
    const whole = Math.floor(left / size);
    left %= size;
    if (whole || (size === 1 && !parts.length)) parts.push(`${whole} ${name}`);
  }
  return parts.slice(0, 2).join(" ");
}

export function several(number, one, more = `${one}s`) {
  return `${count(number)} ${number === 1 ? one : more}`;
}

// A device's name as one level of its topic, then as one part of an address.
export function level(name) {
  const topic = [...name].map((c) => (/[\p{L}\p{N}\-_.~]/u.test(c) ? c : encodeURIComponent(c).replace(/[!'()*]/g, (x) => `%${x.charCodeAt(0).toString(16).toUpperCase()}`))).join("");
  return encodeURIComponent(topic);
}
