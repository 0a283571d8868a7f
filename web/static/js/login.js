import { get, post } from "./api.js";

const form = document.getElementById("login");
const problem = document.getElementById("problem");

const visitor = await get("/session").catch(() => ({ login: true, method: "token" }));
if (!visitor.login || visitor.name) location.replace("/");
const byName = visitor.method === "password";
document.getElementById("name-field").hidden = !byName;
document.getElementById("password-field").hidden = !byName;
document.getElementById("token-field").hidden = byName;
form.querySelector("label:not([hidden]) input").focus();

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  problem.textContent = "";
  const fields = Object.fromEntries(new FormData(form));
  try {
    await post("/session", byName ? { name: fields.name, password: fields.password } : { token: fields.token });
    location.replace("/");
  } catch (error) {
    problem.textContent = error.status === 429 ? error.message : "That is not right.";
  }
});
