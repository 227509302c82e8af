// What a clerk has typed and the server has not taken yet. Kept in the browser, one key an entry, so that neither a lost connection
// nor a page reloaded nor a second window loses any; sent one by one, in the order typed. The key makes a second sending harmless.

// A version 4 UUID, also where the site is not served over HTTPS and the browser has no randomUUID.
export function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

// `lasting` is false where the browser keeps nothing: what is typed then lives as long as the page.
export function browserStore(prefix, storage) {
  const held = new Map();
  const store = {
    lasting: true,
    all() {
      try {
        const names = Object.keys(storage).filter((name) => name.startsWith(prefix));
        names.forEach((name) => held.set(name, JSON.parse(storage.getItem(name))));
        [...held.keys()].filter((name) => store.lasting && !names.includes(name)).forEach((name) => held.delete(name));
      } catch { store.lasting = false; }
      return [...held.entries()].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, entry]) => entry);
    },
    put(entry) {
      const name = `${prefix}${entry.rank}:${entry.key}`;
      held.set(name, entry);
      try { storage.setItem(name, JSON.stringify(entry)); } catch { store.lasting = false; }
    },
    drop(entry) {
      const name = `${prefix}${entry.rank}:${entry.key}`;
      held.delete(name);
      try { storage.removeItem(name); } catch { store.lasting = false; }
    },
  };
  return store;
}

const FIRST_WAIT = 1500;
const LONGEST_WAIT = 12000;
const LATE = 4000;
const SETTLED = ["ballot", "tally", "result"];

// `send(body)` answers {taken, state}, {refusal: {message, field, article}} or {stopped: "sentence"}, and throws when nobody answers.
export class Queue {
  constructor({ store, send, changed, now = Date.now }) {
    Object.assign(this, { store, send, changed, now, offline: false, stopped: "", sending: false, wait: FIRST_WAIT, timer: null, last: 0 });
    this.entries = store.all();
  }

  get waiting() { return this.entries.filter((entry) => !entry.refusal); }
  get refused() { return this.entries.filter((entry) => entry.refusal); }

  add(kind, payload, words) {
    this.last = Math.max(this.now(), this.last + 1);
    const entry = { key: newKey(), rank: String(this.last).padStart(15, "0"), kind, payload, words, typed: new Date(this.last).toISOString(), late: false, refusal: null };
    this.store.put(entry);
    this.entries = this.store.all();
    this.changed(null, null);
    this.flush();
    return entry;
  }

  dismiss(key) {
    this.entries.filter((entry) => entry.key === key).forEach((entry) => this.store.drop(entry));
    this.entries = this.store.all();
    this.changed(null, null);
  }

  async flush() {
    if (this.sending) return;
    this.sending = true;
    clearTimeout(this.timer);
    try {
      this.entries = this.store.all();
      while (this.waiting.length && await this.sendOne(this.waiting[0]));
    } finally { this.sending = false; }
  }

  // True where the next one may be sent.
  async sendOne(entry) {
    const late = entry.late || this.now() - Date.parse(entry.typed) > LATE;
    const body = { key: entry.key, kind: entry.kind, payload: entry.payload, ...(late ? { at: entry.typed } : {}) };
    let answer;
    try { answer = await this.send(body); } catch { return this.putOff(entry); }
    this.offline = false;
    this.wait = FIRST_WAIT;
    this.stopped = answer.stopped ?? "";
    if (answer.refusal) this.store.put({ ...entry, refusal: answer.refusal });
    else if (answer.taken) this.settle(entry);
    this.entries = this.store.all();
    this.changed(answer.state ?? null, answer.stopped ? null : { ...entry, refusal: answer.refusal ?? null });
    return !answer.stopped;
  }

  // Taken; what was refused of the same thing before is settled with it.
  settle(entry) {
    const same = (other) => other.refusal && SETTLED.includes(entry.kind) && other.kind === entry.kind && other.payload.act === entry.payload.act;
    this.entries.filter((other) => other.key === entry.key || same(other)).forEach((other) => this.store.drop(other));
  }

  putOff(entry) {
    this.offline = true;
    if (this.entries.some(({ key }) => key === entry.key)) this.store.put({ ...entry, late: true });
    this.entries = this.store.all();
    this.timer = setTimeout(() => this.flush(), this.wait);
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
    this.changed(null, null);
    return false;
  }

  reached() {
    const back = this.offline;
    this.offline = false;
    this.stopped = "";
    if (back || this.waiting.length) this.flush();
    return back;
  }
}
