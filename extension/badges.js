// Ratings and promise statuses as icon and word; the shade only repeats what both say. Shapes and words are those of the product's pages.

import { t } from "./words.js";

const RING = '<circle cx="8" cy="8" r="6.25"/>';
const CROSS = '<circle class="solid" cx="8" cy="8" r="7"/><path class="cut" d="M5.4 5.4l5.2 5.2M10.6 5.4l-5.2 5.2"/>';
const TICK = '<circle class="solid" cx="8" cy="8" r="7"/><path class="cut" d="M4.7 8.3l2.2 2.2 4.3-4.8"/>';
const HALF = `${RING}<path class="solid" d="M8 1.75a6.25 6.25 0 0 1 0 12.5z"/>`;
const DASHED = '<circle class="dashed" cx="8" cy="8" r="6.25"/>';

// what it is -> shade, shape
const BADGES = {
  "true": ["good", TICK],
  "mostly true": ["good", `${RING}<path d="M4.9 8.3l2.1 2.1 4.1-4.6"/>`],
  "mixed": ["half", HALF],
  "misleading": ["half", '<path d="M8 2.2l6.3 11.3H1.7z"/><path d="M8 6.3v3.6M8 11.6v.4"/>'],
  "mostly false": ["bad", `${RING}<path d="M5.6 5.6l4.8 4.8M10.4 5.6l-4.8 4.8"/>`],
  "false": ["bad", CROSS],
  "satire": ["plain", `${RING}<path d="M5 9.3c1.2 2 4.8 2 6 0M5.6 6v.6M10.4 6v.6"/>`],
  "unproven": ["plain", `${RING}<path d="M6.2 6.4c0-2.3 3.6-2.2 3.6 0 0 1.5-1.8 1.4-1.8 3M8 11.4v.3"/>`],
  "outdated": ["plain", `${RING}<path d="M8 4.4V8l2.4 1.8"/>`],
  "not rated": ["plain", DASHED],
  "not yet rated": ["plain", DASHED],
  "in the works": ["plain", `${RING}<path class="solid" d="M8 8V1.75A6.25 6.25 0 0 1 14.25 8z"/>`],
  "stalled": ["half", `${RING}<path d="M6.3 5.6v4.8M9.7 5.6v4.8"/>`],
  "compromise": ["half", HALF],
  "kept": ["good", TICK],
  "broken": ["bad", CROSS],
};

/** The badge of a claim: its rating or, for a promise that nobody rated, what became of it. */
export function badge({ rating, promise_status: status }) {
  const told = status && rating === "not rated" ? status : rating;
  const [shade, shape] = BADGES[told] ?? BADGES["not rated"];
  const element = document.createElement("span");
  element.className = `badge ${shade}`;
  const icon = new DOMParser().parseFromString(
    `<svg xmlns="http://www.w3.org/2000/svg" class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">${shape}</svg>`, "image/svg+xml",
  ).documentElement;
  element.append(icon, t(`is_${told.replaceAll(" ", "_")}`));
  return element;
}
