// The newsroom's server: where it is, and asking it. The address and the token stay on this computer and go to that server only.

const SLOWEST = 60_000; // milliseconds; the first search after a start reads the language model

/** What went wrong, in words for a person. `status` is the answer's, 0 when there was none. */
export class Refused extends Error {
  constructor(message, status = 0) {
    super(message);
    this.status = status;
  }
}

/** {address, token}, or null before the setup. */
export async function connection() {
  const { address, token } = await chrome.storage.local.get(["address", "token"]);
  return address && token ? { address, token } : null;
}

/** Keep address and token; only pages of this extension can read them. */
export async function connect(address, token) {
  await chrome.storage.local.setAccessLevel({ accessLevel: "TRUSTED_CONTEXTS" });
  await chrome.storage.local.set({ address, token });
}

/** What a person typed as the server's address -> "https://host:port/prefix" without a slash at its end, or null. */
export function addressOf(typed) {
  const text = typed.trim();
  let url;
  try {
    url = new URL(/^[a-z]+:\/\//i.test(text) ? text : `https://${text}`);
  } catch {
    return null;
  }
  if (!/^https?:$/.test(url.protocol) || url.username || url.password) return null;
  return url.origin + url.pathname.replace(/\/+$/, "");
}

/** True where what is sent could be read on its way. */
export function isInTheClear(address) {
  const { protocol, hostname } = new URL(address);
  return protocol === "http:" && !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}

/** The permission that asking this server needs. */
export const permissionFor = (address) => ({ origins: [`${new URL(address).origin}/*`] });

/** Ask the API. `body` makes it a POST that is done once, however often it is sent. Throws Refused. */
export async function ask({ address, token }, path, { query = {}, body = null } = {}) {
  const url = `${address}/api/v1${path}?${new URLSearchParams(query)}`;
  const headers = { Authorization: `Bearer ${token}` };
  const sent = body && JSON.stringify(body);
  if (sent) {
    headers["Content-Type"] = "application/json";
    headers["Idempotency-Key"] = await fingerprint(path + sent);
  }
  let answer;
  try {
    answer = await fetch(url, {
      method: sent ? "POST" : "GET", headers, body: sent, credentials: "omit", redirect: "error", signal: AbortSignal.timeout(SLOWEST),
    });
  } catch {
    throw new Refused(chrome.i18n.getMessage("unreachable", [address]));
  }
  const told = await answer.json().catch(() => null);
  if (answer.ok && told) return told;
  throw new Refused(told?.error?.message || chrome.i18n.getMessage("no_newsroom", [address]), answer.status);
}

/** A page of the newsroom. What the server calls itself counts only for the path: the link leads to the address of the setup. */
export function pageOf({ address }, told) {
  const { pathname, hash } = new URL(told, address);
  return new URL(address).origin + pathname + hash;
}

async function fingerprint(text) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
