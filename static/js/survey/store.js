// What is typed and photographed, kept on the device until the server has it. IndexedDB: photos are files. Where the device keeps
// nothing (private browsing), the same in memory, and `lasting` is false.
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

class Lasting {
  lasting = true;

  constructor(base) { this.base = base; }

  async run(kind, mode, act) {
    const exchange = this.base.transaction(kind, mode);
    const done = new Promise((resolve, reject) => {
      exchange.oncomplete = resolve;
      exchange.onabort = exchange.onerror = () => reject(exchange.error);
    });
    const result = await promised(act(exchange.objectStore(kind)));
    await done;
    return result;
  }

  put(kind, row) { return this.run(kind, "readwrite", (store) => store.put(row)); }

  remove(kind, key) { return this.run(kind, "readwrite", (store) => store.delete(key)); }

  get(kind, key) { return this.run(kind, "readonly", (store) => store.get(key)); }

  all(kind) { return this.run(kind, "readonly", (store) => store.getAll()); }
}

class Passing {
  lasting = false;

  rows = { answers: new Map(), photos: new Map() };

  async put(kind, row) { this.rows[kind].set(row.key, row); }

  async remove(kind, key) { this.rows[kind].delete(key); }

  async get(kind, key) { return this.rows[kind].get(key); }

  async all(kind) { return [...this.rows[kind].values()]; }
}

export async function openStore() {
  try {
    return new Lasting(await opened());
  } catch {
    return new Passing();
  }
}
