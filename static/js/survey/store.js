// What is typed and photographed, kept on the device until the server has it. IndexedDB: photos are files. What the device does not
// take (private browsing, storage full) stays in memory, and `lasting` is false: the page must not be closed.
const NAME = "saisie-diagnostics";

function promised(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function opened() {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore("answers", { keyPath: "key" });
    request.result.createObjectStore("photos", { keyPath: "key" });
  };
  return promised(request);
}

class Store {
  memory = { answers: new Map(), photos: new Map() };

  constructor(base) { this.base = base; }

  get lasting() { return [...this.memory.answers.values(), ...this.memory.photos.values()].every((row) => row.state === "sent"); }

  // A device may close the base by itself (iOS, after a while in the background): it is opened again, once.
  async run(kind, mode, act) {
    if (!this.base) throw new Error("no base");
    try {
      return await this.exchange(kind, mode, act);
    } catch (error) {
      if (error.name !== "InvalidStateError") throw error;
      this.base = await opened();
      return this.exchange(kind, mode, act);
    }
  }

  async exchange(kind, mode, act) {
    const exchange = this.base.transaction(kind, mode);
    const done = new Promise((resolve, reject) => {
      exchange.oncomplete = resolve;
      exchange.onabort = exchange.onerror = () => reject(exchange.error);
    });
    done.catch(() => null);
    const result = await promised(act(exchange.objectStore(kind)));
    await done;
    return result;
  }

  async put(kind, row) {
    this.memory[kind].set(row.key, row);
    try {
      await this.run(kind, "readwrite", (store) => store.put(row));
      if (this.memory[kind].get(row.key) === row) this.memory[kind].delete(row.key);
    } catch {
      // Kept in memory.
    }
  }

  async remove(kind, key) {
    this.memory[kind].delete(key);
    await this.run(kind, "readwrite", (store) => store.delete(key)).catch(() => null);
  }

  async get(kind, key) {
    return this.memory[kind].get(key) ?? this.run(kind, "readonly", (store) => store.get(key)).catch(() => undefined);
  }

  async all(kind) {
    const rows = await this.run(kind, "readonly", (store) => store.getAll()).catch(() => []);
    return [...new Map([...rows.map((row) => [row.key, row]), ...this.memory[kind]]).values()];
  }
}

export async function openStore() {
  return new Store(await opened().catch(() => null));
}
