// A text that came in the address behind "#", from the bookmark, goes into the form; it never left this browser.
"use strict";

const form = document.querySelector(".draft-form");
const given = new URLSearchParams(location.hash.slice(1));
for (const box of document.querySelectorAll("[data-from-address]")) {
  const text = given.get(box.dataset.fromAddress);
  if (text && !box.value) box.value = text;
}
if (given.has("text")) {
  history.replaceState(null, "", location.pathname + location.search);
  form.querySelector("button.primary").focus();
}

// A long text takes some seconds: say that it is being read, and send it once.
form?.addEventListener("submit", () => {
  const button = form.querySelector("button.primary");
  button.setAttribute("aria-disabled", "true");
  button.textContent = form.dataset.busy;
  form.addEventListener("submit", (event) => event.preventDefault());
});
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload(); // back from the result: the button can be pressed again
});

// The bookmark is to be dragged, not pressed here.
document.querySelector("[data-bookmark]")?.addEventListener("click", (event) => event.preventDefault());

// A file dropped anywhere on the form is chosen.
form?.addEventListener("dragover", (event) => {
  if (event.dataTransfer.types.includes("Files")) event.preventDefault();
});
form?.addEventListener("drop", (event) => {
  if (!event.dataTransfer.files.length) return;
  event.preventDefault();
  form.querySelector("[type=file]").files = event.dataTransfer.files;
});
