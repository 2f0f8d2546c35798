// Review by keyboard. Keys press the buttons that are on the page, so they can do nothing that a click cannot.
"use strict";

const queue = () => document.querySelector("#queue");
const chosen = () => queue().querySelector("details.candidate[open]") ?? queue().querySelector("details.candidate");
let busy = false;

function choose(candidate) {
  if (!candidate) return;
  candidate.open = true;
  candidate.querySelector("summary").focus({ preventScroll: true });
  candidate.scrollIntoView({ block: "nearest" });
}

// A part of the page that opens, and its first field that can be filled in.
function openUp(selector) {
  const details = document.querySelector(selector);
  if (!details) return;
  details.open = true;
  details.querySelector("select, input")?.focus();
}

// The server makes the next statement ready while this one is read.
function lookAhead() {
  const address = queue()?.dataset.ahead;
  if (address) fetch(address).catch(() => {}); // it only saves time
}

function press(key) {
  const place = "sron".includes(key) ? chosen() : queue();
  const found = place?.querySelector(`[data-key="${key}"]`);
  (found?.matches("form") ? found.querySelector("button") : found)?.click();
}

function newClaim() {
  const form = queue().querySelector("#new-claim");
  if (!form) return;
  form.open = true;
  const text = form.querySelector("textarea");
  text.focus();
  text.select();
}

document.addEventListener("keydown", (event) => {
  if (event.target.matches?.("textarea[data-enter]")) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      event.target.form.requestSubmit();
    } else if (event.key === "Escape") {
      event.target.closest("details").open = false;
      document.querySelector("#statement").focus();
    }
    return;
  }
  if (event.key === "Escape" && event.target.closest("#assign, #filters")) {
    event.target.closest("details").open = false;
    document.querySelector("#statement").focus();
    return;
  }
  if (event.key === "Enter" && event.target.matches?.("#assign select")) {
    event.preventDefault();
    event.target.form.requestSubmit();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || queue()?.dataset.keys !== "on") return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  if (/^[1-9]$/.test(event.key)) choose(queue().querySelector(`[data-candidate="${event.key}"]`));
  else if (event.key === "c") newClaim();
  else if (event.key === "a") openUp("#assign");
  else if (event.key === "f") openUp("#filters");
  else if (event.key === "?") {
    const help = queue().querySelector("#help");
    help.open = !help.open;
    help.querySelector("summary").focus();
  } else if ("sronxujkplb".includes(event.key) && event.key.length === 1) {
    if (!busy) press(event.key);
  } else return;
  event.preventDefault();
});

// One decision at a time: a second key while the first is under way would hit the wrong statement.
document.addEventListener("htmx:before:request", () => (busy = true));
document.addEventListener("htmx:finally:request", () => (busy = false));

// After a decision the next statement stands there and has the focus.
document.addEventListener("htmx:after:swap", () => {
  busy = false;
  (document.querySelector("#statement") ?? document.querySelector("#main")).focus({ preventScroll: true });
  scrollTo({ top: 0 });
  lookAhead();
});

lookAhead();
