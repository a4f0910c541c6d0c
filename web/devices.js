// What script adds to the order of devices: rows that can be dragged by their handle. The buttons beside them do the same by keyboard and
// without script; both send the same form.

const list = document.querySelector("[data-ranked]");
let dragged = null;

const rows = () => [...list.querySelectorAll(":scope > li[data-device]")];

function send(row, beside, word) {
  const form = document.createElement("form");
  form.method = "post";
  form.action = `/app/security/devices/${row.dataset.device}/move`;
  const field = Object.assign(document.createElement("input"), { type: "hidden", name: word, value: beside.dataset.device });
  form.append(field);
  document.body.append(form);
  form.requestSubmit();
}

for (const row of list ? rows() : []) {
  const handle = row.querySelector("[data-handle]");
  if (!handle) continue;
  handle.hidden = false;
  handle.draggable = true;
  handle.addEventListener("dragstart", (event) => {
    dragged = row;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setDragImage(row, 12, 12);
  });
  handle.addEventListener("dragend", () => { dragged = null; rows().forEach((other) => other.classList.remove("over")); });
  row.addEventListener("dragover", (event) => {
    if (!dragged || dragged === row) return;
    event.preventDefault();
    rows().forEach((other) => other.classList.toggle("over", other === row));
  });
  row.addEventListener("drop", (event) => {
    if (!dragged || dragged === row) return;
    event.preventDefault();
    const all = rows();
    send(dragged, row, all.indexOf(dragged) < all.indexOf(row) ? "after" : "before");
  });
}
