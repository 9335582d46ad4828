// What the consoles do with script, and can do without: ask before what cannot be undone, copy, send a form once.
"use strict";

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.confirm && !window.confirm(form.dataset.confirm)) {
    event.preventDefault();
    return;
  }
  if (form.dataset.sent) {
    event.preventDefault(); // a second click on the same button
    return;
  }
  form.dataset.sent = "yes";
  // Leaving a page by "back" shows it as it was: its forms may be sent again.
  window.addEventListener("pageshow", () => delete form.dataset.sent, { once: true });
});

for (const button of document.querySelectorAll("[data-copy]")) {
  const field = button.parentElement.querySelector("input");
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      document.execCommand("copy"); // over plain HTTP there is no clipboard to write to
    }
    button.setAttribute("aria-pressed", "true");
  });
}
