// What script adds to every page: times in the reader's own zone, show-password, the Caps Lock hint, one submit at a time,
// and, before a session, the state of connection, clock and cookies. Every page works without it; nothing here decides anything.

const each = (selector, work, root = document) => root.querySelectorAll(selector).forEach(work);

// Times: the server writes UTC; the reader sees their own locale and zone, and the exact time on hover.
const spans = [["day", 86400], ["hour", 3600], ["minute", 60]];
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });
const formats = {
  clock: new Intl.DateTimeFormat(undefined, { timeStyle: "medium" }),
  minute: new Intl.DateTimeFormat(undefined, { timeStyle: "short" }),
  date: new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" }),
  day: new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" }),
  full: new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" }),
};
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

function inWords(at) {
  // Never in the future: a clock that is a little slow must not say so.
  const seconds = Math.min(0, Math.round((at - Date.now()) / 1000));
  const [unit, size] = spans.find(([, size]) => Math.abs(seconds) >= size) ?? ["minute", 60];
  const count = Math.trunc(seconds / size);
  if (Math.abs(count) > 6 && unit === "day") return formats.full.format(at);
  return Math.abs(seconds) < 60 ? relative.format(0, "second") : relative.format(count, unit);
}

// As the same, and to the second below a minute: for what is seen again and again.
const brief = new Intl.RelativeTimeFormat(undefined, { numeric: "always", style: "narrow" });
function inSeconds(at) {
  const seconds = Math.max(0, Math.round((Date.now() - at) / 1000));
  return seconds >= 60 || seconds < 5 ? inWords(at) : brief.format(-seconds, "second");
}

function showTimes() {
  each("time[datetime]", (element) => {
    const at = new Date(element.dateTime);
    if (Number.isNaN(at.getTime())) return;
    const style = element.dataset.as;
    const passing = { ago: inWords, seen: inSeconds }[style];
    element.textContent = passing ? passing(at) : (formats[style] ?? formats.full).format(at);
    element.title = exact.format(at);
  });
}
// A part of the page that came later has times, too.
document.addEventListener("doorward:fresh", showTimes);

// Passwords: a button that shows what was typed, and a word when Caps Lock is on.
function dressPassword(input) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "reveal";
  const say = (shown) => {
    input.type = shown ? "text" : "password";
    button.textContent = shown ? "Hide" : "Show";
    button.setAttribute("aria-label", shown ? "Hide the password" : "Show the password");
  };
  say(false);
  button.addEventListener("click", () => { say(input.type === "password"); input.focus(); });
  // Sent as a password, so that the browser neither suggests it later nor keeps it as text.
  input.form?.addEventListener("submit", () => say(false));
  input.parentElement.append(button);
  const hint = document.getElementById(`${input.id}-caps`);
  const look = (event) => { if (hint && event.getModifierState) hint.hidden = !event.getModifierState("CapsLock"); };
  input.addEventListener("keydown", look);
  input.addEventListener("keyup", look);
  input.addEventListener("blur", () => { if (hint) hint.hidden = true; });
}

// One submit at a time. A stopped or restored page gets its buttons back.
const free = (form) => {
  delete form.dataset.sent;
  each("[aria-disabled]", (button) => button.removeAttribute("aria-disabled"), form);
};
function guard(event) {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
  event.submitter?.setAttribute("aria-disabled", "true");
  setTimeout(free, 8000, form);
}

// The foot of the door: what we can see of connection, clock and cookies from here.
const put = (parent, kind, words) => {
  const tag = document.createElement("span");
  if (kind) tag.className = `tag ${kind}`;
  if (kind) tag.append(Object.assign(document.createElement("span"), { className: "dot" }));
  tag.append(words);
  parent.append(tag);
};

function clockWords(ahead) {
  const seconds = Math.abs(ahead);
  const many = (count, unit) => `${count} ${unit}${count === 1 ? "" : "s"}`;
  const size = seconds < 90 ? many(Math.round(seconds), "second") : seconds < 5400 ? many(Math.round(seconds / 60), "minute") : many(Math.round(seconds / 3600), "hour");
  return `This device’s clock is ${size} ${ahead > 0 ? "fast" : "slow"}`;
}

async function showStatus(status) {
  let answer = null;
  const asked = Date.now();
  try { answer = await fetch("/healthz", { method: "HEAD", cache: "no-store" }); } catch { /* told below */ }
  const there = Date.parse(answer?.headers.get("date") ?? "");
  // The header has whole seconds, so its middle is half a second later.
  const ahead = ((asked + Date.now()) / 2 - (there + 500)) / 1000;
  const isLate = Math.abs(ahead) > 20;
  status.replaceChildren();
  put(status, answer?.ok ? "ok" : "bad", answer?.ok ? "Connected" : "No connection to the server");
  if (isLate) put(status, "warn", clockWords(ahead));
  if (!navigator.cookieEnabled) put(status, "bad", "Cookies are blocked: allow them for this address");
  const good = [!isLate && Number.isFinite(ahead) && "clock in step", navigator.cookieEnabled && "cookies work"].filter(Boolean).join(" · ");
  if (good) put(status, "", good[0].toUpperCase() + good.slice(1));
}

// The state of a mail, as it is now: asked for while the page is looked at and as long as it may change.
async function followMail(note) {
  const until = Date.now() + 30 * 60000;
  while (note.dataset.open === "true" && Date.now() < until) {
    await new Promise((resume) => setTimeout(resume, 3000));
    if (document.hidden) continue;
    try {
      const answer = await fetch("/forgot/state", { headers: { "doorward-poll": "1" }, cache: "no-store" });
      if (!answer.ok) return;
      const truth = await answer.json();
      const words = note.querySelector("b");
      // Only a change is written: a screen reader reads out whatever is.
      if (words.textContent !== truth.words) words.textContent = truth.words;
      note.dataset.open = String(truth.is_open);
      note.classList.toggle("warn", truth.kind === "wait");
      note.classList.toggle("bad", truth.kind === "bad");
    } catch { /* no connection: asked again */ }
  }
}

showTimes();
setInterval(showTimes, 60000);
each("input[type=password]", dressPassword);
// Last in line, so that a question asked before (house.js) can still stop the form.
window.addEventListener("submit", guard);
window.addEventListener("pageshow", () => each("form[data-sent]", free));
each("[data-truth]", followMail);
const status = document.getElementById("status");
if (status) {
  showStatus(status);
  window.addEventListener("online", () => showStatus(status));
  window.addEventListener("offline", () => showStatus(status));
}
// After a refusal the reader starts at what went wrong.
document.querySelector("[data-first]")?.focus();
