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

// `lasting` is false where the browser keeps nothing, or has no `storage` to give: what is typed then lives as long as the page.
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
const MOST_FAULTS = 3;
const PASSING = [408, 429]; // too slow or too often: no fault of the entry
const SETTLED = ["ballot", "tally", "result"];

// `send(body)` answers {taken, state}, {refusal: {message, field, article}}, {stopped: "sentence"} or {fault: status} where the server
// answers without taking nor refusing, and throws when nobody answers. `changed(state, done, back)`: `back` where the connection returns.
export class Queue {
  constructor({ store, send, changed, now = Date.now }) {
    Object.assign(this, { store, send, changed, now, offline: false, stopped: "", sending: false, wait: FIRST_WAIT, timer: null, answering: false });
    this.entries = store.all();
    this.last = Math.max(0, ...this.entries.map((entry) => Number(entry.rank))); // after those kept, even if the clock was set back
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
    this.refresh();
  }

  again(key) {
    this.refused.filter((entry) => entry.key === key).forEach((entry) => this.store.put({ ...entry, refusal: null, faults: 0 }));
    this.refresh();
    this.flush();
  }

  // As the store has them now: another window of the same clerk may have sent or dismissed some.
  refresh() {
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
    const refusal = answer.fault ? this.setAside(entry, answer.fault) : answer.refusal ?? null;
    if (answer.fault && !refusal) return false;
    const back = this.offline;
    this.offline = false;
    this.wait = FIRST_WAIT;
    this.stopped = answer.stopped ?? "";
    if (refusal) this.keep({ ...entry, refusal });
    else if (answer.taken) this.settle(entry);
    this.entries = this.store.all();
    this.changed(answer.state ?? null, answer.stopped ? null : { ...entry, refusal }, back);
    return !answer.stopped;
  }

  // Unless another window has settled it meanwhile.
  keep(entry) {
    if (this.store.all().some(({ key }) => key === entry.key)) this.store.put(entry);
  }

  // The refusal of an entry that makes the server fail each time while it answers to the rest; null while it is tried again.
  setAside(entry, status) {
    const faults = (entry.faults ?? 0) + (this.answering && !PASSING.includes(status) ? 1 : 0);
    this.answering = false;
    if (faults >= MOST_FAULTS) return { message: `Le serveur n'a pas pu l'enregistrer (erreur ${status}).`, field: "", article: "", again: true };
    this.keep({ ...entry, late: true, faults });
    this.tryLater();
    return null;
  }

  // Taken; what was refused of the same thing before is settled with it.
  settle(entry) {
    const same = (other) => other.refusal && SETTLED.includes(entry.kind) && other.kind === entry.kind && other.payload.act === entry.payload.act;
    this.entries.filter((other) => other.key === entry.key || same(other)).forEach((other) => this.store.drop(other));
  }

  putOff(entry) {
    this.offline = true;
    this.keep({ ...entry, late: true });
    this.tryLater();
    return false;
  }

  tryLater() {
    this.timer = setTimeout(() => this.flush(), this.wait);
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
    this.refresh();
  }

  // The server answers to the page. True where that is news; with entries waiting, the first that passes is.
  reached() {
    this.answering = true;
    if (this.waiting.length) {
      this.flush();
      return false;
    }
    const back = this.offline || Boolean(this.stopped);
    Object.assign(this, { offline: false, stopped: "" });
    return back;
  }
}
