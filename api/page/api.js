// Calls of the API as docs/api.md has it; nothing here that another client could not do.

import { inTab } from "./kept.js";

const ROOT = new URL("v1/", document.baseURI);
const KEY = "kapitola-key";
const FIRST_WORD_MS = 8_000; // an event stream says something at once
const SILENCE_MS = 45_000; // and again every 15 seconds

export const key = {
  get: () => inTab.get(KEY) ?? "",
  use: (given) => inTab.set(KEY, given),
  forget: () => inTab.remove(KEY),
};

// An error in the API's own words. `status` is 0 where there was no answer.
export class Problem extends Error {
  constructor({ detail, status = 0, refused = [] }, again = 0) {
    super(detail);
    Object.assign(this, { status, refused, again });
  }

  get isForKey() {
    return this.status === 401;
  }

  get isGone() {
    return this.status === 404 || this.status === 410;
  }

  // Whether it is worth asking again by and by.
  get passes() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

const SILENT = { detail: "The server does not answer." };

export const address = (path) => new URL(path, ROOT);

// The answer, if it is a good one (or 304). `mode` stays as it is: with any other, our own referrer policy would have
// the browser send `Origin: null`, and that is a page of another site.
export async function call(method, path, { body, headers, signal } = {}) {
  const sent = new Headers(headers);
  if (key.get()) sent.set("Authorization", `Bearer ${key.get()}`);
  let answer;
  try {
    answer = await fetch(address(path), { method, body, headers: sent, signal });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Problem(SILENT);
  }
  if (answer.ok || answer.status === 304) return answer;
  throw new Problem(await told(answer), Number(answer.headers.get("Retry-After")) || 0);
}

export const got = async (path, options) => read(await call("GET", path, options));

// The JSON of an answer, or its text or blob; one that broke off half-way is no answer.
export function read(answer, kind = "json") {
  return answer[kind]().catch(() => {
    throw new Problem(SILENT);
  });
}

async function told(answer) {
  const isProblem = answer.headers.get("Content-Type")?.startsWith("application/problem+json");
  if (isProblem) return read(answer);
  return { detail: `The server answered ${answer.status}, and not in words of Kapitola’s.`, status: answer.status };
}

// The events of a lecture or batch that follow version `after`: { event, data }, until the stream ends or breaks off.
export async function* events(path, after, signal) {
  const answer = await call("GET", `${path}/events?after=${after}`, { signal });
  if (answer.status === 204) return;
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "", patience = FIRST_WORD_MS;
  try {
    for (;;) {
      const { done, value } = await within(patience, reader.read().catch(() => ({ done: true })));
      if (done) return;
      patience = SILENCE_MS;
      const blocks = (rest + value).split("\n\n");
      rest = blocks.pop();
      yield* blocks.map(event).filter(Boolean);
    }
  } finally {
    reader.cancel().catch(() => {}); // it may have broken off by itself
  }
}

function event(block) {
  const fields = Object.fromEntries(block.split("\n").map((line) => line.split(/: ?(.*)/s, 2)));
  return fields.data && { event: fields.event, data: JSON.parse(fields.data) };
}

// Raises a Problem if `promise` takes longer: something on the way holds events back.
function within(ms, promise) {
  let timer;
  const late = new Promise((_, fail) => {
    timer = setTimeout(() => fail(new Problem(SILENT)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// Puts what is at `path` into the reader's downloads; gives the warnings that came with it.
export async function download(path) {
  const answer = await call("GET", path);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await read(answer, "blob"));
  link.download = fileName(answer.headers.get("Content-Disposition") ?? "");
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  return JSON.parse(answer.headers.get("Kapitola-Warnings") ?? "[]");
}

function fileName(disposition) {
  const [, encoded] = disposition.match(/filename\*=UTF-8''([^;]+)/) ?? [];
  const [, quoted] = disposition.match(/filename="([^"]+)"/) ?? [];
  return encoded ? decodeURIComponent(encoded) : quoted ?? "outline";
}
