// Sends what the store holds, in the order it was typed: answers by door, then photos one by one. A network that drops, or a session that
// ended, stops it, and it starts again; a server in trouble at one door does not keep the others waiting. What the server refuses is kept
// on the device, told, and sent again only when asked.
const MOST = 100;
const HEAVY = 15 * 1024 * 1024;
export const OFFLINE = "offline";
export const SIGNED_OUT = "signed out";
export const LATER = "later";
export const DONE = "done";
const REFUSED = {
  403: "Ce compte n'a pas, ou n'a plus, le droit de remplir cette partie.",
  404: "Ce diagnostic n'est plus accessible à ce compte.",
  413: "L'envoi est trop lourd pour le serveur.",
};

class Stop extends Error {}

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
    const later = new Set();
    const tried = async (key, send) => {
      try {
        await send();
      } catch (error) {
        if (error.message !== LATER) throw error;
        later.add(key);
      }
    };
    const left = async () => (await this.waiting("answers")).filter((row) => !later.has(row.door));
    try {
      for (let rows = await left(); rows.length; rows = await left()) {
        const { door } = rows[0];
        await tried(door, () => this.answers(door, rows.filter((row) => row.door === door).slice(0, MOST)));
      }
      for (const photo of await this.waiting("photos")) await tried(photo.key, () => this.photo(photo));
      return later.size ? LATER : DONE;
    } catch (error) {
      return error instanceof Stop ? error.message : OFFLINE;
    }
  }

  async post(door, body, headers = {}) {
    const send = () => fetch(door, { method: "POST", body, headers: { ...headers, Accept: "application/json", "X-CSRFToken": this.token() } });
    let response = await send();
    // Somebody signed in again in another tab: the page's token is renewed, once.
    if (response.status === 403 && !response.redirected) {
      if (!await this.renewed()) throw new Stop(SIGNED_OUT);
      response = await send();
    }
    if (response.redirected || response.status === 401) throw new Stop(SIGNED_OUT);
    if (response.status >= 500 || response.status === 429 || response.status === 408) throw new Stop(LATER);
    return response;
  }

  // Whether the same person is still signed in; the token of the page is then made good.
  async renewed() {
    const response = await fetch(location.pathname, { cache: "no-store" });
    const { body } = new DOMParser().parseFromString(await response.text(), "text/html");
    if (response.redirected || body.dataset.user !== this.user) return false;
    const token = JSON.parse(body.getAttribute("hx-headers"))["x-csrftoken"];
    document.querySelectorAll("[name=csrfmiddlewaretoken]").forEach((input) => { input.value = token; });
    return true;
  }

  async read(response) {
    return response.json().catch(() => ({ message: REFUSED[response.status] ?? "Le serveur n'a pas compris l'envoi." }));
  }

  async answers(door, rows) {
    const typed = Object.fromEntries(rows.map((row) => [row.name, { value: row.value, typed_at: row.typed_at }]));
    const body = JSON.stringify({ clock: new Date().toISOString(), typed });
    const read = await this.read(await this.post(door, body, { "Content-Type": "application/json" }));
    for (const row of rows) {
      const stored = await this.store.get("answers", row.key);
      if (stored?.typed_at !== row.typed_at) continue; // typed again meanwhile: the later one is to send
      const whole = !read.results?.[row.name]; // nothing of what was sent is kept: to send again once the half is open
      const result = whole ? { outcome: "refused", message: read.message } : read.results[row.name];
      const state = result.outcome === "refused" ? "refused" : "sent";
      const value = "value" in result ? result.value : row.value;
      await this.store.put("answers", { ...row, value, state, whole, message: result.message ?? "", at: read.at ?? "" });
      this.told("answer", { ...row, value }, result);
    }
  }

  async photo(row) {
    const body = new FormData();
    body.set("photo", await light(row.file), row.filename);
    body.set("caption", row.caption);
    body.set("taken_at", row.typed_at);
    body.set("clock", new Date().toISOString());
    const response = await this.post(row.door, body);
    const read = await this.read(response);
    const result = response.ok ? { outcome: "kept", ...read } : { outcome: "refused", message: read.message };
    if (response.ok) await this.store.remove("photos", row.key);
    else await this.store.put("photos", { ...row, state: "refused", message: read.message });
    this.told("photo", row, result);
  }
}

// A photo too heavy for the server is drawn smaller; one that the device cannot draw goes as it is, and the server says why not.
async function light(file) {
  if (file.size <= HEAVY) return file;
  try {
    const picture = await createImageBitmap(file, { resizeWidth: 2000 });
    const sheet = Object.assign(document.createElement("canvas"), { width: picture.width, height: picture.height });
    sheet.getContext("2d").drawImage(picture, 0, 0);
    return await new Promise((resolve) => { sheet.toBlob((made) => resolve(made ?? file), "image/jpeg", 0.9); });
  } catch {
    return file;
  }
}
