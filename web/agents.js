// What script adds to the pages about agents: a button that copies a command, and the list as it changes. The stream says that something changed,
// and the list is read again as the server writes it; ticks and focus stay. Nothing here counts as activity.

const PARTS = ["figures", "acts", "agents"];
const ASK_EVERY = 15_000;
const list = document.getElementById("agents");
const news = document.getElementById("news");

// Copies the command that is shown.
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const shown = [...button.closest(".tabs").querySelectorAll(".panel")].find((panel) => panel.offsetParent !== null);
    try {
      await navigator.clipboard.writeText(shown.querySelector("code").textContent);
      button.textContent = "Copied";
    } catch { button.textContent = "Not copied"; }
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
}

// While somebody answers a question, or has just sent the form, the list stays as it is.
const isBusy = () => document.querySelector("dialog[open]") !== null || list.querySelector("form[data-sent]") !== null;

function replace(fresh) {
  const ticked = new Set([...list.querySelectorAll("input[name=agent]:checked")].map((box) => box.value));
  const { activeElement } = document;
  const focused = list.contains(activeElement) ? [activeElement.getAttribute("href"), activeElement.value] : null;
  const [, , before] = PARTS.map((id) => document.getElementById(id)?.textContent);
  for (const id of PARTS) {
    const [old, young] = [document.getElementById(id), fresh.getElementById(id)];
    if (old && young) old.replaceChildren(...young.childNodes);
  }
  for (const box of list.querySelectorAll("input[name=agent]")) box.checked = ticked.has(box.value);
  if (focused) {
    const again = [...list.querySelectorAll("a, input, button")].find((one) => one.getAttribute("href") === focused[0] && one.value === focused[1]);
    again?.focus();
  }
  document.dispatchEvent(new Event("doorward:fresh"));
  const figures = document.getElementById("figures")?.textContent ?? "";
  if (before !== list.textContent && news.textContent !== figures) news.textContent = figures;
}

let reading = false;
async function readAgain() {
  if (reading || isBusy()) return;
  reading = true;
  try {
    const answer = await fetch(window.location.href, { headers: { "doorward-poll": "1" }, cache: "no-store" });
    // Signed out or locked: the countdown leads the reader away.
    if (answer.ok && !answer.redirected && !isBusy()) replace(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch { /* no connection: the next change brings it up to date */ } finally { reading = false; }
}

if (list) {
  // Ages grow while nothing else happens.
  setInterval(() => document.dispatchEvent(new Event("doorward:fresh")), 10_000);
  const ask = () => setInterval(() => { if (!document.hidden) readAgain(); }, ASK_EVERY);
  if ("EventSource" in window) {
    const stream = new EventSource(list.dataset.stream);
    let isFirst = true;
    let soon = 0;
    stream.addEventListener("message", () => {
      // The first message of a stream is what the page shows already.
      if (isFirst) { isFirst = false; return; }
      clearTimeout(soon);
      soon = setTimeout(readAgain, 300);
    });
    stream.addEventListener("error", () => { if (stream.readyState === EventSource.CLOSED) ask(); });
  } else ask();
}
