// web-push of npm at its best: many in flight over kept connections. Prints what it took as JSON.
"use strict";
const crypto = require("crypto");
const https = require("https");
const webpush = require("web-push");

const [where, count, inFlight, body] = [process.argv[2], +process.argv[3], +process.argv[4], process.argv[5]];
const agent = new https.Agent({ keepAlive: true, maxSockets: inFlight });
const vapid = webpush.generateVAPIDKeys();
const vapidDetails = { subject: "mailto:push@example.com", ...vapid };
const browsers = Array.from({ length: 1000 }, (_, number) => {
  const pair = crypto.createECDH("prime256v1");
  const keys = { p256dh: pair.generateKeys("base64url"), auth: crypto.randomBytes(16).toString("base64url") };
  return { endpoint: `https://${where}/wpush/v2/${number.toString(16).padStart(150, "0")}`, keys };
});

let next = 0;
let sent = 0;
async function sender() {
  while (next < count) {
    const browser = browsers[next++ % browsers.length];
    const answer = await webpush.sendNotification(browser, body, { vapidDetails, TTL: 3600, agent });
    if (answer.statusCode === 201) sent++;
  }
}

const started = process.hrtime.bigint();
const before = process.cpuUsage();
Promise.all(Array.from({ length: inFlight }, sender)).then(() => {
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  const used = process.cpuUsage(before);
  console.log(JSON.stringify({ rate: count / seconds, microseconds: (used.user + used.system) / count, sent }));
  process.exit(0);
});
