// The sheet as a grid: a click or Enter on a cell opens its form in place, Escape closes it again,
// ticked rows bring up the bulk bar, and the arrow keys move between cells. Without this file every
// cell is a link to a page with the same form.

const cellOf = (element) => element.closest("[data-cell], td");
const before = new WeakMap(); // What stood in a cell before its form was opened.

const open = async (link) => {
  const cell = cellOf(link);
  before.set(cell, [...cell.childNodes]);
  await window.htmx.ajax("GET", link.href, { target: cell, swap: "innerHTML" });
  cell.classList.add("is-open");
  cell.querySelector("input:not([type=hidden]), select, textarea")?.focus();
};

const close = (form) => {
  const cell = cellOf(form);
  const nodes = before.get(cell);
  if (!nodes) return false;
  cell.replaceChildren(...nodes);
  cell.classList.remove("is-open");
  cell.querySelector("a.cell")?.focus();
  return true;
};

document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  const link = event.target.closest("a.cell");
  if (link) {
    event.preventDefault();
    open(link);
    return;
  }
  const cancel = event.target.closest("[data-cell-cancel]");
  if (cancel && close(cancel)) {
    event.preventDefault();
    return;
  }
  // Elsewhere in a row, the row is a link to its page.
  const row = event.target.closest("[data-grid] > tr");
  if (!row || event.target.closest("a, button, input, select, textarea, label, form, .is-open")) return;
  if (String(getSelection())) return;
  row.querySelector("th a")?.click();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const form = event.target.closest(".cell-form");
    if (form && close(form)) event.preventDefault();
    return;
  }
  const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  const step = steps[event.key];
  const from = event.target.closest("[data-grid] a");
  if (!step || !from) return;
  event.preventDefault();
  move(from, ...step);
});

const move = (from, down, right) => {
  const cell = from.closest("td, th");
  const row = cell.parentElement;
  const target = right
    ? nearest(cell, right > 0 ? "nextElementSibling" : "previousElementSibling")
    : row[down > 0 ? "nextElementSibling" : "previousElementSibling"]?.cells[cell.cellIndex];
  target?.querySelector("a")?.focus();
};

const nearest = (cell, direction) => {
  let next = cell[direction];
  while (next && !next.querySelector("a")) next = next[direction];
  return next;
};

// After a save the cell is a link again; the focus returns to where the person was.
document.addEventListener("htmx:afterSwap", (event) => {
  const cell = event.detail.target;
  if (!before.has(cell) || cell.querySelector(".cell-form")) return;
  before.delete(cell);
  cell.classList.remove("is-open");
  cell.querySelector("a.cell")?.focus();
});

const showBulk = () => {
  const bar = document.querySelector("[data-bulk]");
  if (!bar) return;
  const ticked = document.querySelectorAll(".pick:checked").length;
  bar.hidden = ticked === 0;
  const all = bar.querySelector("[name=all]");
  const words = ticked === 1 ? "1 row selected" : `${ticked} rows selected`;
  bar.querySelector("[data-bulk-count]").textContent = all?.checked ? "All matching selected" : words;
};

let lastPicked = null;
document.addEventListener("click", (event) => {
  const pick = event.target.closest(".pick");
  if (!pick) return;
  const picks = [...document.querySelectorAll(".pick")];
  if (event.shiftKey && lastPicked?.isConnected) {
    const [from, to] = [picks.indexOf(lastPicked), picks.indexOf(pick)].sort((a, b) => a - b);
    for (const one of picks.slice(from, to + 1)) one.checked = pick.checked;
  }
  lastPicked = pick;
});
document.addEventListener("change", (event) => {
  if (event.target.closest(".pick, [data-bulk] [name=all]")) showBulk();
});
