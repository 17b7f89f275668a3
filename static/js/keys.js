// The keyboard: "/" goes to the search field, "?" lists the keys, "g" and a letter goes to the
// place of the navigation that carries the letter as data-key. A button with data-opens-dialog
// opens the dialog of that id.

const SEQUENCE_MILLISECONDS = 1500;
let goPressedAt = -Infinity;

const isTyping = (element) =>
  element.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(element.tagName);

const dialog = () => document.getElementById("keys");

const go = (letter) => {
  const link = document.querySelector(`a[data-key="${CSS.escape(letter)}"]`);
  link?.click();
  return Boolean(link);
};

const act = (key) => {
  if (performance.now() - goPressedAt < SEQUENCE_MILLISECONDS) {
    goPressedAt = -Infinity;
    return go(key);
  }
  if (key === "g") {
    goPressedAt = performance.now();
    return true;
  }
  const search = document.getElementById("search");
  if (key === "/" && search) {
    search.focus();
    search.select();
    return true;
  }
  if (key === "?" && !dialog().open) {
    dialog().showModal();
    return true;
  }
  return false;
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (document.querySelector("dialog[open]")) return;
  if (act(event.key)) event.preventDefault();
});

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens-dialog]");
  if (opener) document.getElementById(opener.dataset.opensDialog).showModal();
});

// An open menu closes on Escape, and when the reader turns to something else.
const closeMenus = (except) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(except)) menu.open = false;
  }
};
document.addEventListener("click", (event) => closeMenus(event.target));
document.addEventListener("focusin", (event) => closeMenus(event.target));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  document.querySelector("details.menu[open] summary")?.focus();
  closeMenus(null);
});
