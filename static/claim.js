// Keys of the claim page: each presses the link or button that carries it. The page shows them, and its readers can switch them off.
"use strict";

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, [contenteditable]")) return;
  const found = document.querySelector(`.claim-page[data-keys=on] [data-key="${CSS.escape(event.key)}"]`);
  if (!found) return;
  event.preventDefault();
  found.click();
});
