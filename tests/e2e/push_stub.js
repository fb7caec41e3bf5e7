// A push service within the page: a real one is not on this machine, and this test is about our page and its scripts.
(() => {
  const bytes = (length, first) => Uint8Array.from({ length }, (_, index) => (index ? (index * 7) % 251 : first));
  const text = (array) => btoa(String.fromCharCode(...array)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const read = () => JSON.parse(localStorage.getItem("stub") || "null");
  const give = (kept) =>
    kept && {
      endpoint: kept.endpoint,
      options: { applicationServerKey: Uint8Array.from(kept.key).buffer },
      toJSON: () => ({ endpoint: kept.endpoint, keys: { p256dh: window.STUB_POINT, auth: text(bytes(16, 1)) } }),
      unsubscribe: async () => (localStorage.removeItem("stub"), true),
    };
  PushManager.prototype.getSubscription = async () => give(read());
  PushManager.prototype.subscribe = async (options) => {
    const number = Number(localStorage.getItem("count") || 0) + 1;
    localStorage.setItem("count", number);
    const endpoint = "https://fcm.googleapis.com/fcm/send/stub-" + number;
    localStorage.setItem("stub", JSON.stringify({ endpoint, key: [...options.applicationServerKey] }));
    return give(read());
  };
})();
