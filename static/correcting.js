// Correcting in place: the plain form opens beside its statement, whose ends can be dragged; selected words can be taken up.
// Everything is sent by the form itself, so each of it also works on the form's own page.
"use strict";

const marker = document.querySelector("[data-add]"); // the article's text and notes, for editors
const takeUp = document.querySelector("#take-up");
let correction = null; // what is being corrected: {panel, note, start, end, handles, from}

async function openForm(address, host, from) {
  closeForm();
  const answer = await fetch(address, { headers: { Accept: "text/html" } });
  const panel = answer.ok && new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("#correcting");
  if (!panel) {
    location.assign(address);
    return;
  }
  const note = host();
  note.querySelector(".note-body").append(document.adoptNode(panel));
  note.classList.add("is-correcting");
  for (const part of panel.querySelectorAll(".edges, .take-words, .correct-keys")) {
    part.hidden = part.matches(".correct-keys") && marker.dataset.keys !== "on";
  }
  const number = (name) => Number(panel.querySelector(`[name=${name}]`).value);
  correction = { panel, note, from, start: number("start"), end: number("end"), handles: ["start", "end"].map(handle) };
  takeUp.hidden = true;
  place();
  draw();
  panel.querySelector("[data-cancel]").addEventListener("click", (event) => {
    event.preventDefault();
    closeForm();
  });
  panel.addEventListener("click", (event) => {
    const edge = event.target.closest("[data-edge]");
    const take = event.target.closest(".take-words");
    if (edge) move(edge.dataset.edge, articleText.step(correction[edge.dataset.edge], edge.dataset.edge, Number(edge.dataset.by)));
    if (take) takeWords(take.dataset.role);
  });
  panel.addEventListener("toggle", place, true);
  for (const button of panel.querySelectorAll(".take-words")) button.addEventListener("pointerdown", (e) => e.preventDefault());
  panel.querySelector("[data-edge]").focus({ preventScroll: wide.matches });
  if (wide.matches && note.offsetHeight < innerHeight * 0.85) note.scrollIntoView({ block: "nearest" });
}

function closeForm() {
  if (!correction) return;
  const { panel, note, handles, from } = correction;
  correction = null;
  panel.remove();
  for (const one of handles) one.remove();
  CSS.highlights?.delete("correcting");
  note.classList.remove("is-correcting");
  if (note.matches(".adding")) note.remove();
  place();
  from?.focus({ preventScroll: true });
}

// The words between start and end light up, and the handles hang on them.
function draw() {
  if (!correction) return;
  const { start, end, handles } = correction;
  if (globalThis.Highlight) CSS.highlights.set("correcting", new Highlight(...articleText.ranges(start, end)));
  const frame = marker.getBoundingClientRect();
  for (const one of handles) {
    const box = articleText.edge(start, end, one.dataset.handle);
    if (!box) continue;
    const first = one.dataset.handle === "start";
    one.style.left = `${(first ? box.left : box.right) - frame.left}px`;
    one.style.top = `${box.top - frame.top}px`;
    one.style.height = `${box.height}px`;
  }
}

function move(which, offset) {
  const changed = { start: correction.start, end: correction.end, [which]: offset };
  if (changed.start >= changed.end) return;
  Object.assign(correction, changed);
  for (const name of ["start", "end"]) correction.panel.querySelector(`[name=${name}]`).value = changed[name];
  correction.panel.querySelector("[name=words]").value = articleText.words(changed.start, changed.end);
  draw();
}

// A handle is for pointers only: the buttons of the form do the same for keyboards and screen readers.
function handle(which) {
  const one = document.createElement("span");
  one.className = `handle handle-${which}`;
  one.dataset.handle = which;
  one.setAttribute("aria-hidden", "true");
  one.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    const box = articleText.edge(correction.start, correction.end, which);
    const line = box.top + box.height / 2 - event.clientY; // from the knob to its line of text
    const side = (which === "start" ? box.left : box.right) - event.clientX;
    one.setPointerCapture(event.pointerId);
    one.classList.add("held");
    const drag = (moved) => {
      const offset = articleText.at(moved.clientX + side, moved.clientY + line);
      if (offset !== null) move(which, articleText.snap(offset, which));
    };
    const drop = () => {
      one.removeEventListener("pointermove", drag);
      one.classList.remove("held");
    };
    one.addEventListener("pointermove", drag);
    one.addEventListener("lostpointercapture", drop, { once: true });
  });
  marker.append(one);
  return one;
}

function takeWords(role) {
  const found = articleText.selected();
  if (!found) return;
  correction.panel.querySelector(`[name=${role}]`).value = articleText.words(...found).trim();
  correction.panel.querySelector(`[name=${role}_at]`).value = found.join("-");
}

function correct(note) {
  note.open = true;
  const link = note.querySelector("a[data-correct]");
  if (link) openForm(link.href, () => note, link);
}

function takeUpSelected() {
  const found = articleText.selected();
  if (!found) return;
  const [start, end] = found;
  const top = articleText.edge(start, end, "start").top - marker.getBoundingClientRect().top;
  const passage = articleText.ranges(start, end)[0].startContainer.parentElement.closest(".passage");
  const query = new URLSearchParams({ start, end });
  openForm(`${marker.dataset.add}?${query}`, () => {
    let notes = passage.querySelector(".notes");
    if (!notes) passage.append((notes = Object.assign(document.createElement("div"), { className: "notes" })));
    const note = Object.assign(document.createElement("section"), { className: "note adding" });
    note.dataset.top = top;
    note.append(Object.assign(document.createElement("div"), { className: "note-body" }));
    notes.append(note);
    getSelection().removeAllRanges();
    return note;
  }, null);
}

// The button stands below what is selected, as long as something is.
function offer() {
  const found = correction ? null : articleText.selected();
  takeUp.hidden = !found;
  if (!found) return;
  const box = articleText.edge(...found, "end");
  const frame = marker.getBoundingClientRect();
  takeUp.style.left = `${Math.max(0, Math.min(box.right - frame.left - 40, frame.width - takeUp.offsetWidth))}px`;
  takeUp.style.top = `${box.bottom - frame.top + 8}px`;
}

function chosenNote() {
  const focused = document.activeElement.closest(".note");
  return focused ?? (/^#s\d+$/.test(location.hash) ? document.querySelector(`#note${location.hash.slice(2)}`) : null)
    ?? [...marker.querySelectorAll(".note[open]")].at(-1);
}

if (marker) {
  marker.append(takeUp);
  takeUp.addEventListener("pointerdown", (event) => event.preventDefault());
  takeUp.addEventListener("click", takeUpSelected);
  let waiting = 0;
  document.addEventListener("selectionchange", () => {
    clearTimeout(waiting);
    waiting = setTimeout(offer, 150);
  });
  new ResizeObserver(draw).observe(marker);
  marker.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-correct]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    correct(link.closest(".note"));
  });

  document.addEventListener("keydown", (event) => {
    const inField = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (correction && event.key === "Escape") {
      closeForm();
      event.preventDefault();
    } else if (correction && event.key === "Enter" && !event.shiftKey && !event.isComposing && event.target.matches("textarea")) {
      event.preventDefault();
      event.target.form.requestSubmit();
    }
    if (inField || event.ctrlKey || event.metaKey || marker.dataset.keys !== "on") return;
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (correction && event.shiftKey && by) {
      const which = event.altKey ? "start" : "end";
      move(which, articleText.step(correction[which], which, by));
    } else if (event.altKey || event.shiftKey || event.repeat) return;
    else if (event.key === "c" && !correction && chosenNote()) correct(chosenNote());
    else if (event.key === "a" && !takeUp.hidden) takeUpSelected();
    else if (event.key === "u" && !correction) document.querySelector("#done form")?.requestSubmit();
    else return;
    event.preventDefault();
  });

  // Back from a correction: it is said aloud, and the keyboard is where it was.
  const said = document.querySelector("#done [role=status]");
  if (said) {
    const words = [...said.childNodes];
    said.replaceChildren();
    addEventListener("load", () => setTimeout(() => { // after the browser has gone to the place in the address
      said.append(...words);
      const [, id] = /^#s(\d+)$/.exec(location.hash) ?? [];
      document.querySelector(`#note${id} summary`)?.focus({ preventScroll: true });
    }, 100));
  }
}
