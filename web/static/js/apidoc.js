// The API's own document, to read.

import { badge, fill, h, scrolling } from "./dom.js";

const document_ = await (await fetch("/api/v1/openapi.json")).json();
const main = document.getElementById("main");

function words(schema) {
  if (!schema) return "";
  if (schema.$ref) {
    const name = schema.$ref.split("/").at(-1);
    return h("a", { href: `#${name}` }, name);
  }
  if (schema.anyOf) return schema.anyOf.map((each, i) => [i ? " or " : "", words(each)]);
  if (schema.enum) return schema.enum.join(", ");
  if (schema.const !== undefined) return String(schema.const);
  if (schema.type === "array") return ["list of ", words(schema.items) || "anything"];
  return schema.format ?? schema.type ?? "anything";
}

// Names stand in backticks there, as in Markdown.
function plain(text) {
  return text.split("`").map((part, i) => (i % 2 ? h("code", {}, part) : part));
}

function call(path, method, operation) {
  const body = operation.requestBody?.content?.["application/json"];
  return h("section", { class: "card" },
    h("div", { class: "card-head" }, badge(method.toUpperCase(), method === "get" ? "good" : "learning"), h("h2", {}, path)),
    h("p", {}, plain(operation.description)),
    operation.parameters?.length > 0 && scrolling(h("table", {},
      h("thead", {}, h("tr", {}, ["Parameter", "In", "Type", "What"].map((each) => h("th", { scope: "col" }, each)))),
      h("tbody", {}, operation.parameters.map((each) => h("tr", {}, h("td", {}, h("code", {}, each.name)), h("td", {}, each.in), h("td", {}, words(each.schema)), h("td", {}, plain(each.description ?? ""))))))),
    body && h("p", {}, "Body: ", words(body.schema)),
    h("p", { class: "muted small" }, Object.entries(operation.responses).map(([status, answer], i) => [i ? " · " : "", `${status} ${answer.description}`,
      status < 300 && Object.values(answer.content ?? {}).map((each) => each.schema && [": ", words(each.schema)])])));
}

function object(name, schema) {
  const required = new Set(schema.required ?? []);
  return h("section", { class: "card", id: name }, h("h2", {}, name), h("p", {}, plain(schema.description ?? "")),
    schema.properties && scrolling(h("table", {}, h("tbody", {}, Object.entries(schema.properties).map(([field, type]) =>
      h("tr", {}, h("td", {}, h("code", {}, field)), h("td", {}, words(type)), h("td", { class: "muted" }, required.has(field) ? "always there" : "may be missing")))))));
}

fill(main, h("h1", {}, "The HTTP API"),
  h("p", {}, document_.info.summary, " The document for programs is at ", h("a", { href: "/api/v1/openapi.json" }, "/api/v1/openapi.json"), "."),
  Object.entries(document_.paths).flatMap(([path, operations]) => Object.entries(operations).map(([method, operation]) => call(path, method, operation))),
  h("h2", {}, "Objects"), Object.entries(document_.components.schemas).sort(([a], [b]) => a.localeCompare(b)).map(([name, schema]) => object(name, schema)));
