// The popup: matches for the selected text, and sending the text or its page to the queue.

import { badge } from "./badges.js";
import { ask, connection, pageOf } from "./newsroom.js";
import { read } from "./page.js";
import { day, fillIn, t } from "./words.js";

const SHOWN = 8; // matches
const LONGEST = 2000; // characters of a search

const one = (id) => document.getElementById(id);
let newsroom = null;
let page = null; // what page.js read, null where nothing may be read

start();

async function start() {
  fillIn();
  newsroom = await connection();
  one("settings").addEventListener("click", () => chrome.runtime.openOptionsPage());
  one("connect").addEventListener("click", () => chrome.runtime.openOptionsPage());
  one(newsroom ? "desk" : "unconnected").hidden = false;
  if (!newsroom) return one("connect").focus();
  one("look-up").addEventListener("submit", (event) => { event.preventDefault(); lookUp(); });
  one("send").addEventListener("submit", (event) => { event.preventDefault(); send(); });
  one("text").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); one("look-up").requestSubmit(); }
  });

  const { asked } = await chrome.storage.session.get("asked");
  await chrome.storage.session.remove("asked");
  page = await read(asked?.tab ?? await tabHere()).catch(() => null);
  const text = (page?.selection || asked?.text || "").slice(0, LONGEST);
  one("text").value = text;
  one("what-page").disabled = !page;
  one("unreadable").hidden = Boolean(page);
  if (text) return lookUp();
  if (page) one("what-page").checked = true;
  one("text").focus();
}

async function tabHere() {
  const [tab] = await chrome.tabs.query({ active: true, currentWindow: true });
  return tab.id;
}

async function lookUp() {
  const text = one("text").value.trim();
  if (!text) return;
  one("found").textContent = t("searching");
  one("results").replaceChildren();
  tell("search-problem", "");
  try {
    const told = await ask(newsroom, "/search", { query: { q: text, exact: "0", size: SHOWN } });
    one("found").textContent = told.results.length ? t("matches", told.results.length) : t(told.nearest.length ? "only_near" : "no_matches");
    one("results").replaceChildren(...(told.results.length ? told.results : told.nearest.slice(0, 3)).map(line));
  } catch (problem) {
    one("found").textContent = "";
    tell("search-problem", problem.message);
  }
}

function line(row) {
  const item = make("li", row.kind);
  const quote = make("a", "quote", row.statement_kind === "reported" ? row.text : quoted(row));
  Object.assign(quote, { href: pageOf(newsroom, row.address), target: "_blank", rel: "noopener", lang: row.language || "" });
  const head = make("p", "head");
  const claim = row.kind === "claim" ? row : row.claim;
  if (claim) head.append(badge(claim));
  head.append(make("span", "aside", t(row.kind === "claim" ? "a_claim" : "a_statement")));
  const facts = [row.speaker || row.mention, row.said_at && day(row.said_at)];
  if (row.kind === "claim" && row.times_said > 0) facts.push(row.times_said === 1 ? t("said_once") : t("said_times", row.times_said));
  if (row.kind === "statement") facts.push(row.article.source || row.article.title);
  const foot = make("p", "facts", facts.filter(Boolean).join(" · "));
  item.append(head, wrap("p", quote), foot);
  if (row.probability !== null) item.append(make("p", "aside", likely(row.probability)));
  return item;
}

const likely = (probability) => {
  const shown = Math.min(Math.max(probability, 0.01), 0.99); // nothing is certain
  return t("probability", new Intl.NumberFormat(t("language"), { style: "percent" }).format(shown));
};

async function send(alone = false) {
  const whole = one("what-page").checked && page;
  const text = one("text").value.trim();
  tell("send-problem", "");
  one("sent").replaceChildren();
  if (!whole && !text) return tell("send-problem", t("nothing_to_send"));
  const body = { title: page?.title ?? "" };
  if (whole && page.html) body.html = page.html;
  else body.text = whole ? page.text : text.length < LONGEST || !page ? text : page.selection;
  if (page?.url && !alone) body.url = page.url;
  if (page?.url && alone) body.source = new URL(page.url).hostname;
  one("send-it").disabled = true;
  try {
    const told = await ask(newsroom, "/articles", { body });
    const link = make("a", "", t("open_article"));
    Object.assign(link, { href: pageOf(newsroom, told.article.address), target: "_blank", rel: "noopener" });
    const said = make("p", "good", `${t(told.new ? "is_sent" : "is_known")} `);
    said.append(link);
    one("sent").append(said);
    if (!told.new && !whole && body.url) offerAlone();
  } catch (problem) {
    tell("send-problem", problem.message);
  } finally {
    one("send-it").disabled = false;
  }
}

// One address is one article: a second passage of a page that is on file goes as a text of its own, if somebody wants that.
function offerAlone() {
  const again = make("button", "link", t("send_alone"));
  again.type = "button";
  again.addEventListener("click", () => send(true));
  one("sent").append(again);
}

function tell(id, message) {
  one(id).textContent = message;
  one(id).hidden = !message;
}

const MARKS = { de: ["„", "“"], fr: ["« ", " »"], es: ["«", "»"], it: ["«", "»"], pl: ["„", "”"] };

// In the quotation marks of the text's own language.
function quoted({ text, language }) {
  const [opens, closes] = MARKS[language || t("language")] ?? ["“", "”"];
  return opens + bare(text) + closes;
}

// Without the pair of marks around all of it.
function bare(text) {
  const inner = text.slice(1, -1);
  const around = text.length > 2 && ["„“", "“”", "«»", "»«", '""', "„”"].includes(text[0] + text.at(-1));
  return around && !inner.includes(text[0]) && !inner.includes(text.at(-1)) ? inner.trim() : text;
}

function make(tag, name = "", text = "") {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.textContent = text;
  return element;
}

function wrap(tag, inner) {
  const element = document.createElement(tag);
  element.append(inner);
  return element;
}
