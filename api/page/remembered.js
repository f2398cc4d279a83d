// The batches that were handed in from this browser: their ids, newest first, and nothing else of them.

import { inBrowser, inTab } from "./kept.js";

const BATCHES = "kapitola-batches";
const MOST = 12;

export const remembered = () => JSON.parse(inBrowser.get(BATCHES) ?? "[]");

export const remember = (id) => keep([id, ...remembered().filter((other) => other !== id)].slice(0, MOST));

export const forget = (id) => keep(remembered().filter((other) => other !== id));

const keep = (ids) => inBrowser.set(BATCHES, JSON.stringify(ids));

// The files of a batch that were refused are told once, in the answer to the submission. This tab keeps them.
export const keepRefused = (id, problems) => inTab.set(refused(id), JSON.stringify(problems.map(({ detail }) => ({ detail }))));

export const refusedOf = (id) => JSON.parse(inTab.get(refused(id)) ?? "[]");

const refused = (id) => `kapitola-refused-${id}`;
