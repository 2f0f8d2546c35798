// Results by keyboard: j and k move from one to the next, Enter opens the one in focus as any link.
"use strict";

const list = document.querySelector(".search-page[data-keys=on]");
document.addEventListener("keydown", (event) => {
  if (!list || event.ctrlKey || event.metaKey || event.altKey || !["j", "k"].includes(event.key)) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const titles = [...list.querySelectorAll(".result .row-title a")];
  const at = titles.indexOf(event.target.closest(".result")?.querySelector(".row-title a"));
  const next = event.key === "j" ? titles[at + 1] : titles[at < 0 ? 0 : at - 1];
  if (next) {
    event.preventDefault();
    next.focus();
    next.closest(".result").scrollIntoView({ block: "nearest" });
  }
});
