// Handing transcripts in.

import { call, Problem, read } from "./api.js";
import { LANGUAGES } from "./choices.js";
import { button, counted, make, one, size, tell } from "./elements.js";
import { keepRefused, remember } from "./remembered.js";

const TRANSCRIPTS = /\.(srt|vtt|sbv)$/i; // what is taken of a folder, as by the command line
const LARGEST = 60_000_000;
const MOST_SHOWN = 8;

const form = one("#submission");
const [send] = form.querySelectorAll("button.main");
const field = one("#files"), list = one(".chosen", form), status = one(".status", form), problem = one(".problem", form);
let chosen = [];
let once = ""; // the Idempotency-Key: the same until something is chosen otherwise

const names = new Intl.DisplayNames(["en"], { type: "language" });
form.elements.language.append(
  ...LANGUAGES.map((code) => [names.of(code), code])
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([name, code]) => make("option", { value: code, selected: code === "en" }, name)),
);

// Takes files to those that were chosen before.
export function choose(files) {
  chosen = [...chosen, ...files];
  changed();
  send.focus();
}

function changed() {
  once = "";
  send.disabled = !chosen.length;
  problem.replaceChildren();
  tell(status, "");
  const rows = chosen.slice(0, MOST_SHOWN).map((file) => make("li", {}, make("span", { dir: "auto" }, file.name)));
  const more = chosen.length - rows.length;
  if (more > 0) rows.push(make("li", {}, `and ${more.toLocaleString("en")} more`));
  if (chosen.length) {
    const sum = `${counted(chosen.length, "file")}, ${size(bytes(chosen))}`;
    rows.push(make("li", { class: "sum" }, `${sum} `, button("Clear", clear, { class: "quiet" })));
  }
  list.replaceChildren(...rows);
}

function clear() {
  chosen = [];
  changed();
  field.focus();
}

const bytes = (files) => files.reduce((sum, file) => sum + file.size, 0);

field.addEventListener("change", () => {
  choose(field.files);
  field.value = "";
});
form.addEventListener("change", () => {
  once = "";
});
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  send.disabled = true;
  problem.replaceChildren();
  tell(status, `Handing in ${counted(chosen.length, "file")} …`);
  try {
    await handIn();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (error.isForKey) dispatchEvent(new CustomEvent("key-asked", { detail: error.message }));
    else problem.replaceChildren(...explained(error));
  } finally {
    tell(status, "");
    send.disabled = !chosen.length;
  }
});

async function handIn() {
  const faults = await Promise.all(chosen.map(fault));
  const sent = chosen.filter((_, n) => !faults[n]);
  const notSent = faults.filter(Boolean).map((detail) => ({ detail }));
  if (!sent.length) throw new Problem({ refused: notSent });
  const body = new FormData();
  body.append("options", JSON.stringify(options()));
  for (const file of sent) body.append("files", file, file.name);
  once ||= Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16)).join("");
  const answer = await call("POST", "lectures", { body, headers: { "Idempotency-Key": once } });
  const batch = await read(answer);
  remember(batch.id);
  keepRefused(batch.id, [...notSent, ...batch.refused]);
  clear();
  location.hash = batch.id;
}

// Why a file is not even sent; empty if it is. Of one that was changed since, browsers give nothing any more.
async function fault(file) {
  if (file.size > LARGEST) return `${file.name}: ${size(file.size)} is no transcript; it was not sent.`;
  const begins = file.slice(0, 1).arrayBuffer();
  return begins.then(() => "", () => `${file.name}: it was changed or moved since it was chosen; choose it again.`);
}

// What differs from the API's defaults.
function options() {
  const { language, detail, title_style, depth, glossary } = form.elements;
  const terms = glossary.value.split("\n").map((term) => term.trim()).filter(Boolean);
  return {
    language: language.value,
    detail: detail.value,
    title_style: title_style.value,
    ...(depth.value ? { depth: Number(depth.value) } : {}),
    ...(terms.length ? { glossary: terms } : {}),
  };
}

function explained({ message, refused, status: code }) {
  if (refused.length) {
    const rows = refused.map(({ detail }) => make("li", { dir: "auto" }, detail));
    return [make("p", {}, `Nothing was taken: ${counted(refused.length, "file was", "files were")} refused.`), make("ul", {}, ...rows)];
  }
  const again = code ? "" : " Try again: whatever it has already is not taken twice.";
  return [make("p", {}, message + again)];
}

// The files that were dropped, and the transcripts in the folders among them, at any depth.
export async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...transfer.files];
  return (await Promise.all(entries.map((entry) => filesOf(entry, () => true)))).flat();
}

async function filesOf(entry, isWanted) {
  if (entry.isFile) return isWanted(entry.name) ? [await new Promise((good, bad) => entry.file(good, bad))] : [];
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((good, bad) => reader.readEntries(good, bad)); // a hundred at a time
    if (!some.length) return found;
    for (const inner of some) found.push(...(await filesOf(inner, (name) => TRANSCRIPTS.test(name))));
  }
}
