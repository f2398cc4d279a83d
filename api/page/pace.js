// How long it takes, if it goes on as in the last minute.

import { counted } from "./elements.js";

const MINUTE_MS = 60_000;
const SURE_MS = 5_000; // before that nothing is said

export class Pace {
  constructor() {
    this.seen = [];
  }

  // Takes how many chunks of all have ended; gives in words how long the others will take, or nothing where that
  // cannot be said.
  left(ended, chunks) {
    const now = Date.now();
    if (this.seen.at(-1)?.ended > ended) this.seen = []; // a retry
    this.seen.push({ now, ended });
    while (this.seen.length > 2 && this.seen[1].now < now - MINUTE_MS) this.seen.shift();
    const [first] = this.seen;
    if (ended === chunks || ended === first.ended || now - first.now < SURE_MS) return "";
    return `about ${duration(((now - first.now) / (ended - first.ended)) * (chunks - ended))} left`;
  }
}

function duration(ms) {
  const tens = Math.ceil(ms / 10_000), minutes = Math.round(ms / MINUTE_MS);
  if (tens < 9) return counted(10 * tens, "second");
  return minutes < 90 ? counted(minutes, "minute") : counted(Math.round(minutes / 60), "hour");
}
