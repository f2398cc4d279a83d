// A batch, watched: every lecture with its state and progress, and the one that is read.

import { call, download, Problem } from "./api.js";
import { button, counted, make, moment, one, stem, tell } from "./elements.js";
import { follow } from "./following.js";
import { Reading } from "./reading.js";
import { Pace } from "./pace.js";
import { forget, refusedOf } from "./remembered.js";
import { chunksEnded, endedBadly, hasEnded, hasOutline, signOf, tallied, told, trouble } from "./states.js";

const DRAW_MS = 100;
const SPEAK_MS = 10_000; // a screen reader is told how far it is this often, and of the end

const section = one("#batch"), header = one("header", section), list = one("nav ol", section);
const article = one("article", section), problem = one(".problem", section), held = one(".trouble", section);
let shown = null;

// Shows the batch, and a lecture of it if one is named; the batch is followed until `leave`, or another is shown.
// `isMove` says whether the reader came here from elsewhere on the page: then the focus comes along.
export function show(id, lecture, isMove) {
  if (shown?.id !== id) {
    leave();
    shown = new Batch(id);
  }
  shown.choose(lecture, isMove);
}

export function leave() {
  shown?.stop();
  shown = null;
}

class Batch {
  constructor(id) {
    Object.assign(this, { id, lectures: new Map(), rows: new Map(), chosen: "", reading: null, following: null });
    this.drawing = this.spoken = 0;
    this.pace = new Pace();
    article.replaceChildren();
    list.replaceChildren();
    header.hidden = article.hidden = true;
    tell(problem, "");
    this.tellRefused();
    this.follow();
  }

  stop() {
    this.following?.abort();
    this.reading?.leave();
    clearTimeout(this.drawing);
    this.isOver = true;
  }

  async follow() {
    this.following?.abort();
    this.following = new AbortController();
    const watcher = {
      onBatch: (batch) => this.take(batch),
      onChange: (event) => this.change(event),
      onTrouble: (error) => tell(held, error ? `${error.message} Trying again …` : ""),
    };
    await this.reported(() => follow(this.id, watcher, this.following.signal), () => this.gone());
  }

  // Says what goes wrong, in the API's words. A lecture may be gone by itself: the batch knows.
  async reported(work, whenGone = () => this.follow()) {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (this.isOver) return;
      if (error.isForKey) dispatchEvent(new CustomEvent("key-asked", { detail: error.message }));
      else tell(problem, error.message);
      if (error.isGone) whenGone();
    }
  }

  // Deleted, kept for as long as lectures are, or never there.
  gone() {
    forget(this.id);
    leave();
    header.hidden = article.hidden = true;
    list.replaceChildren();
    problem.append(" ", make("a", { href: "#" }, "To the start"));
  }

  take(batch) {
    this.created = batch.created;
    this.lectures = new Map(batch.lectures.map((lecture) => [lecture.id, this.newer(lecture)]));
    const rows = batch.lectures.map((lecture) => this.rows.get(lecture.id) ?? new Row(this.id, lecture));
    this.rows = new Map(rows.map((row) => [row.id, row]));
    if (list.childElementCount !== rows.length) list.replaceChildren(...rows.map((row) => row.element));
    for (const lecture of this.lectures.values()) this.rows.get(lecture.id).draw(lecture);
    this.drawSoon();
  }

  // An event may have overtaken the view of the batch that it came after.
  newer(lecture) {
    const known = this.lectures.get(lecture.id);
    return known?.version > lecture.version ? known : lecture;
  }

  // Takes an event; gives whether the batch has to be asked why it came.
  change({ lecture: id, state, version, chunks, done, failed }) {
    const before = this.lectures.get(id);
    if (!before || state === "removed") return true;
    const progress = { chunks, done, failed };
    const isMove = before.state !== state || chunksEnded(before) !== done + failed;
    // What held it up is over as soon as it gets on.
    const after = { ...before, state, version, progress, problem: isMove ? "" : before.problem };
    this.lectures.set(id, after);
    this.rows.get(id).draw(after);
    this.drawSoon();
    return !isMove || endedBadly(after);
  }

  choose(id, isMove) {
    this.wanted = id;
    this.takesFocus = isMove;
    this.drawSoon();
  }

  drawSoon() {
    this.drawing ||= setTimeout(() => {
      this.drawing = 0;
      this.draw();
    }, this.created ? DRAW_MS : 0);
  }

  draw() {
    const lectures = [...this.lectures.values()];
    if (!lectures.length) return this.emptied();
    const isAlone = lectures.length === 1;
    section.classList.toggle("alone", isAlone);
    header.hidden = isAlone;
    this.drawHeader(lectures);
    this.read(isAlone ? lectures[0].id : this.wanted, isAlone);
    this.speak(lectures);
    if (this.takesFocus) this.focus();
    this.takesFocus = false;
  }

  drawHeader(lectures) {
    const sum = (of) => lectures.reduce((total, lecture) => total + of(lecture), 0);
    const progress = one("progress", header);
    tell(one("h1", header), counted(lectures.length, "lecture"));
    const left = this.pace.left(sum(chunksEnded), sum((lecture) => lecture.progress.chunks));
    const facts = [tallied(lectures), left, `handed in ${moment(this.created)}`];
    tell(one(".facts", header), facts.filter(Boolean).join(" · "));
    progress.max = Math.max(1, sum((lecture) => lecture.progress.chunks));
    progress.value = sum(chunksEnded);
    progress.hidden = lectures.every(hasEnded);
    const wanted = [
      !lectures.every(hasEnded) && ["Cancel all", () => this.act(`batches/${this.id}/cancel`)],
      lectures.some(endedBadly) && ["Retry what did not end well", () => this.act(`batches/${this.id}/retry`)],
      lectures.some(hasOutline) && ["Download all (zip)", () => this.reported(() => download(`batches/${this.id}/export`))],
    ].filter(Boolean);
    const words = wanted.map(([word]) => word).join();
    if (this.offered === words) return; // so that a button keeps the focus
    this.offered = words;
    one(".actions", header).replaceChildren(
      ...wanted.map(([word, act]) => button(word, act)),
      button("Delete all", () => this.removeAll(), { class: "quiet" }),
    );
  }

  read(id, isAlone) {
    const lecture = this.lectures.get(id);
    section.classList.toggle("reads", Boolean(lecture));
    article.hidden = !lecture;
    for (const row of this.rows.values()) row.mark(row.id === id);
    if (!lecture) return;
    this.chosen = id;
    this.reading ??= new Reading(article, (path, method) => this.act(path, method), isAlone);
    this.reported(() => this.reading.show(lecture));
  }

  // To what is read; back in the list, to the lecture that was.
  focus() {
    this.rows.get(this.chosen)?.link.scrollIntoView({ block: "nearest" });
    if (!article.hidden) this.reading.focus();
    else (this.rows.get(this.chosen)?.link ?? one("h1", header)).focus();
  }

  speak(lectures) {
    const ended = lectures.filter(hasEnded).length;
    const isOver = ended === lectures.length;
    const name = stem(this.lectures.get(this.chosen)?.name ?? counted(lectures.length, "lecture"));
    document.title = `${isOver ? "✓" : `${ended}/${lectures.length}`} ${name} – Kapitola`;
    if (!isOver && Date.now() - this.spoken < SPEAK_MS) return;
    this.spoken = Date.now();
    tell(one("#spoken"), isOver ? `All has ended: ${tallied(lectures)}.` : `${ended} of ${counted(lectures.length, "lecture")} ended.`);
  }

  emptied() {
    if (!this.created) return; // nothing is known of it yet
    tell(problem, "No lecture of this batch is left.");
    this.gone();
  }

  // Asks the server for something, and follows what comes of it.
  act(path, method = "POST") {
    tell(problem, "");
    return this.reported(async () => {
      await call(method, path);
      this.follow();
    });
  }

  removeAll() {
    const what = `all ${counted(this.lectures.size, "lecture")}, transcripts and outlines`;
    if (confirm(`Delete ${what}, from the server? There is no way back.`)) this.act(`batches/${this.id}`, "DELETE");
  }

  tellRefused() {
    const refused = refusedOf(this.id);
    const place = one(".refused", section);
    place.hidden = !refused.length;
    tell(one("h2", place), `${counted(refused.length, "file was", "files were")} refused`);
    one("ul", place).replaceChildren(...refused.map(({ detail }) => make("li", { dir: "auto" }, detail)));
  }
}

// A lecture in the list.
class Row {
  constructor(batch, { id, name }) {
    this.id = id;
    this.sign = make("span", { class: "sign", "aria-hidden": "true" });
    this.state = make("span", { class: "state" });
    this.link = make("a", { href: `#${batch}/${id}` }, this.sign, make("span", { class: "name" }, make("bdi", {}, name)), " ", this.state);
    this.progress = make("progress", { "aria-label": `Progress of ${name}` });
    this.trouble = make("p", { class: "why", dir: "auto" });
    this.element = make("li", {}, this.link, this.progress, this.trouble);
  }

  draw(lecture) {
    this.element.dataset.state = lecture.state;
    this.sign.textContent = signOf(lecture);
    this.state.textContent = told(lecture);
    this.progress.hidden = lecture.state !== "running";
    this.progress.max = Math.max(1, lecture.progress.chunks);
    this.progress.value = chunksEnded(lecture);
    this.trouble.textContent = trouble(lecture);
    this.trouble.hidden = !lecture.problem;
  }

  mark(isRead) {
    if (isRead) this.link.setAttribute("aria-current", "true");
    else this.link.removeAttribute("aria-current");
  }
}
