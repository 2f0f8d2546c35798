// Words of the browser's language, and writing them into a page.

export const t = (key, ...values) => chrome.i18n.getMessage(key, values.map(String)) || key;

/** Fill in the words of all elements with data-t, data-t-label (aria-label) or data-t-hint (placeholder). */
export function fillIn() {
  document.documentElement.lang = t("language");
  for (const element of document.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
  for (const element of document.querySelectorAll("[data-t-label]")) element.setAttribute("aria-label", t(element.dataset.tLabel));
  for (const element of document.querySelectorAll("[data-t-hint]")) element.setAttribute("placeholder", t(element.dataset.tHint));
}

/** A day, month or year as exact as it is known. */
export function day(iso) {
  const [year, month, date] = iso.slice(0, 10).split("-").map(Number);
  if (!month) return String(year);
  const form = date ? { dateStyle: "medium" } : { year: "numeric", month: "long" };
  const order = t("language") === "en" ? "en-GB" : t("language"); // the day before the month, as on the pages
  return new Intl.DateTimeFormat(order, { ...form, timeZone: "UTC" }).format(Date.UTC(year, month - 1, date || 1));
}
