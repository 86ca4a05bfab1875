// A real browser (Chromium through playwright-core) signs people in. Prints one line of JSON with what it saw.
// node browser.mjs <folder with node_modules> <story> <address of the hub> [more]
import { createRequire } from "node:module";

const [folder, story, hub, ...more] = process.argv.slice(2);
const require = createRequire(folder + "/x.js");
const { chromium } = require("playwright-core");

const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", headless: true, args });
const seen = { errors: [] };
const open = async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  page.setDefaultTimeout(30000);
  page.on("console", (line) => { if (line.type() === "error") { seen.errors.push(line.text()); } });
  page.on("pageerror", (error) => seen.errors.push(String(error)));
  return page;
};
const atProvider = async (page, login) => {
  await page.goto(`${hub}/sign-in?next=/account`);
  await page.click("button.other");
  await page.fill("input[name=login]", login);
  await page.fill("input[name=password]", "x");
  await page.click("button[type=submit]");
  await page.waitForLoadState();
  if (page.url().includes("/interaction/")) {
    await page.click("button[type=submit]");
    await page.waitForLoadState();
  }
};
const look = async (page) => ({
  path: new URL(page.url()).pathname,
  name: await page.locator("#name").count() ? await page.locator("#name").textContent() : null,
  heading: await page.locator("h1").textContent(),
});

if (story === "provider") {
  const page = await open();
  await atProvider(page, "ana");
  await page.waitForURL(`${hub}/account`);
  seen.ana = await look(page);
  // The provider is on the same host, and ports do not part cookies.
  const own = (await page.context().cookies(hub)).filter((one) => one.name.includes("punte"));
  seen.cookies = own.map((one) => ({ name: one.name, httpOnly: one.httpOnly, sameSite: one.sameSite }));
  await page.click("#sign-out");
  await page.waitForLoadState();
  // The provider asks whether to sign out there, too.
  await page.click("button[value=yes]");
  await page.waitForURL(`${hub}/sign-in`);
  await page.goto(`${hub}/account`);
  seen.after = await look(page);
  // Signed out at the provider alone: the hub hears of it from the provider, not from the browser.
  const elsewhere = await open();
  await atProvider(elsewhere, "ana");
  await elsewhere.waitForURL(`${hub}/account`);
  await elsewhere.goto(`${more[0]}/session/end`);
  await elsewhere.click("button[value=yes]");
  await elsewhere.waitForLoadState();
  await elsewhere.goto(`${hub}/account`);
  seen.told = await look(elsewhere);
  for (const login of ["vlad", "dan", "nimeni"]) {
    const other = await open();
    await atProvider(other, login);
    seen[login] = await look(other);
    await other.goto(`${hub}/account`);
    seen[login].account = (await look(other)).path;
  }
} else {
  const [login, password] = more;
  const page = await open();
  const session = await page.context().newCDPSession(page);
  await session.send("WebAuthn.enable");
  const device = { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true,
    isUserVerified: true, automaticPresenceSimulation: true };
  const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", { options: device });
  await page.goto(`${hub}/sign-in?next=/account`);
  await page.fill("#login", login);
  await page.fill("#password", password);
  await page.click("form[action='/sign-in'] button");
  await page.waitForURL(`${hub}/account`);
  await page.click("#passkey-new");
  await page.waitForFunction(() => document.querySelector("#factors").textContent.includes("cheie de acces"));
  seen.keys = (await session.send("WebAuthn.getCredentials", { authenticatorId })).credentials.length;
  await page.click("#sign-out");
  await page.waitForURL(`${hub}/sign-in`);
  await page.goto(`${hub}/sign-in?next=/account`);
  await page.click("#passkey-in");
  await page.waitForURL(`${hub}/account`);
  seen.passkey = await look(page);
  seen.session = await page.evaluate(() => fetch("/v1/session").then((answer) => answer.json()));
  await page.click("#sign-out");
  await page.waitForURL(`${hub}/sign-in`);
  await session.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: false });
  await page.click("#passkey-in");
  await page.locator("#passkey-said").waitFor({ state: "visible" });
  seen.unverified = await look(page);
}
await browser.close();
console.log(JSON.stringify(seen));
