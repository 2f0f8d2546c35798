// Who chose a status with the mouse goes on with the source: the second click is the last one. The keyboard moves among the
// choices with the arrows, so there the focus stays.
"use strict";

document.addEventListener("click", (event) => {
  const choice = event.target.closest(".status-choice");
  if (!choice || !event.detail) return;
  setTimeout(() => choice.closest("form").elements.source.focus());
});
