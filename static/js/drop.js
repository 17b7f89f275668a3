// A file dropped anywhere on the page becomes the file of the form marked data-drop, and is sent.

const zone = document.querySelector("[data-drop]");
const input = zone?.querySelector('input[type="file"]');

if (input) {
  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");

  document.addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    zone.classList.add("is-over");
  });

  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) zone.classList.remove("is-over");
  });

  document.addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    zone.classList.remove("is-over");
    input.files = event.dataTransfer.files;
    input.form.requestSubmit();
  });
}
