const key = new URL(location).searchParams.get("key");
const decoded = text => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), c => c.charCodeAt(0));
const report = (what, said = {}) => fetch("report", {method: "POST", body: JSON.stringify({what, ...said})});

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", event => event.waitUntil(self.clients.claim()));

self.addEventListener("push", event => event.waitUntil((async () => {
  const text = event.data ? event.data.text() : null;
  await self.registration.showNotification(text === null ? "nothing said" : text.slice(0, 60), {
    body: "wörld",
    actions: [{action: "open", title: "Open"}, {action: "later", title: "Later"}],
  });
  await report("push", {text});
})()));

self.addEventListener("notificationclick", event => event.waitUntil((async () => {
  event.notification.close();
  await self.clients.openWindow(`opened?${event.notification.title}`);
  await report("click", {title: event.notification.title, action: event.action});
})()));

self.addEventListener("pushsubscriptionchange", event => event.waitUntil((async () => {
  const options = {userVisibleOnly: true, applicationServerKey: decoded(key)};
  const subscription = await self.registration.pushManager.subscribe(options);
  await report("resubscribed", {subscription: subscription.toJSON()});
})()));
