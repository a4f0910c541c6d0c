// Passkeys in the browser: offered in the e-mail field, by a button at the door, as second factor, to unlock, to confirm, and to be added.
// The page says what for: <button type="button" data-passkey="door" hidden>. Nothing here decides anything; without it the other ways remain.
//   data-passkey   door | factor | enrol | unlock | step-up | add       data-next   where to go afterwards, where the server names nothing
//   data-start, data-finish   other addresses than those below
// Beside it: [data-passkey-said] says what went wrong, [data-passkey-missing] (hidden) says that this browser has none.

const addresses = {
  door: ["/sign-in/passkey/start?for=door", "/sign-in/passkey/finish?for=door"],
  factor: ["/sign-in/passkey/start?for=factor", "/sign-in/passkey/finish?for=factor"],
  enrol: ["/sign-in/passkey/start?for=enrol", "/sign-in/passkey/finish?for=enrol"],
  unlock: ["/app/unlock/passkey/start", "/app/unlock/passkey/finish"],
  "step-up": ["/app/step-up/passkey/start", "/app/step-up/passkey/finish"],
  add: ["/api/v1/me/authenticators/passkeys", "/api/v1/me/authenticators/passkeys/finish"],
};
const makes = (kind) => kind === "enrol" || kind === "add";
// What else the page knows goes with the answer, where it is there.
const atTheDoor = ["shared_device", "device_key", "device_proof", "next"];
const fields = { "step-up": ["device_key", "device_proof"], door: atTheDoor, factor: atTheDoor, enrol: [...atTheDoor, "name"], add: ["name", "keep_sessions"] };

// The server forgets a question after five minutes; one that waits in the e-mail field is asked anew before.
const RENEW_AFTER = 4.5 * 60 * 1000;

const bytes = (text) => {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
};
const text = (buffer) => {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
};
const named = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

// The JSON forms of WebAuthn Level 3 (5.1.8 to 5.1.10), by hand: not every browser has them yet.
const toCreate = (asked) => ({
  ...asked,
  challenge: bytes(asked.challenge),
  user: { ...asked.user, id: bytes(asked.user.id) },
  excludeCredentials: named(asked.excludeCredentials),
});
const toGet = (asked) => ({
  ...asked,
  challenge: bytes(asked.challenge),
  allowCredentials: named(asked.allowCredentials),
});
function toJson(credential) {
  const { response } = credential;
  const shown = { clientDataJSON: text(response.clientDataJSON) };
  if (response.attestationObject) {
    shown.attestationObject = text(response.attestationObject);
    shown.transports = response.getTransports?.() ?? [];
  } else {
    shown.authenticatorData = text(response.authenticatorData);
    shown.signature = text(response.signature);
    shown.userHandle = response.userHandle ? text(response.userHandle) : null;
  }
  const { credProps } = credential.getClientExtensionResults();
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response: shown,
    clientExtensionResults: credProps ? { credProps } : {},
  };
}

// A refusal of the server, in its own words.
class Refused extends Error {
  constructor(problem) {
    const { detail, title, reason } = problem ?? {};
    super(detail ?? title ?? "The server could not answer. Try again in a moment.");
    this.reason = reason;
  }
}

async function ask(address, body, signal) {
  const answer = await fetch(address, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify(body),
    signal,
  });
  const type = answer.headers.get("content-type") ?? "";
  const said = type.includes("json") ? await answer.json() : null;
  if (answer.ok) return said ?? {};
  // A page stood in the way, such as that of a session that ended: it says more than we could.
  if (answer.redirected) location.assign(answer.url);
  throw new Refused(said);
}

const words = {
  NotAllowedError: "Nothing was chosen, or the time ran out. Try again, or use another way.",
  InvalidStateError: "This device has a passkey for you here already.",
  SecurityError: "This browser allows no passkeys at this address. Use another way.",
  NotSupportedError: "This device has no kind of passkey that fits. Use another device, or another way.",
  ConstraintError: "This device cannot check that it is you. Set up a PIN, fingerprint or face on it first.",
  TypeError: "The server could not be reached. Try again in a moment.",
};
const inWords = (fault) =>
  fault instanceof Refused ? fault.message : words[fault.name] ?? `The passkey could not be used (${fault.name}).`;

const said = (button) =>
  button.closest("form, section, main")?.querySelector("[data-passkey-said]") ?? document.querySelector("[data-passkey-said]");
function say(button, sentence) {
  const region = said(button);
  if (!region) return;
  region.hidden = !sentence;
  region.textContent = sentence;
}

// Fields beside the button first, then anywhere.
function extras(button) {
  const found = {};
  for (const name of fields[button.dataset.passkey] ?? []) {
    const field = button.form?.elements.namedItem(name) ?? document.querySelector(`input[name="${name}"]`);
    if (!field) continue;
    if (field.type === "checkbox") found[name] = field.checked;
    else if (field.value) found[name] = field.value;
  }
  // Here the page itself knows where to go on, at the door the sign-in does.
  const { passkey: kind, next } = button.dataset;
  if (next && (kind === "unlock" || kind === "step-up")) found.next = next;
  return found;
}

// One question at a time: a browser takes no second one while the first waits.
let waiting = null;
function only() {
  waiting?.abort();
  waiting = new AbortController();
  return waiting;
}

function addressesOf(button) {
  const [start, finish] = addresses[button.dataset.passkey] ?? [];
  return [button.dataset.start ?? start, button.dataset.finish ?? finish];
}

// The device proves its key together with the passkey: the hidden fields may be empty yet, or from long ago.
async function proofOfDevice() {
  const waits = [];
  document.dispatchEvent(new CustomEvent("doorward-proof", { detail: waits }));
  await Promise.all(waits);
}

// While an answer is under way nothing else is asked: two answers at once would overtake each other, and a key's count of uses would seem to go back.
let isAnswering = false;

async function answer(button, started, credential) {
  const [, finish] = addressesOf(button);
  isAnswering = true;
  try {
    await proofOfDevice();
    const { next } = await ask(finish, { ...extras(button), ceremony: started.ceremony, credential: toJson(credential) });
    location.assign(next ?? button.dataset.next ?? location.href);
  } catch (fault) {
    // A passkey that was removed here: its keeper may stop offering it.
    if (fault.reason === "PK-003" && started.publicKey.rpId) {
      await window.PublicKeyCredential.signalUnknownCredential?.({
        rpId: started.publicKey.rpId,
        credentialId: credential.id,
      }).catch(() => {});
    }
    throw fault;
  } finally {
    isAnswering = false;
  }
}

async function use(button) {
  if (isAnswering) return;
  const control = only();
  say(button, "");
  button.setAttribute("aria-disabled", "true");
  try {
    const [start] = addressesOf(button);
    const started = await ask(start, {}, control.signal);
    const { signal } = control;
    const credential = makes(button.dataset.passkey)
      ? await navigator.credentials.create({ publicKey: toCreate(started.publicKey), signal })
      : await navigator.credentials.get({ publicKey: toGet(started.publicKey), signal });
    await answer(button, started, credential);
  } catch (fault) {
    if (fault.name === "AbortError") return;
    say(button, inWords(fault));
    offer();
  } finally {
    button.removeAttribute("aria-disabled");
  }
}

let refusals = 0;

// Conditional UI: the browser lists passkeys in the e-mail field, and waits there for as long as the page is open.
async function offer() {
  const button = document.querySelector('[data-passkey="door"]');
  const field = document.querySelector('input[autocomplete~="webauthn"]');
  const canOffer = await window.PublicKeyCredential.isConditionalMediationAvailable?.();
  if (!button || !field || !canOffer || document.hidden || isAnswering) return;
  const control = only();
  const renewal = setTimeout(() => { if (waiting === control) offer(); }, RENEW_AFTER);
  try {
    const [start] = addressesOf(button);
    const started = await ask(start, {}, control.signal);
    const publicKey = toGet(started.publicKey);
    const credential = await navigator.credentials.get({ publicKey, mediation: "conditional", signal: control.signal });
    clearTimeout(renewal);
    if (credential) await answer(button, started, credential);
  } catch (fault) {
    clearTimeout(renewal);
    // Whoever did not ask for a passkey is not told that there is none; a refusal of one that was chosen is told.
    if (fault instanceof Refused && control === waiting && fault.reason?.startsWith("PK-")) {
      say(button, fault.message);
      // A browser that answers by itself must not ask for ever.
      if (fault.reason !== "PK-001" && ++refusals < 5) offer();
    }
  }
}

function begin() {
  const buttons = document.querySelectorAll("[data-passkey]");
  const isThere = window.isSecureContext && "PublicKeyCredential" in window && "credentials" in navigator;
  document.querySelectorAll("[data-passkey-missing]").forEach((element) => { element.hidden = isThere; });
  if (!isThere) return;
  for (const button of buttons) {
    button.hidden = false;
    button.addEventListener("click", (event) => {
      event.preventDefault();
      if (button.getAttribute("aria-disabled") !== "true") use(button);
    });
  }
  offer();
  document.addEventListener("visibilitychange", () => { if (!document.hidden && !waiting) offer(); });
  // A page that came back from the browser's memory asks anew: its old question may have ended.
  addEventListener("pageshow", (event) => { if (event.persisted) offer(); });
}

begin();
