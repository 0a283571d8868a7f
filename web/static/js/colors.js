// The page's colours for canvases, which do not know CSS variables.

const probe = document.createElement("span");
const known = new Map();
export const changes = new EventTarget();

export function color(name, alpha = 1) {
  const key = `${name} ${alpha}`;
  if (!known.has(key)) {
    if (!probe.isConnected) {
      probe.hidden = true;
      document.body.append(probe);
    }
    probe.style.color = alpha === 1 ? `var(--${name})` : `color-mix(in srgb, var(--${name}) ${alpha * 100}%, transparent)`;
    known.set(key, getComputedStyle(probe).color);
  }
  return known.get(key);
}

export function forget() {
  known.clear();
  changes.dispatchEvent(new Event("change"));
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", forget);

// Colours for the parts of a whole, told apart also by those who see colours otherwise (Okabe and Ito).
export const PARTS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#b59f00", "#7f7f7f"];
