// Reading the page in a tab, when somebody asks for it and not before.

const LARGEST = 2_000_000; // characters; the server takes two megabytes

/** {url, title, selection, html, text} of a tab's page. Throws where the browser lets nobody read, as on its own pages. */
export async function read(tabId) {
  const [{ result }] = await chrome.scripting.executeScript({ target: { tabId }, func: inPage });
  return { ...result, html: result.html.length <= LARGEST ? result.html : "" };
}

// Runs in the page. A copy is thinned out: scripts, styles and pictures carry no article, but JSON-LD tells author and date.
function inPage() {
  const copy = document.documentElement.cloneNode(true);
  copy.querySelectorAll("script:not([type='application/ld+json']), style, svg, noscript, iframe, template, link[rel~='stylesheet']").forEach((part) => part.remove());
  copy.querySelectorAll("input, textarea, select").forEach((field) => field.remove()); // what somebody typed is nobody else's
  const main = document.querySelector("article") || document.querySelector("main") || document.body;
  return {
    url: /^https?:$/.test(location.protocol) ? location.href : "",
    title: document.title.slice(0, 500),
    selection: String(getSelection()).trim(),
    html: `<!doctype html>${copy.outerHTML}`,
    text: main.innerText.trim(),
  };
}
