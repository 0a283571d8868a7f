// Before the first paint: the colours that were chosen here earlier. A module would come too late.
(() => {
  const chosen = localStorage.getItem("tocsin-theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
})();
