// A real browser (Chromium through playwright-core) goes through the console. Prints one line of JSON with what it saw.
// node visit.mjs <folder with node_modules> <address of the hub> <password> <folder for screenshots> <story> [login]
import { createRequire } from "node:module";
import { mkdirSync, readFileSync } from "node:fs";
import { stories } from "./stories.mjs";

const [packages, hub, password, pictures, story, login] = process.argv.slice(2);
const require = createRequire(packages + "/x.js");
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
mkdirSync(pictures, { recursive: true });

const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", headless: true, args });
const seen = { errors: [], outside: [], axe: [], wide: [], slow: [], pages: [] };
const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, acceptDownloads: true });
const page = await context.newPage();
page.setDefaultTimeout(60000);
// A form that is shown again comes with 422, which the browser calls an error; it is none.
page.on("console", (line) => { if (line.type() === "error" && !line.text().includes("status of 422")) seen.errors.push(`${page.url()}: ${line.text()}`); });
page.on("pageerror", (error) => seen.errors.push(`${page.url()}: ${error}`));
// No page sends a request outside the hub.
page.on("request", (request) => { if (!request.url().startsWith(hub)) seen.outside.push(request.url()); });

/** What every story may use. */
const tools = {
  browser, context, page, hub, seen,
  /** Opens a page of the hub; false where the address is a file to keep. */
  open: async (path) => page.goto(hub + path).then(() => true, (error) => {
    if (!/Download is starting|ERR_ABORTED/.test(error.message)) throw error;
    return false;
  }),
  /** Signs in by keyboard, as people do. */
  enter: async (name = login) => {
    await page.goto(`${hub}/console`);
    await page.fill("#login", name);
    await page.fill("#password", password);
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => url.pathname.startsWith("/console"));
  },
  /** Chooses a language, on the page one is on. */
  speak: async (language) => {
    await page.locator(".who summary").click();
    await page.locator(`button[name=language][value=${language}]`).click();
    await page.waitForFunction((wanted) => document.documentElement.lang === wanted, language);
  },
  /** What axe-core finds wrong with the page, by WCAG 2.1 A and AA. */
  judge: async (what) => {
    const found = await page.evaluate(`${axe}; axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] })`);
    for (const wrong of found.violations) {
      seen.axe.push(`${what}: ${wrong.id}: ${wrong.nodes.slice(0, 3).map((node) => node.html).join(" | ")}`);
    }
  },
  /** Keeps a picture of the page. */
  picture: async (name) => { await page.screenshot({ path: `${pictures}/${name}.png` }); },
  /** The pages of the console that this one links, files and other views of itself left out. */
  linked: async () => (await page.locator("main a[href^='/console']").evaluateAll((links) => links.map((link) => link.getAttribute("href"))))
    .filter((path) => !/\.[a-z]+$/.test(path.split("?")[0])),
  /** Does something on the screen of a telephone. */
  narrow: async (act) => {
    await page.setViewportSize({ width: 360, height: 740 });
    await act();
    await page.setViewportSize({ width: 1280, height: 900 });
  },
  /** The addresses of the menu. */
  menu: async () => page.locator(".side nav a").evaluateAll((links) => links.map((link) => link.getAttribute("href"))),
};

try {
  await stories[story](tools);
  seen.done = true;
} catch (error) {
  seen.failed = `${page.url()}: ${error.stack ?? error}`;
  await tools.picture(`failed-${story}-${(login ?? "nobody").split("@")[0]}`);
}
await browser.close();
console.log(JSON.stringify(seen));
