// The stories, one function each. A story that cannot go on throws.

const expect = (fact, words) => { if (!fact) throw new Error(words); };
const name = (path) => path.replace("/console/", "").replaceAll("/", "-").replaceAll("*", "one") || "home";

/** Pages of which one stands for all: what follows is a name. */
const NAMED = ["agreements", "reference", "registers", "systems"];

/** The kind of page an address opens: ids, names, years and numbers are one another's like. */
const kind = (path) => new URL(path, "http://hub").pathname.split("/")
  .map((part, at, all) => (/^[0-9a-f-]{36}$|^\d+$/.test(part) || NAMED.includes(all[at - 1]) ? "*" : part)).join("/");

/** Why somebody looks is asked once a matter. */
const say = async ({ page, judge }) => {
  const why = page.locator("form[action='/console/why'] button");
  if (await why.count()) {
    await judge("why");
    await why.click();
    await page.waitForLoadState();
  }
};

/** Every kind of page somebody comes to from their menu, by whatever is linked: readable for all, in both languages, on a small screen. */
const walk = async (tools, who) => {
  const { page, open, enter, speak, judge, picture, menu, linked, seen, narrow } = tools;
  await enter();
  const found = new Map((await menu()).map((path) => [kind(path), path]));
  expect(found.size > 0, "the menu is empty");
  for (const [like, path] of found) {
    if (!await open(path)) continue;
    await say(tools);
    expect(await page.locator("h1").count() === 1, `${path} has no heading of its own`);
    await judge(`${path} ro`);
    await picture(`${who}-${name(like)}`);
    for (const next of await linked()) if (!found.has(kind(next))) found.set(kind(next), next);
  }
  await speak("en");
  for (const path of found.values()) if (await open(path)) await judge(`${path} en`);
  await speak("ro");
  await narrow(async () => {
    for (const path of found.values()) {
      if (!await open(path)) continue;
      const width = await page.evaluate(() => document.scrollingElement.scrollWidth);
      if (width > 360) seen.wide.push(`${path}: ${width} px`);
    }
  });
  seen.pages = [...found.keys()];
};

/** What a first visit loads, in bytes on the wire, without anything kept. */
const weight = async ({ page, open, enter, seen }) => {
  await enter();
  const client = await page.context().newCDPSession(page);
  await client.send("Network.enable");
  await client.send("Network.setCacheDisabled", { cacheDisabled: true });
  let bytes = 0;
  client.on("Network.loadingFinished", (event) => { bytes += event.encodedDataLength; });
  await open("/console");
  await page.waitForLoadState("load");
  seen.bytes = bytes;
};

/** Walks by Tab until what has the focus fits, as somebody without a mouse does. */
const tabTo = async (page, selector, most = 200) => {
  for (let step = 0; step < most; step += 1) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return;
  }
  throw new Error(`the focus does not come to ${selector}`);
};

/** The clerk takes what came in and answers it, with the keyboard alone. */
const clerk = async ({ page, open, enter, judge, picture }) => {
  await enter();
  await open("/console/inbox?state=consigned");
  await page.keyboard.press("j");
  await picture("clerk-inbox");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/console\/documents\//);
  await judge("document");
  await picture("clerk-document");
  await tabTo(page, "form[action$='/accept'] button[data-primary]");
  await page.keyboard.press("Enter");
  await page.locator(".told").waitFor();
  await judge("document taken");
  await page.keyboard.press("n");
  await page.waitForURL(/\/console\/new/);
  const subject = page.locator("[name='/envelope/subject']");
  await subject.waitFor();
  await judge("reply");
  // Sent without its text, it comes back with what was typed.
  await subject.fill("Răspuns din consolă");
  await page.keyboard.press("Enter");
  await page.locator("#refused").waitFor();
  expect(await subject.inputValue() === "Răspuns din consolă", "what was typed is lost");
  await judge("reply refused");
  await picture("clerk-refused");
  await open("/console/search?q=petitie");
  await judge("search");
};

/** A town hall pushes a file, corrects what was refused, and gives the citizen a code. */
const municipality = async ({ page, open, enter, judge, picture, hub }) => {
  await enter();
  await open("/console/batches/new?type=document-generic");
  await judge("new push");
  const heading = "Destinatar [@destinatar];Obiect [@obiect];Subiectul [subiect];Textul [text];Data [data]\r\n";
  const file = `${heading}uat-110456;Adresa 1;Adresa 1;Text inventat;03.02.2026\r\nuat-nimeni;Adresa 2;Adresa 2;Text;03.02.2026\r\n`;
  await page.setInputFiles("#file", { name: "adrese.csv", mimeType: "text/csv", buffer: Buffer.from(file) });
  await page.locator("main form button[data-primary]").click();
  await page.waitForURL(/\/console\/batches\/[0-9a-f-]{36}/);
  // The page renews itself until every row has its verdict.
  await page.getByText("2 din 2").waitFor();
  await judge("verdicts");
  await picture("municipality-verdicts");
  const download = page.waitForEvent("download");
  await page.locator("a[href$='corrections.csv']").click();
  const bytes = await (await download).createReadStream().then(async (stream) => {
    const all = [];
    for await (const chunk of stream) all.push(chunk);
    return Buffer.concat(all).toString("utf8");
  });
  expect(bytes.includes("uat-nimeni") && !bytes.includes("Adresa 1"), `not the refused rows alone: ${bytes}`);
  const corrected = Buffer.from(bytes.replace("uat-nimeni", "uat-110456"));
  await page.setInputFiles("#file", { name: "corectat.csv", mimeType: "text/csv", buffer: corrected });
  await page.locator("form[action$='/again'] button[data-primary]").click();
  await page.locator(".told").waitFor();
  await open(page.url().replace(hub, "").split("?")[0] + "?state=sent");
  await page.locator("a[href^='/track/']").first().waitFor();
  const code = await page.locator("a[href^='/track/']").first().getAttribute("href");
  // Anybody with the code, without a session.
  await page.context().clearCookies();
  await open(code);
  await judge("tracking");
  await picture("tracking");
  expect(!(await page.locator("main").textContent()).includes("Adresa 1"), "the public page shows the subject");
  await open("/verify");
  await judge("verify");
};

/** An administrator invites somebody. */
const administrator = async ({ page, open, enter, judge, picture }) => {
  await enter();
  await open("/console/accounts");
  await page.keyboard.press("n");
  await page.waitForURL(/accounts\/new/);
  await judge("invitation");
  await page.fill("#display_name", "Ioana Nouă (inventată)");
  await page.fill("#login", `ioana-${Date.now()}@dgaspc.example`);
  await page.fill("#pseudonym", `f-ioana-${Date.now()}`);
  await page.check("#role-clerk");
  await page.keyboard.press("Enter");
  await page.locator("#link").waitFor();
  await judge("invited");
  await page.locator("a[data-primary]").click();
  await page.locator("h1").getByText("Ioana Nouă").waitFor();
  await judge("account");
  await picture("administrator-account");
};

/** The stopped delivery is looked at by who answers for it. */
const head = async ({ page, open, enter, judge, picture }) => {
  await enter();
  await open("/console/dead-letters");
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.waitForURL(/dead-letters\//);
  await judge("stopped delivery");
  await picture("head-stopped-delivery");
  await page.locator("form[action$='/replay'] button[data-primary]").click();
  await page.locator(".told").waitFor();
};

/** The officer finds an exchange, reads what happened, has it verified, and takes the court pack along. */
const officer = async ({ page, open, enter, judge, picture }) => {
  await enter();
  await open("/console/receipts");
  await picture("officer-receipts");
  await page.locator("table.rows a.opens").last().click();
  await page.waitForURL(/\/console\/receipts\/[0-9a-f-]{36}/);
  await judge("receipt");
  await page.keyboard.press("n");
  await page.waitForURL(/verify=now/);
  await page.locator("#verification table, #verification ul, #verification ol").first().waitFor();
  await judge("verification");
  await picture("officer-verification");
  for (const report of ["deadlines", "undelivered", "reconciliation", "retention"]) {
    await open(`/console/reports/${report}`);
    await judge(`report ${report}`);
  }
  await open("/console/reports/deadlines");
  await picture("officer-deadlines");
};

/** The integrator looks at a message from four sides, and asks what would happen if. */
const integrator = async ({ page, open, enter, judge, picture }) => {
  await enter();
  await open("/console/messages");
  await page.locator("table.rows a.opens").first().click();
  await page.waitForURL(/\/console\/messages\/[0-9a-f-]{36}/);
  const message = page.url().split("?")[0].split("/").at(-1);
  for (const view of ["received", "canonical", "sent", "answered", "diff", "test"]) {
    await open(`/console/messages/${message}?view=${view}`);
    await judge(`message ${view}`);
    if (view === "sent") await picture("integrator-message");
  }
  await open("/console/systems/esocial");
  await judge("system");
};

/** A clerk opens the register, an entry, and a document at the counter. */
const registry = async (tools) => {
  const { page, open, enter, judge, picture } = tools;
  await enter();
  await open("/console/registers");
  await page.locator("table.rows a.opens").first().click();
  await page.waitForLoadState();
  await say(tools);
  await page.waitForURL(/\/console\/registers\/[^/]+/);
  await judge("register book");
  await picture("registry-book");
  await page.locator("table.rows a.opens").first().click();
  await page.waitForURL(/\/console\/registers\/[^/]+\/\d+\/\d+/);
  await judge("entry");
  await picture("registry-entry");
  for (const view of ["near", "overdue", "all", "orphans", "notices"]) {
    await open(`/console/deadlines?view=${view}`);
    await judge(`deadlines ${view}`);
  }
  await open(`/console/registers/general/${new Date().getFullYear()}/closing`);
  await judge("closing of a year");
  await open("/console/nomenclator");
  await judge("nomenclature");
  await open("/console/search");
  await page.fill("#q", "a");
  await page.locator("form.form button[data-primary]").click();
  await page.waitForLoadState();
  await judge("hits");
};

export const stories = {
  walk: (tools) => walk(tools, process.argv[7].split("@")[0]),
  weight,
  clerk,
  municipality,
  administrator,
  head,
  officer,
  integrator,
  registry,
};
