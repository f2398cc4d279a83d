"use strict";
// Search, and the place in the outline where the reader is. Without this file everything can still be read and clicked.
const main = document.querySelector("main");
const tools = document.querySelector(".tools");
const box = tools.querySelector("input");
const told = tools.querySelector("output");
const headings = [...main.querySelectorAll(":is(h2, h3, h4, h5, h6)[id]")];
const links = new Map([...document.querySelectorAll("nav a")].map((link) => [link.hash.slice(1), link]));
const texts = [...main.querySelectorAll(".words")];
tools.hidden = false;

// Letters without case and accents, each with the position that it has in the text.
function folded(text) {
  const letters = [], places = [];
  let place = 0;
  for (const letter of text) {
    for (const plain of letter.normalize("NFD").replace(/\p{Mn}/gu, "").toLowerCase()) {
      letters.push(plain);
      places.push(place);
    }
    place += letter.length;
  }
  places.push(place);
  return { letters, places };
}

const index = texts.map((element) => ({ element, text: element.textContent, ...folded(element.textContent) }));

function found(entry, wanted) {
  const spans = [];
  for (let at = 0; at + wanted.length <= entry.letters.length; at++) {
    if (wanted.every((letter, i) => entry.letters[at + i] === letter)) {
      spans.push([entry.places[at], entry.places[at + wanted.length]]);
      at += wanted.length - 1;
    }
  }
  return spans;
}

let marks = [], here = -1;

function search() {
  const wanted = folded(box.value.trim()).letters;
  marks = [];
  here = -1;
  let heading = null;
  const hits = new Map();
  for (const entry of index) {
    if (entry.element.parentElement.id) heading = entry.element.parentElement.id;
    const spans = wanted.length ? found(entry, wanted) : [];
    const parts = [];
    let from = 0;
    for (const [start, end] of spans) {
      const mark = document.createElement("mark");
      mark.textContent = entry.text.slice(start, end);
      parts.push(entry.text.slice(from, start), mark);
      marks.push(mark);
      from = end;
    }
    if (spans.length || entry.element.firstElementChild) entry.element.replaceChildren(...parts, entry.text.slice(from));
    if (spans.length && heading) hits.set(heading, (hits.get(heading) ?? 0) + spans.length);
  }
  for (const [id, link] of links) {
    if (hits.has(id)) link.dataset.hits = hits.get(id) + " found";
    else delete link.dataset.hits;
  }
  told.textContent = !wanted.length ? "" : marks.length ? marks.length + " found; Enter goes to the next" : "Nothing found";
}

function go(step) {
  if (!marks.length) return;
  marks[here]?.classList.remove("here");
  here = (here + step + marks.length) % marks.length;
  marks[here].classList.add("here");
  marks[here].scrollIntoView({ block: "center" });
  told.textContent = here + 1 + " of " + marks.length;
}

let waiting = 0;
box.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(search, 120);
});
box.addEventListener("keydown", (event) => {
  if (event.key === "Enter") {
    event.preventDefault();
    go(event.shiftKey ? -1 : 1);
  } else if (event.key === "Escape") {
    box.value = "";
    search();
  }
});
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "k") {
    event.preventDefault();
    box.focus();
    box.select();
  }
});

let current = null, chosen = null, arrived = false;
function inView(heading) {
  const top = heading.getBoundingClientRect().top;
  return top >= 0 && top < innerHeight;
}
function place() {
  if (chosen && inView(chosen)) arrived = true;
  else if (arrived) chosen = null;
  let passed = headings[0];
  for (const heading of headings) {
    if (heading.getBoundingClientRect().top > innerHeight / 3) break;
    passed = heading;
  }
  const link = passed && links.get((chosen ?? passed).id);
  if (!link || link === current) return;
  current?.removeAttribute("aria-current");
  link.setAttribute("aria-current", "location");
  current = link;
  const nav = link.closest("nav"), top = link.offsetTop - nav.offsetTop;
  if (top < nav.scrollTop || top + link.offsetHeight > nav.scrollTop + nav.clientHeight) nav.scrollTop = top - nav.clientHeight / 3;
}
// The heading that was clicked may be too near the end to reach the top: while it is in view, it is the place.
function choose() {
  chosen = document.getElementById(location.hash.slice(1));
  if (chosen && !links.has(chosen.id)) chosen = null;
  arrived = false;
  place();
}
addEventListener("hashchange", choose);
let asked = false;
addEventListener("scroll", () => {
  if (asked) return;
  asked = true;
  requestAnimationFrame(() => { asked = false; place(); });
}, { passive: true });
addEventListener("load", choose);
