// The stream of events. It asks only for what is on the screen, and connects again by itself.

import { BASE, query } from "./api.js";

const KINDS = ["health", "alert", "device", "gone", "answer", "tiles", "score"];
const LONGEST_WAIT_MS = 15000;
const OUT_OF_SIGHT_MS = 20000;

export class Live extends EventTarget {
  #source = null;
  #wanted = { shown: [], device: null };
  #has = null;
  #timer = 0;
  #failures = 0;
  #watch = 0;
  #heard = 0;

  #hidden = 0;
  #resting = false;
  #lostNow = false;

  // A browser has few connections to one host: a page out of sight gives its own back, and catches up when it is seen again.
  constructor() {
    super();
    document.addEventListener("visibilitychange", () => {
      clearTimeout(this.#hidden);
      if (document.hidden) this.#hidden = setTimeout(() => this.#rest(), OUT_OF_SIGHT_MS);
      else if (this.#resting) this.#open();
    });
  }

  #rest() {
    this.#resting = true;
    this.#failures += 1;
    clearTimeout(this.#timer);
    clearInterval(this.#watch);
    this.#source?.close();
  }

  // Asks for other devices; an open stream that has them already stays as it is.
  want({ shown = [], device = null }) {
    this.#wanted = { shown, device };
    if (this.#resting || this.#lostNow) return; // what is wanted is asked for when it opens again
    clearTimeout(this.#timer);
    if (!this.#source) {
      this.#open();
      return;
    }
    const covered = this.#has.device === device && shown.every((name) => this.#has.shown.has(name));
    if (!covered || this.#has.shown.size > shown.length + 100) this.#timer = setTimeout(() => this.#open(), 250);
  }

  #open() {
    this.#resting = false;
    this.#lostNow = false;
    this.#source?.close();
    clearInterval(this.#watch);
    const { shown, device } = this.#wanted;
    this.#has = { shown: new Set(shown), device };
    const source = new EventSource(`${BASE}/live${query({ shown: shown.slice(0, 300), device })}`);
    this.#source = source;
    this.#heard = Date.now();
    source.onopen = () => {
      const again = this.#failures > 0;
      this.#failures = 0;
      this.#tell("state", { state: "open", again });
    };
    source.onerror = () => this.#lost(source);
    for (const kind of KINDS) {
      source.addEventListener(kind, (event) => {
        this.#heard = Date.now();
        this.#tell(kind, JSON.parse(event.data));
      });
    }
    // A connection that died without a word: nothing for a minute, though health changes every few seconds.
    this.#watch = setInterval(() => Date.now() - this.#heard > 60000 && this.#lost(source), 5000);
  }

  #lost(source) {
    if (source !== this.#source) return;
    source.close();
    clearInterval(this.#watch);
    this.#failures += 1;
    this.#lostNow = true;
    this.#tell("state", { state: "lost", again: false });
    clearTimeout(this.#timer);
    const wait = Math.min(LONGEST_WAIT_MS, 500 * 2 ** Math.min(this.#failures, 6)) * (0.5 + Math.random() / 2);
    this.#timer = setTimeout(() => this.#open(), wait);
  }

  #tell(kind, detail) {
    this.dispatchEvent(new CustomEvent(kind, { detail }));
  }
}
