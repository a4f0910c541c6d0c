// A sign-in that waits for a trusted device's answer: asked for while the page is looked at, and the page goes on by itself.
// Without it the person looks again by the link beside the digits. Nothing here decides anything.

const every = 2000;
const until = Date.now() + 10 * 60000;

async function look(note) {
  while (Date.now() < until) {
    await new Promise((resume) => setTimeout(resume, every));
    if (document.hidden) continue;
    try {
      const answer = await fetch(note.dataset.approval, { headers: { "doorward-poll": "1" }, cache: "no-store" });
      const { state } = answer.ok ? await answer.json() : { state: "over" };
      if (state === "waiting") continue;
      const form = document.querySelector('form[action="/sign-in/device"]');
      // What was confirmed elsewhere is gone on from by the same form, without a code.
      if (state === "ready" && form) form.requestSubmit();
      else location.assign("/sign-in/device");
      return;
    } catch { /* no connection: asked again */ }
  }
}

document.querySelectorAll("[data-approval]").forEach(look);
