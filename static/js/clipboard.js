// A button with data-copy copies that text, says so on itself for a moment, and to screen readers.

const SHOWN_MILLISECONDS = 1500;

const announce = (text) => {
  document.getElementById("announcements").textContent = text;
};

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
  } catch {
    announce("Copying is not allowed here. Select the text and copy it by hand.");
    return;
  }
  announce(`Copied ${button.dataset.copy}`);
  button.classList.add("is-copied");
  setTimeout(() => button.classList.remove("is-copied"), SHOWN_MILLISECONDS);
});
