// What is shown: the start, or the batch that the address names (#bat_…, #bat_…/lec_… for one lecture of it).

import { got, key, Problem } from "./api.js";
import * as batch from "./batch.js";
import { counted, make, moment, one, tell } from "./elements.js";
import { forget, remembered } from "./remembered.js";
import { tallied } from "./states.js";
import { choose, dropped } from "./submission.js";

const start = one("#start"), keyForm = one("#key"), keyField = one("#key-field"), forgetKey = one("#forget-key");
const recent = one("#recent");

function route(event) {
  const [, id, lecture] = location.hash.match(/^#(bat_\w+)(?:\/(lec_\w+))?$/) ?? [];
  start.hidden = Boolean(id);
  one("#batch").hidden = !id;
  one("#more").hidden = !id;
  forgetKey.hidden = !key.get();
  if (id) return batch.show(id, lecture, Boolean(event));
  batch.leave();
  document.title = "Kapitola";
  if (event) one("h1", start).focus();
  return listRecent();
}

// Newest first. A batch that is gone is said to be, once.
async function listRecent() {
  try {
    await got("batches?most=1"); // finds out whether a key is needed, before anybody has chosen files
  } catch (error) {
    return complain(error);
  }
  const rows = await Promise.all(remembered().map(row));
  one("ul", recent).replaceChildren(...rows);
  recent.hidden = !rows.length;
}

async function row(id) {
  try {
    const { lectures, created } = await got(`batches/${id}`);
    const [first, ...others] = lectures;
    const name = make("span", { dir: "auto" }, first?.name ?? id);
    const more = others.length ? ` and ${counted(others.length, "other")}` : "";
    const facts = make("span", { class: "facts" }, `${moment(created)} · ${tallied(lectures)}`);
    return make("li", {}, make("a", { href: `#${id}` }, name, more), " ", facts);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (error.isGone) forget(id);
    return make("li", { class: "facts" }, error.message);
  }
}

function complain(error) {
  if (!(error instanceof Problem)) throw error;
  if (error.isForKey) askForKey(error.message);
  else one("#submission .problem").replaceChildren(error.message);
}

function askForKey(why) {
  key.forget();
  keyForm.hidden = false;
  tell(one(".problem", keyForm), why);
  keyField.focus();
}

keyForm.addEventListener("submit", (event) => {
  event.preventDefault();
  key.use(keyField.value.trim());
  keyField.value = "";
  keyForm.hidden = true;
  batch.leave();
  route();
});
forgetKey.addEventListener("click", () => {
  key.forget();
  batch.leave();
  route();
});
addEventListener("key-asked", ({ detail }) => askForKey(detail));

// Files may be dropped anywhere.
const hasFiles = ({ dataTransfer }) => dataTransfer?.types.includes("Files");
addEventListener("dragover", (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  document.body.classList.add("dragging");
});
addEventListener("dragleave", ({ relatedTarget }) => {
  if (!relatedTarget) document.body.classList.remove("dragging");
});
addEventListener("drop", async (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  document.body.classList.remove("dragging");
  const files = await dropped(event.dataTransfer);
  if (location.hash) location.hash = "";
  choose(files);
});

addEventListener("hashchange", route);
route();
