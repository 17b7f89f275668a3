// Light, dark or as the system: decided in the head, before anything is painted. The choice is
// kept in this browser. A page that draws with colours listens for "cairn:theme".
(() => {
  const key = "cairn-theme";
  const systemIsDark = matchMedia("(prefers-color-scheme: dark)");

  const choice = () => {
    try {
      return localStorage.getItem(key) ?? "auto";
    } catch {
      return "auto"; // Storage may be forbidden; the system's theme still works.
    }
  };

  const show = (theme) => {
    document.documentElement.dataset.bsTheme = theme;
    document.dispatchEvent(new CustomEvent("cairn:theme"));
  };

  const apply = () => {
    const dark = choice() === "dark" || (choice() === "auto" && systemIsDark.matches);
    for (const button of document.querySelectorAll("[data-theme-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === choice()));
    }
    show(dark ? "dark" : "light");
  };

  apply();
  systemIsDark.addEventListener("change", apply);
  addEventListener("beforeprint", () => show("light")); // Paper is white.
  addEventListener("afterprint", apply);
  document.addEventListener("DOMContentLoaded", apply);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-choice]");
    if (!button) return;
    try {
      localStorage.setItem(key, button.dataset.themeChoice);
    } catch {
      return; // Nothing can be remembered, so nothing is pretended.
    }
    apply();
  });
})();
