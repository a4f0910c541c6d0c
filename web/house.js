// What script adds to pages with a session: the countdown before it locks or ends, and a question before what can't be taken back.
// The server alone decides when a session locks. Nothing here counts as activity except the reader's own "Stay signed in".

const WARN_BEFORE = 300;
const { body } = document;
const banner = document.getElementById("countdown");
const words = banner?.querySelector("[data-words]");
const stay = banner?.querySelector("form");
const tabs = "BroadcastChannel" in window ? new BroadcastChannel("doorward-session") : null;
const soon = (seconds) => Date.now() + Number(seconds) * 1000;
const until = { lock: soon(body.dataset.locksIn ?? Infinity), end: soon(body.dataset.endsIn ?? Infinity) };

function leave() {
  // A page that answered a form with a refusal has no address of its own: go to the entry it belongs to.
  const [arrival] = performance.getEntriesByType("navigation");
  window.location.replace(arrival?.responseStatus >= 400 ? body.dataset.here : window.location.href);
}

function tell() {
  const left = (at) => Math.max(0, Math.ceil((at - Date.now()) / 1000));
  const lock = left(until.lock);
  const end = left(until.end);
  const isEnd = end <= lock;
  const seconds = Math.min(lock, end);
  if (seconds > WARN_BEFORE) { banner.hidden = true; return; }
  if (seconds === 0) { clearInterval(ticking); leave(); return; }
  const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  const [before, after] = isEnd
    ? ["Your session ends in ", ". Finish what you are doing, then sign in again."]
    : ["Nobody has used this page for a while: it locks in ", "."];
  const figure = document.createElement("b");
  figure.textContent = clock;
  words.replaceChildren(before, figure, after);
  stay.hidden = isEnd;
  if (banner.hidden) {
    banner.hidden = false;
    // Read out once, not each second.
    document.getElementById("announcer").textContent = `${before}5 minutes or less${after}`;
  }
}

const ticking = banner ? setInterval(tell, 1000) : 0;
if (banner) {
  tell();
  stay.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const answer = await fetch(stay.action, { method: "POST", headers: { accept: "application/json" } });
      if (!answer.ok) { leave(); return; }
      const { locks_in: locksIn, ends_in: endsIn } = await answer.json();
      until.lock = soon(locksIn);
      until.end = soon(endsIn);
      tabs?.postMessage({ ...until });
      tell();
    } catch { /* no connection: the countdown goes on, and says the truth */ }
  });
  // Another tab that was just used knows a later time.
  tabs?.postMessage({ ...until });
  tabs?.addEventListener("message", ({ data }) => {
    if (Number.isFinite(data?.lock)) until.lock = Math.max(until.lock, data.lock);
    tell();
  });
}

// Home greets by the reader's own clock, which the server does not know.
const greets = document.querySelector("[data-greets]");
const heading = document.querySelector("h1");
if (greets && heading) {
  const hour = new Date().getHours();
  const [, time] = [[5, "night"], [12, "morning"], [18, "afternoon"], [24, "evening"]].find(([end]) => hour < end);
  // Nobody is wished a good night who is at work.
  heading.textContent = `Good ${time === "night" ? "evening" : time}, ${greets.dataset.greets}`;
}

// A question before what can't be taken back. Without script the button acts at once; the server checks either way.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !form.dataset.confirm || form.dataset.sure) return;
  event.preventDefault();
  const { submitter } = event;
  const dialog = document.createElement("dialog");
  dialog.className = "ask";
  const question = document.createElement("p");
  question.id = "ask-words";
  question.textContent = form.dataset.confirm;
  dialog.setAttribute("aria-labelledby", question.id);
  const answers = document.createElement("form");
  answers.method = "dialog";
  for (const [value, label, kind] of [["no", "Cancel", "btn"], ["yes", submitter?.textContent.trim() || "Go on", "btn danger"]]) {
    answers.append(Object.assign(document.createElement("button"), { value, textContent: label, className: kind }));
  }
  dialog.append(question, answers);
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (dialog.returnValue !== "yes") { submitter?.focus(); return; }
    form.dataset.sure = "yes";
    form.requestSubmit(submitter);
    delete form.dataset.sure;
  });
  body.append(dialog);
  dialog.showModal();
});

// Recovery codes: a file to keep, or paper. Both without the server, which never sees them again.
const codes = document.getElementById("codes");
if (codes) {
  const list = [...codes.querySelectorAll("code")].map((code) => code.textContent);
  const acts = {
    download() {
      const words = `Recovery codes of ${codes.dataset.for} at ${location.host}\nEach works once.\n\n${list.join("\n")}\n`;
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([words], { type: "text/plain" }));
      link.download = "recovery-codes.txt";
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    },
    print: () => window.print(),
  };
  for (const button of document.querySelectorAll("[data-codes]")) {
    button.hidden = false;
    button.addEventListener("click", acts[button.dataset.codes]);
  }
}
