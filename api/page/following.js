// A batch as it changes: by its events, or by polls for a while where something on the way holds events back.

import { call, events, read } from "./api.js";
import { hasEnded } from "./states.js";

const PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
const EXPLAINED_MS = 1_500;
const POLLING_MS = 60_000;
const POLL_S = 30;

// Calls `onBatch` with each whole view of the batch, and `onChange` with each event in between, until all has ended.
// `onChange` says whether the event leaves open why it came. `onTrouble` gets what is waited out, and null when it is
// over; what does not pass (no key, gone) is raised.
export async function follow(id, watcher, signal) {
  const course = new Course(id, watcher, signal);
  while (!signal.aborted) {
    try {
      if (await course.look()) return;
      await course.goOn();
    } catch (error) {
      if (signal.aborted) return;
      if (!error.passes) throw error;
      watcher.onTrouble(error);
      await course.rest(error.again * 1000);
    }
  }
}

class Course {
  constructor(id, watcher, signal) {
    Object.assign(this, { path: `batches/${id}`, watcher, signal });
    this.seen = "";
    this.pollingUntil = 0;
    this.pause = PAUSE_MS;
    this.asking = 0;
  }

  get polls() {
    return Date.now() < this.pollingUntil;
  }

  // Takes the batch as it is now, or at its next change; gives whether all of it has ended.
  async look() {
    const path = this.polls ? `${this.path}?wait=${POLL_S}` : this.path;
    const headers = this.seen ? { "If-None-Match": this.seen } : {};
    const answer = await call("GET", path, { headers, signal: this.signal });
    this.pause = PAUSE_MS;
    this.watcher.onTrouble(null);
    if (answer.status === 304) return false;
    const batch = await read(answer);
    this.seen = answer.headers.get("ETag");
    this.version = batch.version;
    this.watcher.onBatch(batch);
    return batch.lectures.every(hasEnded);
  }

  // Until there is reason to look again.
  async goOn() {
    if (this.polls) return this.rest();
    try {
      for await (const { event, data } of events(this.path, this.version, this.signal)) {
        if (event !== "change") return; // the end, or some events are kept no longer
        if (this.watcher.onChange(data)) this.askSoon();
      }
    } catch (error) {
      if (this.signal.aborted || !error.passes) throw error;
      this.pollingUntil = Date.now() + POLLING_MS; // refused, or held back on the way
    }
    await this.rest();
  }

  // Events do not say what went wrong, or what holds a lecture up: the batch does.
  askSoon() {
    this.asking ||= setTimeout(() => {
      this.asking = 0;
      if (!this.signal.aborted) this.look().catch((error) => this.waitOut(error));
    }, EXPLAINED_MS);
  }

  waitOut(error) {
    if (this.signal.aborted || !error.passes) return; // what does not pass, the next look meets
    this.watcher.onTrouble(error);
    this.askSoon();
  }

  // For as long as the server asks, else longer each time in a row.
  rest(ms = 0) {
    const pause = ms || this.pause;
    this.pause = Math.min(2 * this.pause, LONGEST_PAUSE_MS);
    return new Promise((done) => {
      setTimeout(done, pause);
      this.signal.addEventListener("abort", done, { once: true });
    });
  }
}
