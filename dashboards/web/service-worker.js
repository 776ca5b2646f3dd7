// Keeps the page, and only the page, for a moment without its server: the newest from the network, else the kept one.

const CACHE = "pump-companion-page";
const FILES = [
  "./",
  "manifest.webmanifest",
  "report.xml",
  "css/cards.css",
  "css/demo.css",
  "css/dialog.css",
  "css/fields.css",
  "css/files.css",
  "css/keys.css",
  "css/page.css",
  "css/pictures.css",
  "css/report.css",
  "css/tokens.css",
  "icons/icon-192.png",
  "icons/icon-512.png",
  "icons/icon-maskable-512.png",
  "icons/icon.svg",
  "js/actions.js",
  "js/amount.js",
  "js/broker.js",
  "js/cards/amounts.js",
  "js/cards/banner.js",
  "js/cards/day.js",
  "js/cards/dock.js",
  "js/cards/empty.js",
  "js/cards/health.js",
  "js/cards/milk.js",
  "js/cards/now.js",
  "js/cards/outlook.js",
  "js/cards/questions.js",
  "js/cards/sessions.js",
  "js/cards/waiting.js",
  "js/cards/week.js",
  "js/clock.js",
  "js/columns.js",
  "js/demo.js",
  "js/device.js",
  "js/dialogs/add.js",
  "js/dialogs/correction.js",
  "js/dialogs/dialog.js",
  "js/dialogs/download.js",
  "js/dialogs/editors.js",
  "js/dialogs/import.js",
  "js/dialogs/join.js",
  "js/dialogs/lists.js",
  "js/dialogs/record.js",
  "js/dialogs/settings.js",
  "js/gathering.js",
  "js/import.js",
  "js/language.js",
  "js/languages.js",
  "js/page.js",
  "js/parts/context.js",
  "js/parts/controls.js",
  "js/parts/room.js",
  "js/parts/portion.js",
  "js/parts/rows.js",
  "js/parts/shapes.js",
  "js/parts/timeline.js",
  "js/parts/toast.js",
  "js/payloads.js",
  "js/record.js",
  "js/report/account.js",
  "js/report/drawn.js",
  "js/report/said.js",
  "js/report/setting.js",
  "js/report/sheet.js",
  "js/report/view.js",
  "js/settings.js",
  "js/stock.js",
  "js/table.js",
  "js/theme.js",
  "js/time.js",
  "js/words.de.js",
  "js/words.en.js",
  "js/words.es.js",
  "js/words.fr.js",
  "js/words.it.js",
  "js/words.js",
  "vendor/mqtt.js",
  "vendor/preact.js",
];

const kept = new Set(FILES.map((file) => new URL(file, registration.scope).href));
const addressOf = (request) => request.url.split(/[?#]/, 1)[0];

async function newest(request) {
  const cache = await caches.open(CACHE);
  const address = addressOf(request);
  try {
    const answer = await fetch(request);
    if (answer.ok) await cache.put(address, answer.clone());
    return answer;
  } catch (error) {
    const before = await cache.match(address);
    if (before) return before;
    throw error;
  }
}

addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll(FILES))
      .then(() => skipWaiting()),
  );
});
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method === "GET" && kept.has(addressOf(request))) event.respondWith(newest(request));
});
