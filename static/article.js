// The notes beside an article stand at the height of their statements, and opening one never moves the text.
"use strict";

const body = document.querySelector("[data-notes]");
const wide = matchMedia("(min-width: 64rem)");
const GAP = 10; // pixels between two notes

function place() {
  const floating = wide.matches;
  body.classList.toggle("floating", floating);
  const notes = [...body.querySelectorAll(".note")];
  if (!floating) {
    for (const note of notes) note.style.top = "";
    body.style.minHeight = "";
    return;
  }
  const top = body.getBoundingClientRect().top;
  let below = 0;
  let lowest = 0;
  for (const note of notes) {
    // What is being corrected stands right at its words, on top of the other notes.
    const correcting = note.matches(".is-correcting");
    const mark = document.getElementById(`s${note.dataset.statement}`);
    const wanted = Number(note.dataset.top ?? mark?.getBoundingClientRect().top - top) - 4;
    const at = correcting ? wanted : Math.max(wanted, below);
    note.style.top = `${at}px`;
    lowest = Math.max(lowest, at + note.offsetHeight + GAP);
    if (!correcting) below = at + note.offsetHeight + GAP;
  }
  body.style.minHeight = `${lowest}px`;
}

function light(id, on) {
  for (const part of body.querySelectorAll(`[data-s~="${id}"]`)) part.classList.toggle("lit", on);
  document.getElementById(`note${id}`)?.classList.toggle("lit", on);
}

function show(id) {
  const note = document.getElementById(`note${id}`);
  if (!note) return;
  note.open = true;
  note.querySelector("summary").focus({ preventScroll: wide.matches });
}

if (body) {
  place();
  wide.addEventListener("change", place);
  new ResizeObserver(place).observe(body);
  document.fonts?.ready.then(place);
  for (const note of body.querySelectorAll(".note")) {
    const id = note.dataset.statement;
    note.addEventListener("toggle", place);
    note.addEventListener("pointerenter", () => light(id, true));
    note.addEventListener("pointerleave", () => light(id, false));
    note.addEventListener("focusin", () => light(id, true));
    note.addEventListener("focusout", () => light(id, false));
  }
  body.addEventListener("pointerover", (event) => {
    const part = event.target.closest("[data-s]");
    for (const lit of body.querySelectorAll(".lit")) if (!part || lit !== part) lit.classList.remove("lit");
    if (part) for (const id of part.dataset.s.split(" ").slice(-1)) light(id, true);
  });
  body.addEventListener("click", (event) => {
    const label = event.target.closest("a.who");
    const part = event.target.closest("[data-s]");
    if (label) event.preventDefault();
    if (label) show(label.dataset.for);
    else if (part && !getSelection().toString()) show(part.dataset.s.split(" ").at(-1));
  });
  if (/^#s\d+$/.test(location.hash)) light(location.hash.slice(2), true);
}

// "p" confirms the person suggested in the note that is open and in hand.
document.addEventListener("keydown", (event) => {
  if (event.key !== "p" || event.ctrlKey || event.metaKey || event.altKey || event.repeat || body?.dataset.keys === "off") return;
  if (event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
  const button = event.target.closest(".note[open]")?.querySelector("[data-key=p]");
  if (!button) return;
  event.preventDefault();
  button.click();
});
