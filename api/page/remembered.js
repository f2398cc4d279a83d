// The batches that were handed in from this browser: their ids, newest first, and nothing else of them.

const BATCHES = "kapitola-batches";
const MOST = 12;

export function remembered() {
  try {
    const ids = JSON.parse(localStorage.getItem(BATCHES) ?? "[]");
    return Array.isArray(ids) ? ids.filter((id) => /^bat_\w+$/.test(id)) : [];
  } catch {
    return []; // a browser may forbid storage, and whatever stands in it may be another's
  }
}

export const remember = (id) => keep([id, ...remembered().filter((other) => other !== id)].slice(0, MOST));

export const forget = (id) => keep(remembered().filter((other) => other !== id));

function keep(ids) {
  try {
    localStorage.setItem(BATCHES, JSON.stringify(ids));
  } catch {
    // Not remembered, then: the address of the page still names the batch.
  }
}

// The files of a batch that were refused are told once, in the answer to the submission. This tab keeps them.
export function keepRefused(id, problems) {
  try {
    sessionStorage.setItem(`kapitola-refused-${id}`, JSON.stringify(problems.map(({ detail }) => ({ detail }))));
  } catch {
    // Too many for the room there is: they were shown, and are not after the page is loaded again.
  }
}

export const refusedOf = (id) => JSON.parse(sessionStorage.getItem(`kapitola-refused-${id}`) ?? "[]");
