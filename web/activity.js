// What script adds to Activity: events come in by themselves. The stream says that there is something new, and the list is read again as the
// server writes it. Without script, or where the stream ends for good, the page is read again by hand. Nothing here counts as activity.

const events = document.getElementById("events");
const news = document.getElementById("news");
let waiting = 0;
let reading = false;

async function readAgain() {
  if (reading) return;
  reading = true;
  const count = waiting;
  waiting = 0;
  try {
    const answer = await fetch(window.location.href, { headers: { "doorward-poll": "1" }, cache: "no-store" });
    // Signed out or locked: the countdown leads the reader away.
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("events");
    if (!fresh) return;
    const focused = events.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    events.replaceChildren(...fresh.childNodes);
    if (focused) events.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
    document.dispatchEvent(new Event("doorward:fresh"));
    news.textContent = count === 1 ? "One new event." : `${count} new events.`;
  } catch { /* no connection: the next event brings it up to date */ } finally { reading = false; }
}

if (events?.dataset.stream && "EventSource" in window) {
  const stream = new EventSource(events.dataset.stream);
  let soon = 0;
  stream.addEventListener("message", () => {
    waiting += 1;
    // What happens together is shown together.
    clearTimeout(soon);
    soon = setTimeout(readAgain, 400);
  });
}
