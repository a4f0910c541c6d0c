// What script adds to pages that wait for another device: they see the answer at once, by a stream, or by asking now and then where there is none.
// Nothing here counts as activity. Without script the page is looked at again by hand.

const ASK_EVERY = 5_000;
const QUIET = { accept: "application/json", "doorward-poll": "1" };

// What waits for this person, shown as a line that leads to the page where it is answered.
function showWaiting(place, waiting) {
  const lines = waiting.map(({ device, network }) => {
    const line = document.createElement("p");
    const name = document.createElement("b");
    name.textContent = device;
    const link = document.createElement("a");
    link.href = "/app/security/approvals";
    link.textContent = "Answer it";
    line.append("A new device wants to sign in as you: ", name, ` (${network}). `, link);
    return line;
  });
  place.replaceChildren(...lines);
  place.hidden = lines.length === 0;
}

// The page of approvals itself: looked at again where something else waits than it shows, unless somebody is typing, or has just answered: their
// own answer changes what waits before the page that says so is there.
function lookAgain(place, waiting) {
  const isTyping = [...place.querySelectorAll("input[name=digits]")].some((field) => field.value !== "");
  const isSent = place.querySelector("form[data-sent]") !== null;
  if (waiting.length !== Number(place.dataset.shows) && !isTyping && !isSent) window.location.replace(window.location.pathname);
}

// A new device that waits goes on by itself once it was answered: by the same form, without a code. What was refused, or is over, the page tells.
function goOn(form, state) {
  if (state === "waiting" || form.dataset.gone) return;
  form.dataset.gone = "yes";
  if (state === "ready") form.requestSubmit();
  else window.location.assign(form.action);
}

function take(place, data) {
  const seen = JSON.parse(data);
  if (place instanceof HTMLFormElement) goOn(place, seen.state);
  else if (place.dataset.shows === undefined) showWaiting(place, seen.waiting);
  else lookAgain(place, seen.waiting);
}

function ask(place) {
  const once = async () => {
    try {
      const answer = await fetch(place.dataset.poll, { headers: QUIET, cache: "no-store" });
      // The session, or the sign-in, is over.
      if (answer.status === 401 || answer.status === 404) clearInterval(asking);
      if (answer.ok) take(place, await answer.text());
      else if (answer.status === 404 && place instanceof HTMLFormElement) goOn(place, "over");
    } catch { /* no connection: asked again */ }
  };
  const asking = setInterval(once, ASK_EVERY);
  once();
}

for (const place of document.querySelectorAll("[data-live]")) {
  if (!("EventSource" in window)) { ask(place); continue; }
  const stream = new EventSource(place.dataset.live);
  stream.addEventListener("message", ({ data }) => take(place, data));
  // Closed for good: too many streams, a proxy that does not pass them on, or the session is over.
  stream.addEventListener("error", () => { if (stream.readyState === EventSource.CLOSED) ask(place); });
}
