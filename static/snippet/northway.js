// Sends what a learner does on a course page to Northway; docs/snippet.md says how.

const BATCH = 20; // events
const WAIT_MS = 5_000;
const OUTLIVING = 60_000; // bytes under way that outlive their page; browsers allow 64 KB
const MOST_QUEUED = 1_000; // events
const BACKOFF_MS = 1_000;
const LONGEST_BACKOFF_MS = 300_000;
const DAY_MS = 86_400_000;
const OLDEST_MS = 30 * DAY_MS; // Northway takes 35
const TOKEN_MS = 50 * 60_000; // a token lives an hour
const ANSWER_MS = 30_000;

// What a page may send, by the consent it needs: contract, personalization, fine-grained.
const KINDS = [
  "course.enrolled course.unenrolled lesson.started lesson.completed",
  "course.viewed course.rated lesson.progressed search.performed forum.posted live.joined " +
    "rec.shown rec.clicked rec.dismissed rec.snoozed",
  "video.played video.paused video.seeked",
];
export const TIERS = Object.fromEntries(
  KINDS.flatMap((names, tier) => names.split(" ").map((name) => [name, tier])),
);

// A position in a video never leaves the page: Northway keeps whether it was back or ahead, alone.
const SEEKED = "video.seeked";
const direction = ({ from_s, to_s }) => ({ from_s: +(to_s < from_s), to_s: +(to_s > from_s) });

// What H5P says that is a signal. Scores are missing: those a page claims are no proof.
const OF_H5P = {
  attempted: () => ["lesson.started"],
  completed: () => ["lesson.completed"],
  passed: () => ["lesson.completed"],
  played: () => ["video.played"],
  seeked: ({ result }) => {
    const at = (name) => result?.extensions?.[`https://w3id.org/xapi/video/extensions/${name}`];
    return [SEEKED, { context: { from_s: at("time-from"), to_s: at("time-to") } }];
  },
};

let made = 0;
const size = (text) => new Blob([text]).size;
const jitter = (ms) => ms * Math.random();
const now = () => new Date().toISOString();
const bodyOf = (batch) => `{"sent_at":"${now()}","batch":[${batch.map(([, text]) => text)}]}`;

/** A UUID of version 7: time and a counter come first, so ids sort as they were made. */
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const view = new DataView(bytes.buffer);
  const ms = Date.now();
  view.setUint32(0, ms / 65_536);
  view.setUint16(4, ms % 65_536);
  view.setUint16(6, 0x7000 | (made++ & 0xfff));
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}

const timeOf = (id) => parseInt(id.replace("-", "").slice(0, 12), 16);

/** What localStorage answers; null in private mode and where it is full. */
function stored(ask) {
  try {
    return ask(localStorage);
  } catch {
    return null;
  }
}

/** A number all tabs share; this tab's own where nothing can be stored. */
class Shared {
  constructor(key) {
    this.key = key;
    this.own = 0;
  }
  get value() {
    return Number(stored((store) => store.getItem(this.key))) || this.own;
  }
  set value(number) {
    this.own = number;
    stored((store) => store.setItem(this.key, number));
  }
}

/** Events on their way: each an entry of localStorage of its own, so that tabs cannot collide. */
class Queue {
  constructor(learner) {
    this.prefix = `northway|${learner}|`;
    this.unstored = new Map(); // in private mode, or where the store is full
    this.lost = new Shared(`northway-lost|${learner}`);
  }
  ids() {
    const keys = stored(Object.keys) ?? [];
    const ours = keys.filter((key) => key.slice(0, -36) === this.prefix); // names may hold a |
    return [...ours.map((key) => key.slice(this.prefix.length)), ...this.unstored.keys()].sort();
  }
  get(id) {
    return this.unstored.get(id) ?? stored((store) => store.getItem(this.prefix + id));
  }
  add(id, text) {
    this.unstored.set(id, text);
    stored((store) => {
      store.setItem(this.prefix + id, text);
      this.unstored.delete(id);
    });
    const ids = this.ids();
    this.lose(ids.slice(0, Math.max(0, ids.length - MOST_QUEUED)));
  }
  remove(ids) {
    for (const id of ids) {
      if (!this.unstored.delete(id)) stored((store) => store.removeItem(this.prefix + id));
    }
  }
  lose(ids) {
    if (!ids.length) return;
    this.remove(ids);
    this.lost.value += ids.length;
  }
  /** The oldest events that may go together, none of those already under way. */
  next(flying, most, room) {
    const batch = [];
    let left = room;
    for (const id of this.ids()) {
      const text = flying.has(id) ? null : this.get(id);
      if (text === null) continue;
      left -= size(text) + 1;
      if (batch.length === most || (left < 0 && batch.length)) break;
      batch.push([id, text]);
    }
    return batch;
  }
}

class Snippet {
  #queue;
  #notBefore; // what a server asked for with Retry-After, for all tabs
  #pausedUntil = 0; // this tab's own backing off
  #failures = 0;
  #tiers = [0, 1];
  #token = null;
  #tokenUntil = 0;
  #timer = 0;
  #dueAt = Infinity;
  #busy = false;
  #stopped = 0;
  #fresh = new Set(); // recorded by this page and not yet answered
  #flying = new Set();
  #gathered = 0;
  #bytes = 0; // under way, outliving the page

  constructor(options) {
    this.options = { url: new URL(import.meta.url).origin, course: null, module: null, ...options };
    this.#queue = new Queue(options.learner);
    this.#notBefore = new Shared(`northway-wait|${options.learner}`);
    this.allow(options.tiers ?? this.#tiers);
    addEventListener("online", () => this.#back());
    addEventListener("pagehide", () => this.#leave());
    document.addEventListener("visibilitychange", () =>
      document.visibilityState === "hidden" ? this.#leave() : this.flush(),
    );
    if (!this.listen(window.H5P)) addEventListener("load", () => this.listen(window.H5P));
    this.flush(); // what an earlier page could not send
  }

  /** Record an event; returns its id, or null where the learner's choices leave it out. */
  track(kind, { course, module, value = null, context = null } = {}) {
    const here = course === undefined || course === this.options.course;
    if (!(kind in TIERS)) console.warn(`northway: a page cannot send ${kind}`);
    if (!this.#allows(kind)) return null;
    const id = newId();
    const event = {
      id,
      kind,
      learner: this.options.learner,
      course: here ? this.options.course : course,
      module: module ?? (here ? this.options.module : null),
      occurred_at: now(),
      value,
      context: kind === SEEKED && context ? direction(context) : context,
    };
    this.#fresh.add(id);
    this.#queue.add(id, JSON.stringify(event));
    this.#later(++this.#gathered % BATCH ? WAIT_MS : 0);
    return id;
  }

  /** Take over the learner's choices: [0] or [0, 1] or [0, 1, 2]. Acts on what waits as well. */
  allow(tiers) {
    this.#tiers = tiers;
    for (const id of this.#queue.ids()) {
      const kind = /"kind":"([^"]*)"/.exec(this.#queue.get(id))?.[1];
      if (!this.#allows(kind)) this.#queue.remove([id]);
      else if (timeOf(id) < Date.now() - OLDEST_MS) this.#queue.lose([id]);
    }
  }

  /** Forget what waits for this learner on this device: when they sign out of a shared one. */
  forget() {
    this.#queue.remove(this.#queue.ids());
  }

  /** Record and send no more. */
  stop() {
    this.#tiers = [];
    this.#stopped = Infinity;
  }

  /** How many events wait, and how many were lost since this browser met this learner. */
  get status() {
    return { queued: this.#queue.ids().length, lost: this.#queue.lost.value };
  }

  /** Record what an H5P of this page says; true where there is one. */
  listen(h5p) {
    if (!h5p?.externalDispatcher) return false;
    h5p.externalDispatcher.on("xAPI", ({ data }) => {
      const { statement } = data;
      if (statement.context?.contextActivities?.parent?.length) return; // a part of the whole
      const said = OF_H5P[statement.verb?.id?.split("/").pop()]?.(statement);
      if (said) this.track(said[0], { ...this.options.h5p?.(statement), ...said[1] });
    });
    return true;
  }

  /** Send what waits; one tab at a time. */
  async flush() {
    clearTimeout(this.#timer);
    this.#dueAt = Infinity;
    if (this.#busy) return;
    this.#busy = true;
    try {
      await this.#alone(() => this.#drain());
    } finally {
      this.#busy = false;
    }
    if (this.#queue.ids().length) this.#later(Math.max(this.#wait(), WAIT_MS));
  }

  #alone(work) {
    if (!navigator.locks) return work(); // Northway knows an id it has seen
    const name = `northway|${this.options.learner}`;
    return navigator.locks.request(name, { ifAvailable: true }, (lock) => lock && work());
  }

  async #drain() {
    let refusedTokens = 0;
    while (this.#wait() === 0) {
      const batch = this.#queue.next(this.#flying, BATCH, OUTLIVING);
      if (!batch.length) return;
      let status = 0;
      try {
        await this.#renew();
        status = await this.#post(batch);
      } catch {
        // no line, or no token from the page's server: both come back
      }
      if (status === 401 && this.options.token && !refusedTokens++) continue;
      if (status !== 200) this.#pause();
    }
  }

  /** Send a batch; returns the status of the answer, 200 where all is settled. */
  async #post(batch) {
    const ids = batch.map(([id]) => id);
    const body = bodyOf(batch);
    const bytes = size(body);
    const keepalive = this.#bytes + bytes <= OUTLIVING + 1_000;
    const reserved = keepalive ? bytes : 0;
    this.#bytes += reserved;
    ids.forEach((id) => this.#flying.add(id));
    try {
      const headers = { "Content-Type": "application/json" };
      if (this.options.token) headers.Authorization = `Bearer ${this.#token}`;
      const answer = await fetch(this.#address, {
        method: "POST",
        body,
        headers,
        keepalive,
        credentials: this.options.token ? "omit" : "same-origin",
        cache: "no-store",
        redirect: "error",
        signal: AbortSignal.timeout?.(ANSWER_MS),
      });
      await answer.text(); // until it is read it counts against what may outlive the page
      return this.#settle(ids, answer);
    } finally {
      this.#bytes -= reserved;
      ids.forEach((id) => this.#flying.delete(id));
    }
  }

  #settle(ids, { ok, status, headers }) {
    if (status === 401) {
      this.#token = null;
      return status;
    }
    if (status === 429 || status >= 500) {
      const asked = headers.get("Retry-After");
      const ms = /^\d+$/.test(asked) ? asked * 1_000 : Date.parse(asked) - Date.now();
      if (ms > 0) this.#notBefore.value = Date.now() + Math.min(ms, DAY_MS) + jitter(BACKOFF_MS);
      return status;
    }
    this.#failures = 0;
    ids.forEach((id) => this.#fresh.delete(id));
    if (ok) this.#queue.remove(ids);
    else this.#queue.lose(ids); // no repetition would mend it
    return 200;
  }

  async #renew() {
    if (!this.options.token || (this.#token && performance.now() < this.#tokenUntil)) return;
    const late = new Promise((_, fail) => setTimeout(fail, ANSWER_MS));
    const given = await Promise.race([this.options.token(), late]);
    this.#token = given.token ?? given;
    this.#tokenUntil = performance.now() + TOKEN_MS;
    if (!this.#token) throw new Error("northway: the page's server gave no token");
  }

  /** The page goes: send what it has just recorded in a request that outlives it. */
  #leave() {
    if (this.#wait() > 0 || (this.options.token && !this.#token)) return;
    const theirs = this.#queue.ids().filter((id) => !this.#fresh.has(id));
    const skip = new Set([...theirs, ...this.#flying]);
    const batch = this.#queue.next(skip, MOST_QUEUED, OUTLIVING - this.#bytes);
    if (!batch.length) return;
    if (this.options.token || "keepalive" in Request.prototype) {
      const again = () => this.#later(WAIT_MS);
      this.#post(batch).then(again, again);
    } else {
      const body = new Blob([bodyOf(batch)], { type: "application/json" });
      navigator.sendBeacon(this.#address, body);
    }
  }

  get #address() {
    return `${this.options.url}/signals/v1/batch`;
  }

  #allows(kind) {
    const tier = TIERS[kind];
    return this.#tiers.includes(tier) && (tier < 2 || !navigator.globalPrivacyControl);
  }

  #wait() {
    if (!navigator.onLine) return DAY_MS; // going online ends it
    const asked = this.#notBefore.value - Date.now();
    const theirs = asked > 2 * DAY_MS ? 0 : asked; // the clock was set back meanwhile
    return Math.max(this.#stopped, theirs, this.#pausedUntil - performance.now());
  }

  #pause() {
    const half = Math.min(BACKOFF_MS * 2 ** this.#failures++, LONGEST_BACKOFF_MS) / 2;
    this.#pausedUntil = performance.now() + half + jitter(half);
  }

  #back() {
    this.#failures = this.#pausedUntil = 0;
    this.flush();
  }

  #later(ms) {
    const due = performance.now() + ms;
    if (due >= this.#dueAt) return;
    clearTimeout(this.#timer);
    this.#dueAt = due;
    this.#timer = setTimeout(() => this.flush(), ms);
  }
}

export const start = (options) => new Snippet(options);
