/**
 * Keeps the page for use without the network: all of its files are fetched once, when a version is
 * installed, and served from there. The data isn't here; it is in IndexedDB.
 */
declare const self: ServiceWorkerGlobalScope;

// The build puts the names of all files here, and a version made from what is in them.
const files = JSON.parse("__FILES__") as string[];
const prefix = "holdpoint-page-";
const cacheName = `${prefix}__VERSION__`;
const { scope } = self.registration;
const address = (file: string): string => new URL(file, scope).href;
const page = address("index.html");
const assets = address("assets/");
const known = new Set(files.map(address));

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches.open(cacheName).then((cache) =>
      // Past the browser's own cache: a file of the last version must not get in.
      cache.addAll(files.map((file) => new Request(address(file), { cache: "reload" }))),
    ),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await ourCaches()) {
        if (name !== cacheName) await caches.delete(name);
      }
      await self.clients.claim();
    })(),
  );
});

self.addEventListener("message", (event) => {
  if (event.data === "take over") void self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || !request.url.startsWith(scope)) return;
  const url = withoutQuery(request.url);
  if (request.mode === "navigate") event.respondWith(navigate(url, request));
  else if (known.has(url) || url.startsWith(assets)) event.respondWith(serve(url, request));
});

async function navigate(url: string, request: Request): Promise<Response> {
  // The page's files are beside it, so it is served at one address only.
  if (url !== scope && url !== page) return Response.redirect(scope);
  const { waiting } = self.registration;
  // The only tab is loaded anew: the moment for a newer version that waits. The browser itself
  // would let it wait until every tab is closed, for the old page lives until the new one is there.
  if (waiting && (await self.clients.matchAll()).length < 2) {
    waiting.postMessage("take over");
    const newest = (await ourCaches()).at(-1);
    const newer = await caches.match(page, { cacheName: newest });
    if (newer) return newer;
  }
  return serve(page, request);
}

async function serve(url: string, request: Request): Promise<Response> {
  const cache = await caches.open(cacheName);
  // In another cache: a file of the version that is just taking over.
  return (await cache.match(url)) ?? (await caches.match(url)) ?? fetch(request);
}

/** In the order in which they were made. */
async function ourCaches(): Promise<string[]> {
  return (await caches.keys()).filter((name) => name.startsWith(prefix));
}

function withoutQuery(name: string): string {
  const url = new URL(name);
  return url.origin + url.pathname;
}

export {};
