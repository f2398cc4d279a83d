"use strict";
// Search over the names of all lectures and the titles of all their sections.
const tools = document.querySelector(".tools");
const box = tools.querySelector("input");
const told = tools.querySelector("output");
tools.hidden = false;

const folded = (text) => text.normalize("NFD").replace(/\p{Mn}/gu, "").toLowerCase();
const lectures = [...document.querySelectorAll("article")].map((article) => ({
  article,
  name: folded(article.querySelector("h2").textContent),
  details: article.querySelector("details"),
  entries: [...article.querySelectorAll("li")].map((entry) => ({ entry, text: folded(entry.textContent) })),
}));

function search() {
  const wanted = folded(box.value.trim());
  let sections = 0, shown = 0;
  for (const { article, name, details, entries } of lectures) {
    const named = name.includes(wanted);
    let inside = 0;
    for (const { entry, text } of entries) {
      const hit = text.includes(wanted);
      entry.hidden = !hit && !named;
      inside += hit;
    }
    article.hidden = !named && !inside;
    details.open = wanted !== "" && inside > 0;
    sections += inside;
    shown += !article.hidden;
  }
  told.textContent = wanted ? sections + " sections in " + shown + " lectures" : "";
}

let waiting = 0;
box.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(search, 120);
});
box.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  box.value = "";
  search();
});
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "k") {
    event.preventDefault();
    box.focus();
    box.select();
  }
});
