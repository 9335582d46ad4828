// The service worker: keeps the app's own parts, each under its digest, so that it starts with no network. It touches nothing
// else: the interface, and all other pages, go their way. The server puts `const SHELL = {...};` before this text.

const FAMILY = "traceqr-inspect-";
const CACHE = FAMILY + SHELL.digest;
const READER = FAMILY + "reader";

async function digestOf(answer) {
  const hash = await crypto.subtle.digest("SHA-256", await answer.arrayBuffer());
  return Array.from(new Uint8Array(hash), (each) => each.toString(16).padStart(2, "0")).join("");
}

/** A part as it was meant: what a captive portal answers, or an old copy on the way, is not kept. */
async function fetched(path, digest) {
  for (const cache of ["no-cache", "reload"]) {
    const answer = await fetch(path, { cache, redirect: "error", credentials: "omit" });
    if (answer.ok && (await digestOf(answer.clone())) === digest) return answer;
  }
  throw new Error(`expected ${path} with the digest ${digest}`);
}

async function install() {
  const cache = await caches.open(CACHE);
  await Promise.all(Object.entries(SHELL.parts).map(async ([path, digest]) => cache.put(path, await fetched(path, digest))));
}

async function activate() {
  const names = await caches.keys();
  await Promise.all(names.filter((each) => each.startsWith(FAMILY) && each !== CACHE && each !== READER).map((each) => caches.delete(each)));
  await clients.claim();
}

/** What reads symbols where the browser cannot: large, so kept when it is first wanted. */
async function reader(request) {
  const cache = await caches.open(READER);
  const known = await cache.match(request.url);
  if (known) return known;
  const answer = await fetch(request);
  if (answer.ok && answer.type === "basic") await cache.put(request.url, answer.clone());
  return answer;
}

async function part(path, request) {
  const known = await (await caches.open(CACHE)).match(path);
  return known ?? fetch(request);
}

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));

// A new version waits until its user asks for it: nobody's app changes under his hands.
self.addEventListener("message", (event) => {
  if (event.data === "take") self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const { origin, pathname, search } = new URL(event.request.url);
  if (origin !== self.location.origin || event.request.method !== "GET") return;
  const path = event.request.mode === "navigate" ? pathname : pathname + search;
  if (SHELL.reader.includes(path)) event.respondWith(reader(event.request));
  else if (Object.hasOwn(SHELL.parts, path)) event.respondWith(part(path, event.request));
});
