// One lecture, read: its outline, what to know of it, and all that can be had of it.

import { address, call, download, got, read } from "./api.js";
import { FORMATS } from "./choices.js";
import { button, clock, counted, make, stem, tell } from "./elements.js";
import { chunksEnded, endedBadly, hasEnded, hasOutline, told, trouble } from "./states.js";

const RIGHT_TO_LEFT = /^(ar|fa|he|ur)\b/;
const PAUSE_MS = 2_000;
const LONG = 60; // sections: of a longer outline, what is below the second level is folded at first

export class Reading {
  // `act` posts to a path (or deletes what is there) and reports what goes wrong; `isAlone` says whether the lecture is all of its batch.
  constructor(article, act, isAlone) {
    Object.assign(this, { article, act, isAlone, lecture: null, document: null });
  }

  get path() {
    return `lectures/${this.lecture.id}`;
  }

  // Takes the lecture as the batch has it; gets the outline once there is one.
  async show(lecture) {
    const before = this.lecture;
    const isSame = before?.id === lecture.id;
    if (isSame && before.version === lecture.version && before.problem === lecture.problem) return;
    this.lecture = lecture;
    if (isSame && before.state === lecture.state && !hasEnded(lecture)) return this.tellProgress();
    if (!isSame || before.version !== lecture.version) this.document = this.page = null;
    this.draw();
    if (!hasOutline(lecture) || this.document) return;
    const document = await this.waitedFor(lecture);
    if (!document) return;
    this.document = document;
    this.draw();
  }

  // The lecture's document, from a server that may be away for a while; null if another was chosen meanwhile.
  async waitedFor(lecture) {
    while (this.lecture === lecture) {
      try {
        const document = await got(`lectures/${lecture.id}`);
        return this.lecture === lecture ? document : null;
      } catch (error) {
        if (!error.passes) throw error;
        tell(this.said, `${error.message} Trying again …`);
        await new Promise((done) => setTimeout(done, error.again * 1000 || PAUSE_MS));
      }
    }
    return null;
  }

  draw() {
    const hadFocus = this.article.contains(document.activeElement);
    const { lecture, isAlone } = this;
    this.heading = make("h1", { tabindex: "-1", dir: "auto" }, stem(lecture.name));
    this.facts = make("p", { class: "facts" });
    this.progress = make("progress", { "aria-label": `Progress of ${lecture.name}`, hidden: hasEnded(lecture) });
    this.trouble = make("p", { class: "problem", dir: "auto" });
    this.said = make("div", { class: "status", role: "status" });
    const back = !isAlone && make("p", { class: "back" }, make("a", { href: `#${lecture.batch}` }, "All lectures of the batch"));
    this.article.replaceChildren(
      ...[back].filter(Boolean), this.heading, this.facts, this.progress, this.trouble, this.actions(), this.said, ...this.outline(),
    );
    this.tellProgress();
    if (hadFocus) this.focus();
  }

  focus() {
    this.heading.focus();
  }

  // Another batch has the place from now on; what is still on its way is not drawn there.
  leave() {
    this.lecture = null;
  }

  tellProgress() {
    const { lecture, document } = this;
    const facts = [lecture.state === "done" ? clock(lecture.length) : told(lecture)];
    if (document?.outline) facts.push(counted(count(document.outline.sections), "section"));
    this.facts.textContent = facts.join(" · ");
    this.progress.max = Math.max(1, lecture.progress.chunks);
    this.progress.value = chunksEnded(lecture);
    this.trouble.textContent = trouble(lecture);
    this.trouble.hidden = !lecture.problem;
  }

  actions() {
    const { lecture, path, document } = this;
    const outline = document?.outline;
    const stoodIn = hasEnded(lecture) && outline?.chunks.some(({ degraded }) => degraded);
    return make(
      "div",
      { class: "actions" },
      outline && this.transcriptLink("", "Read beside the transcript", "button main"),
      outline && navigator.clipboard && button("Copy as Markdown", () => this.tried(() => this.copy())),
      outline && this.formats(),
      !hasEnded(lecture) && button("Cancel", () => this.act(`${path}/cancel`)),
      endedBadly(lecture) && button("Retry", () => this.act(`${path}/retry`)),
      stoodIn && button("Ask the model again", () => this.act(`${path}/retry?stand_ins=true`)),
      button("Delete", () => this.remove(), { class: "quiet" }),
    );
  }

  remove() {
    const what = `“${this.lecture.name}”, transcript and outline`;
    if (confirm(`Delete ${what}, from the server? There is no way back.`)) this.act(this.path, "DELETE");
  }

  formats() {
    const rows = FORMATS.map(([name, title]) => {
      const path = `${this.path}/outline?format=${name}`;
      const get = (event) => {
        event.preventDefault();
        menu.open = false;
        this.tried(() => this.download(path));
      };
      return make("li", {}, make("a", { href: address(path), click: get }, title));
    });
    const menu = make("details", { class: "menu", keydown: close, focusout: close });
    menu.append(make("summary", { class: "button" }, "Download"), make("ul", {}, ...rows));
    return menu;
  }

  async download(path) {
    const warnings = await download(path);
    const rows = warnings.map((warning) => make("li", { dir: "auto" }, warning));
    this.said.replaceChildren(...(rows.length ? ["To obey that format:", make("ul", {}, ...rows)] : []));
  }

  async copy() {
    const answer = await call("GET", `${this.path}/outline?format=markdown`);
    await navigator.clipboard.writeText(await read(answer, "text"));
    tell(this.said, "Copied.");
  }

  // Does what was asked for, and says so if it did not work.
  async tried(work) {
    this.said.replaceChildren();
    try {
      await work();
    } catch (error) {
      tell(this.said, error.message);
    }
  }

  // A link to the lecture's web page, which has the transcript; `place` is a section's in it.
  transcriptLink(place, words, kind, more = {}) {
    const open = (event) => {
      event.preventDefault();
      this.tried(() => this.openTranscript(place));
    };
    return make("a", { href: address(`${this.path}/outline?format=html`), class: kind, click: open, ...more }, words);
  }

  // In one tab a lecture: the next time that is clicked scrolls it. The page stays at hand for as long as this one is
  // open, so that it can be loaded again.
  async openTranscript(place) {
    const { id } = this.lecture;
    const page = this.page ?? URL.createObjectURL(await read(await call("GET", `${this.path}/outline?format=html`), "blob"));
    if (this.lecture?.id === id) this.page = page; // or another was chosen meanwhile
    const opened = open(page + place, id);
    if (opened) opened.opener = null;
    else throw new Error("The browser keeps this page from opening another. Allow it, or download the web page.");
  }

  // What to know of the outline, and the outline.
  outline() {
    const { document } = this;
    if (!document) return [];
    const { notes, mended, outline } = document;
    const parts = [];
    if (notes.length) parts.push(make("ul", { class: "notes" }, ...notes.map((note) => make("li", { dir: "auto" }, note))));
    if (mended.length) {
      const rows = mended.map((mending) => make("li", { dir: "auto" }, mending));
      parts.push(make("details", { class: "mended" }, make("summary", {}, "Mended in the file"), make("ul", {}, ...rows)));
    }
    if (!outline) return parts;
    const isLong = count(outline.sections) > LONG;
    const list = this.sections(outline.sections, isLong);
    list.setAttribute("lang", outline.title_language);
    list.setAttribute("dir", RIGHT_TO_LEFT.test(outline.title_language) ? "rtl" : "ltr");
    list.classList.add("outline");
    return [...parts, folding(list), list];
  }

  sections(sections, isLong, path = "") {
    return make("ol", {}, ...sections.map((section, n) => this.section(section, isLong, `${path}-${n + 1}`)));
  }

  section({ title, start, subsections }, isLong, path) {
    const words = make("span", { class: "title", dir: "auto" }, title);
    const time = this.transcriptLink(`#s${path}`, clock(start), "time", { title: "Read it in the transcript" });
    if (!subsections.length) return make("li", {}, make("div", { class: "section" }, words, time));
    const inner = this.sections(subsections, isLong, path);
    const fold = make("button", { type: "button", class: "fold", click: () => unfold(fold, inner.hidden) }, words);
    unfold(fold, !isLong || path.lastIndexOf("-") === 0, inner);
    return make("li", {}, make("div", { class: "section" }, fold, time), inner);
  }
}

function unfold(fold, isOpen, inner = fold.parentElement.nextElementSibling) {
  fold.setAttribute("aria-expanded", String(isOpen));
  inner.hidden = !isOpen;
}

function folding(list) {
  const all = (isOpen) => () => list.querySelectorAll(".fold").forEach((fold) => unfold(fold, isOpen));
  const isNested = Boolean(list.querySelector("ol"));
  return make("p", { class: "folding", hidden: !isNested }, button("Expand all", all(true)), button("Fold all", all(false)));
}

const count = (sections) => sections.reduce((sum, { subsections }) => sum + 1 + count(subsections), 0);

// Of a menu: at Escape, and when the focus leaves it.
function close(event) {
  const menu = event.currentTarget;
  if (event.type === "focusout" ? !menu.contains(event.relatedTarget) : event.key === "Escape") {
    if (event.type === "keydown" && menu.open) menu.firstElementChild.focus();
    menu.open = false;
  }
}
