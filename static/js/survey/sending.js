// Sends what the store holds, in the order it was typed: answers by door, then photos one by one. A network that drops stops it, and it
// starts again; what the server refuses is kept on the device, told, and not sent again.
const MOST = 100;
export const OFFLINE = "offline";
export const SIGNED_OUT = "signed out";
export const DONE = "done";

export class Sending {
  constructor({ store, user, token, told }) {
    Object.assign(this, { store, user, token, told });
  }

  async waiting(kind) {
    const rows = await this.store.all(kind);
    return rows.filter((row) => row.user === this.user && row.state === "waiting").sort((a, b) => a.typed_at.localeCompare(b.typed_at));
  }

  // One tab at a time.
  run() {
    return navigator.locks ? navigator.locks.request("saisie-envoi", () => this.all()) : this.all();
  }

  async all() {
    try {
      for (let rows = await this.waiting("answers"); rows.length; rows = await this.waiting("answers")) {
        const { door } = rows[0];
        await this.answers(door, rows.filter((row) => row.door === door).slice(0, MOST));
      }
      for (const photo of await this.waiting("photos")) await this.photo(photo);
      return DONE;
    } catch (error) {
      if (error.message === SIGNED_OUT) return SIGNED_OUT;
      return OFFLINE;
    }
  }

  async post(door, body, headers = {}) {
    const send = () => fetch(door, { method: "POST", body, headers: { ...headers, Accept: "application/json", "X-CSRFToken": this.token() } });
    let response = await send();
    // Somebody signed in again in another tab: the page's token is renewed, once.
    if (response.status === 403 && await this.renewed()) response = await send();
    if (response.redirected || response.status === 401 || response.status === 403) throw new Error(SIGNED_OUT);
    if (response.status >= 500) throw new Error(OFFLINE);
    return response;
  }

  async renewed() {
    const response = await fetch(location.pathname, { cache: "no-store" });
    if (response.redirected || !response.ok) return false;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const found = page.querySelector("form[data-survey]");
    if (found?.dataset.user !== this.user) return false;
    const token = found.elements.csrfmiddlewaretoken.value;
    document.querySelectorAll("[name=csrfmiddlewaretoken]").forEach((input) => { input.value = token; });
    return true;
  }

  async answers(door, rows) {
    const typed = Object.fromEntries(rows.map((row) => [row.name, { value: row.value, typed_at: row.typed_at }]));
    const body = JSON.stringify({ clock: new Date().toISOString(), typed });
    const response = await this.post(door, body, { "Content-Type": "application/json" });
    const read = await response.json().catch(() => ({ message: "Le serveur n'a pas compris la saisie." }));
    for (const row of rows) {
      const stored = await this.store.get("answers", row.key);
      if (stored?.typed_at !== row.typed_at) continue; // typed again meanwhile: the later one is to send
      const result = read.results?.[row.name] ?? { outcome: "refused", message: read.message };
      const state = result.outcome === "refused" ? "refused" : "sent";
      const value = "value" in result ? result.value : row.value;
      await this.store.put("answers", { ...row, value, state, message: result.message ?? "", at: read.at ?? "" });
      this.told("answer", { ...row, value }, result);
    }
  }

  async photo(row) {
    const body = new FormData();
    body.set("photo", row.file, row.filename);
    body.set("caption", row.caption);
    body.set("taken_at", row.typed_at);
    body.set("clock", new Date().toISOString());
    const response = await this.post(row.door, body);
    const read = await response.json().catch(() => ({ message: "Le serveur n'a pas compris l'envoi." }));
    if (response.ok) await this.store.remove("photos", row.key);
    else await this.store.put("photos", { ...row, state: "refused", message: read.message });
    this.told("photo", row, response.ok ? { outcome: "kept", ...read } : { outcome: "refused", message: read.message });
  }
}
