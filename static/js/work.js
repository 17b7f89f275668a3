// After an answer the next card is at hand: its title gets the focus, and the answered one stays
// where it was, so that it can be undone.

document.body.addEventListener("htmx:afterSwap", (event) => {
  const swapped = event.detail.elt;
  if (!(swapped instanceof Element) || !swapped.matches("[data-card], [data-answered]")) return;
  const next = swapped.matches("[data-answered]")
    ? document.querySelector("[data-work] [data-card] .work-title")
    : swapped.querySelector("details[open] input:not([type=hidden]), .work-title");
  next?.focus({ preventScroll: false });
});
