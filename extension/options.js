// The setup: the newsroom's server and a token. Saved only when the server knows the token and it is good for what is done here.

import { addressOf, ask, connect, connection, isInTheClear, permissionFor } from "./newsroom.js";
import { fillIn, t } from "./words.js";

const NEEDED = ["read", "write"]; // scopes
const one = (id) => document.getElementById(id);

fillIn();
document.title = `Claimtrail: ${t("options_title")}`;
connection().then((known) => {
  if (known) [one("address").value, one("token").value] = [known.address, known.token];
  warn();
});
one("address").addEventListener("input", warn);
one("connection").addEventListener("submit", (event) => { event.preventDefault(); save(); });
one("forget").addEventListener("click", forget);

async function save() {
  say("", "");
  const address = addressOf(one("address").value);
  if (!address) return say("", t("address_wrong"), "address");
  const asked = permissionFor(address);
  if (!await chrome.permissions.request(asked)) return say("", t("not_allowed", address));
  const token = one("token").value.trim();
  try {
    const me = await ask({ address, token }, "/me");
    const missing = NEEDED.filter((scope) => !me.token.scopes.includes(scope));
    if (missing.length) return say("", t("scope_missing", missing.map((scope) => t(`scope_${scope}`)).join(", ")), "token");
    const before = await connection();
    await connect(address, token);
    if (before && permissionFor(before.address).origins[0] !== asked.origins[0]) await letGo(before.address);
    one("address").value = address;
    say(t("connected", me.name, address), "");
  } catch (problem) {
    say("", problem.message, problem.status === 401 ? "token" : "address");
  }
}

async function forget() {
  const before = await connection();
  await chrome.storage.local.clear();
  if (before) await letGo(before.address);
  one("address").value = one("token").value = "";
  say(t("forgotten"), "");
}

// A permission that was given with the extension itself cannot be given back; then there is nothing to do.
const letGo = (address) => chrome.permissions.remove(permissionFor(address)).catch(() => false);

function warn() {
  const address = addressOf(one("address").value);
  one("in-the-clear").hidden = !address || !isInTheClear(address);
}

function say(good, bad, field = "") {
  one("told").textContent = good;
  one("problem").textContent = bad;
  one("problem").hidden = !bad;
  for (const id of ["address", "token"]) one(id).setAttribute("aria-invalid", String(id === field));
  if (field) one(field).focus();
}
