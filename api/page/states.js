// The states of a lecture (docs/lecture-states.md), and how they are shown.

import { clock, counted } from "./elements.js";

const STATES = ["done", "incomplete", "failed", "cancelled", "running", "queued"];
const SIGNS = { queued: "·", running: "…", done: "✓", incomplete: "!", failed: "✗", cancelled: "–" };
const UNDER_WAY = ["queued", "running"];
const BADLY = ["incomplete", "failed", "cancelled"];

export const hasEnded = ({ state }) => !UNDER_WAY.includes(state);
export const endedBadly = ({ state }) => BADLY.includes(state);
export const hasOutline = ({ state, edited }) => state === "done" || state === "incomplete" || Boolean(edited);
export const signOf = ({ state }) => SIGNS[state];

export function chunksEnded(lecture) {
  const { chunks, done, failed } = lecture.progress;
  return hasEnded(lecture) ? chunks : done + failed;
}

// The state in words, and what else there is to say of it in a few.
export function told(lecture) {
  const { state, length, progress } = lecture;
  if (state === "running" && chunksEnded(lecture) < progress.chunks) {
    return `running, ${chunksEnded(lecture)} of ${counted(progress.chunks, "chunk")}`;
  }
  if (state === "running") return "running, merging";
  return hasOutline(lecture) ? `${state}, ${clock(length)}` : state;
}

// Why it did not end well, or what holds it up; empty if neither.
export function trouble(lecture) {
  return lecture.problem && !hasEnded(lecture) ? `Held up: ${lecture.problem}` : lecture.problem;
}

// How many are in which state: "7 done, 1 failed".
export function tallied(lectures) {
  const counts = STATES.map((state) => [state, lectures.filter((lecture) => lecture.state === state).length]);
  return counts.filter(([, count]) => count).map(([state, count]) => `${count.toLocaleString("en")} ${state}`).join(", ");
}
