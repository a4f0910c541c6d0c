// What script adds to a device's cookie: a key that this browser makes, keeps and cannot give away (WebCrypto, IndexedDB).
// Fills the hidden fields "device_key" and "device_proof" of every form that has them. Silent where a browser cannot: then the cookie alone
// speaks for the device, and the server treats it as weaker.

const [DATABASE, STORE, NAME] = ["doorward", "keys", "device"];
const CURVE = { name: "ECDSA", namedCurve: "P-256" };
const SIGNATURE = { name: "ECDSA", hash: "SHA-256" };
/// A proof younger than this is sent as it is; an older one is made anew before the form goes.
const FRESH_FOR = 60_000;
const PATIENCE = 2_500;

const fields = () => [...document.querySelectorAll("input[name=device_proof]")];
const promised = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

async function open() {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  return promised(request);
}

async function inStore(mode, work) {
  const database = await open();
  try {
    return await promised(work(database.transaction(STORE, mode).objectStore(STORE)));
  } finally {
    database.close();
  }
}

// A key is new until the server has been seen to know one: a browser that lost its own says so, so that it is not taken for a thief.
async function key(hasKey) {
  const kept = await inStore("readonly", (store) => store.get(NAME)).catch(() => undefined);
  if (kept?.pair) {
    return { pair: kept.pair, isNew: hasKey && kept.isNew === true };
  }
  const pair = await crypto.subtle.generateKey(CURVE, false, ["sign", "verify"]);
  const made = { pair, isNew: hasKey };
  await inStore("readwrite", (store) => store.put(made, NAME));
  // Another tab may have made one at the same time: the one that is kept counts.
  const counts = await inStore("readonly", (store) => store.get(NAME));
  return { pair: counts.pair, isNew: hasKey && counts.isNew === true };
}

const text = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

async function prove() {
  const answer = await fetch("/device-key", { headers: { accept: "application/json", "doorward-poll": "1" }, cache: "no-store" });
  const { challenge, origin, has_key: hasKey } = await answer.json();
  if (!challenge || origin !== location.origin) return null;
  const { pair, isNew } = await key(hasKey);
  const age = isNew ? "new" : "kept";
  const said = new TextEncoder().encode(`doorward device key\n${origin}\n${challenge}\n${age}`);
  const [spki, signature] = await Promise.all([
    crypto.subtle.exportKey("spki", pair.publicKey),
    crypto.subtle.sign(SIGNATURE, pair.privateKey, said),
  ]);
  return { key: text(spki), proof: `${challenge}.${age}.${text(signature)}` };
}

let filledAt = 0;
async function fill() {
  const made = await prove().catch(() => null);
  if (!made) return;
  for (const field of fields()) {
    const other = field.form?.elements.namedItem("device_key");
    if (!other) continue;
    other.value = made.key;
    field.value = made.proof;
  }
  filledAt = performance.now();
}

const isAble = "indexedDB" in window && window.isSecureContext && crypto.subtle;
if (isAble && fields().length > 0) {
  let filling = fill();
  const patient = () => Promise.race([filling, new Promise((resolve) => { setTimeout(resolve, PATIENCE); })]);
  // A page that was left open has an old proof, or one for a cookie that is no more. The form waits for a new one, a little.
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (event.defaultPrevented || !form.elements.namedItem("device_proof") || form.dataset.proved) return;
    if (filledAt > 0 && performance.now() - filledAt < FRESH_FOR) return;
    event.preventDefault();
    form.dataset.proved = "yes";
    if (filledAt > 0) filling = fill();
    await patient();
    form.requestSubmit(event.submitter ?? undefined);
    delete form.dataset.proved;
  });
  // Other scripts that send the fields by themselves ask for a fresh proof first, and wait as the form does.
  document.addEventListener("doorward-proof", (event) => {
    if (filledAt > 0 && performance.now() - filledAt >= FRESH_FOR) filling = fill();
    event.detail.push(patient());
  });
  // Pages that come back from the browser's memory were filled long ago.
  window.addEventListener("pageshow", (event) => { if (event.persisted) filling = fill(); });
}
