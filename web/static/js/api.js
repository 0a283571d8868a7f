// Calls of our own API. The browser keeps entity tags by itself.

export const BASE = "/api/v1";

export class Problem extends Error {
  constructor(status, body) {
    super(body?.detail || `error ${status}`);
    this.status = status;
  }
}

export async function get(path, parameters = {}, signal = undefined) {
  return answer(await fetch(`${BASE}${path}${query(parameters)}`, { signal, headers: { Accept: "application/json" } }));
}

export async function post(path, body) {
  return send("POST", path, body);
}

export async function remove(path) {
  return send("DELETE", path);
}

async function send(method, path, body) {
  const headers = { "Content-Type": "application/json", Accept: "application/json" };
  return answer(await fetch(`${BASE}${path}`, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) }));
}

async function answer(response) {
  const body = await response.json().catch(() => null);
  if (response.status === 401 && location.pathname !== "/login") location.assign("/login");
  if (!response.ok) throw new Problem(response.status, body);
  return body;
}

export function query(parameters) {
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (each !== undefined && each !== null && each !== "") asked.append(name, each);
    }
  }
  const text = asked.toString();
  return text ? `?${text}` : "";
}
