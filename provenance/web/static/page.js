// What pages do beyond being read. Everything works without it: forms are sent, links are followed.
"use strict";

const root = document.documentElement;
root.classList.add("scripted");

// ---- a file is dropped, chosen or pasted

function check(form, files) {
  if (!files || !files.length) return;
  form.elements.file.files = files;
  form.requestSubmit();
}

function told(form, text, share) {
  const place = form.querySelector(".progress");
  place.hidden = false;
  place.querySelector("[role=status]").textContent = text;
  const bar = place.querySelector("progress");
  if (share === null) bar.removeAttribute("value");
  else bar.value = share;
}

function size(bytes) {
  return bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} KB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

const theForm = () => document.querySelector("form[data-check]");
const hasFiles = (event) => event.dataTransfer && [...event.dataTransfer.types].includes("Files");

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-check]");
  if (form && event.target.name === "file") check(form, event.target.files);
});
for (const kind of ["dragenter", "dragover"]) {
  document.addEventListener(kind, (event) => {
    if (!theForm() || !hasFiles(event)) return;
    event.preventDefault();
    root.classList.add("dragging");
  });
}
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) root.classList.remove("dragging");
});
document.addEventListener("drop", (event) => {
  root.classList.remove("dragging");
  if (!theForm() || !hasFiles(event)) return;
  event.preventDefault();
  check(theForm(), event.dataTransfer.files);
});
document.addEventListener("paste", (event) => {
  if (theForm() && event.clipboardData.files.length) check(theForm(), event.clipboardData.files);
});

document.addEventListener("htmx:beforeRequest", (event) => {
  const form = event.target.closest("form[data-check]");
  if (!form) return;
  const [file] = form.elements.file.files;
  told(form, file ? `Sending ${file.name} (${size(file.size)})…` : "Fetching…", file ? 0 : null);
});
document.addEventListener("htmx:xhr:progress", (event) => {
  const form = event.target.closest("form[data-check]");
  if (!form || !event.detail.lengthComputable) return;
  const share = Math.round((100 * event.detail.loaded) / event.detail.total);
  if (share < 100) told(form, `${share} % sent…`, share);
  else told(form, "Looking at it…", null);
});
document.addEventListener("htmx:sendError", (event) => {
  const form = event.target.closest("form[data-check]");
  if (form) told(form, "The service cannot be reached, or it takes no file that large.", 0);
});

// ---- what came in is read from its beginning

document.addEventListener("htmx:afterSettle", (event) => {
  dress(document);
  if (event.detail.boosted) document.querySelector("main").focus({ preventScroll: true });
  if (event.target.id !== "beside") return;
  event.target.querySelector("h4").focus({ preventScroll: true });
  event.target.scrollIntoView({ block: "nearest" });
});
document.addEventListener("htmx:beforeRequest", (event) => {
  const list = event.target.closest(".choices");
  if (!list) return;
  for (const link of list.querySelectorAll("a")) link.removeAttribute("aria-current");
  event.target.setAttribute("aria-current", "true");
});

// ---- one picture over the other

function slide(place) {
  const range = document.createElement("input");
  range.type = "range";
  range.min = 0;
  range.max = 100;
  range.value = 50;
  range.setAttribute("aria-label", "How much of the picture before is shown, in percent");
  range.addEventListener("input", () => place.style.setProperty("--at", `${range.value}%`));
  const edge = document.createElement("div");
  edge.className = "edge";
  place.lastElementChild.append(edge);
  place.append(range);
  place.classList.add("sliding");
}

function dress(within) {
  for (const place of within.querySelectorAll("[data-slider]:not(.sliding)")) slide(place);
}

// ---- the history is walked with the arrow keys

function next(graph, from, key) {
  const boxes = [...graph.querySelectorAll("a[data-step]")];
  const into = (box) => box.dataset.into.split(" ").filter(Boolean);
  const beside = (one) => boxes.filter((box) => into(box)[0] === into(one)[0]);
  const row = beside(from);
  const at = row.indexOf(from);
  if (key === "ArrowUp") return boxes.find((box) => box.dataset.step === into(from)[0]);
  if (key === "ArrowDown") return boxes.find((box) => into(box).includes(from.dataset.step));
  if (key === "ArrowLeft") return row[at - 1];
  if (key === "ArrowRight") return row[at + 1];
  return undefined;
}

document.addEventListener("keydown", (event) => {
  const box = event.target.closest && event.target.closest(".graph a[data-step]");
  if (!box || !event.key.startsWith("Arrow")) return;
  event.preventDefault();
  const found = next(box.closest(".graph"), box, event.key);
  if (found) found.focus();
});

function here() {
  for (const box of document.querySelectorAll(".graph a[data-step]")) {
    const chosen = location.hash !== "" && box.getAttribute("href") === location.hash;
    box.classList.toggle("here", chosen);
    if (chosen) box.setAttribute("aria-current", "step");
    else box.removeAttribute("aria-current");
  }
}
window.addEventListener("hashchange", here);

// ---- the rest

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});

dress(document);
here();
