// Keeps the pages of entry of diagnostics, and the static files they ask for, so that one opens again without network. Network first; one
// person's pages at a time (js/app.js empties the cache of anybody else, sign-in page included). Nothing else is ever answered here.
const ENTRY = /^\/diagnostics\/\d+\/saisie\/[a-z]+\/$/;
const PREFIX = "saisie-";
const HASHED = /\.[0-9a-f]{12}\.\w+$/; // a file of that name never changes; any other is asked again
const PATIENCE = 8000;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("message", (event) => event.waitUntil(keep(event.data)));

async function keep({ user, page, files }) {
  const name = `${PREFIX}${user}`;
  if (!ENTRY.test(page)) return;
  for (const other of await caches.keys()) if (other.startsWith(PREFIX) && other !== name) await caches.delete(other);
  const response = await fetch(page, { cache: "no-store", redirect: "error" }).catch(() => null);
  if (!response?.ok) return;
  const cache = await caches.open(name);
  await cache.put(page, response);
  await Promise.all(files.map(async (file) => {
    if (!HASHED.test(file) || !(await cache.match(file, { ignoreVary: true }))) await cache.add(new Request(file, { cache: "no-cache" })).catch(() => null);
  }));
}

async function kept(request) {
  for (const name of await caches.keys()) {
    if (!name.startsWith(PREFIX)) continue;
    const found = await (await caches.open(name)).match(request.url, { ignoreVary: true });
    if (found) return found;
  }
  return null;
}

async function networkFirst(request) {
  const page = request.mode === "navigate";
  const asked = fetch(request);
  const late = new Promise((resolve) => { setTimeout(resolve, PATIENCE, null); });
  try {
    const response = await (page ? Promise.race([asked, late]) : asked);
    if (!response) return (await kept(request)) ?? await asked;
    if (page && response.status >= 500) return (await kept(request)) ?? response;
    if (page && (response.status === 403 || response.status === 404)) {
      for (const name of await caches.keys()) if (name.startsWith(PREFIX)) await (await caches.open(name)).delete(request.url);
    }
    return response;
  } catch (error) {
    const found = await kept(request);
    if (found) return found;
    throw error;
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  const page = request.mode === "navigate" && ENTRY.test(url.pathname);
  if (page || url.pathname.startsWith("/static/")) event.respondWith(networkFirst(request));
});
