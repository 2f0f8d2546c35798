// What makes the pages quicker to use; each of them works without it.
"use strict";

// Home: Enter looks up, Shift+Enter makes a new line. A long text is pasted with its line breaks.
document.querySelector("[data-ask] textarea")?.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    event.target.form.requestSubmit();
  }
});

// A text typed before signing in waits in this tab for the form it was meant for.
const kept = document.querySelector("textarea[data-keep]");
if (kept) {
  const key = `claimtrail-${kept.dataset.keep}`;
  if (kept.readOnly) {
    sessionStorage.setItem(key, kept.value);
  } else {
    if (!kept.value) kept.value = sessionStorage.getItem(key) ?? "";
    kept.form.addEventListener("submit", () => sessionStorage.removeItem(key));
  }
}

// "/" goes to the search box, wherever the reader is, unless they are typing or have turned keys off.
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]") || document.querySelector("[data-keys=off]")) return;
  const box = document.querySelector("#q, #top-q");
  if (box) {
    event.preventDefault();
    box.focus();
  }
});

// While an article is being read: look again every second, and go on when it is ready.
async function poll(address) {
  const answer = await fetch(address, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const next = page.querySelector("#progress");
  if (!next?.dataset.poll) {
    location.reload();
    return;
  }
  const now = document.querySelector("#progress");
  if (now.innerHTML !== next.innerHTML) now.replaceWith(next);
  setTimeout(poll, 1000, address);
}
const waiting = document.querySelector("#progress[data-poll]");
if (waiting) setTimeout(poll, 600, waiting.dataset.poll);

// A menu closes when the reader looks elsewhere.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.account[open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.account[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// On a narrow screen the filters start folded.
const filters = document.querySelector("details.fold");
if (filters && matchMedia("(max-width: 50rem)").matches) filters.open = false;
