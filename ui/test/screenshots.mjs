/** Takes pictures of the main screens over the port in memory: `npm run screenshots -- <folder>`. */

import { mkdir } from "node:fs/promises";
import path from "node:path";
import { chromium } from "playwright";
import { createServer } from "vite";

const folder = path.resolve(process.argv[2] ?? "../target/screenshots");
const wanted = process.argv[3];
/** The moment that the records are of. */
const NOW = new Date("2026-11-21T12:56:41Z");

const SCREENS = [
  ["customers", "#/customers"],
  ["customer", "#/customers/c18"],
  ["customer-failed", "#/customers/c3"],
  ["customer-new", "#/customers/c1"],
  ["run", "#/runs/run-c0"],
  ["run-failed", "#/runs/run-failed"],
  ["run-done", "#/runs/run-done"],
  ["run-resumed", "#/runs/run-resumed"],
  ["run-throttled", "#/runs/run-throttled"],
  ["run-token", "#/runs/run-token"],
  ["run-undoing", "#/runs/run-undoing"],
  ["run-leftovers", "#/runs/run-leftovers"],
  ["run-rolled-back", "#/runs/run-rolled-back"],
  ["run-deciding", "#/runs/run-deciding"],
  ["run-removing", "#/runs/run-removing"],
  ["run-removed", "#/runs/run-removed"],
  ["roll-back", "#/runs/run-failed"],
  ["customer-domain", "#/customers/c19"],
  ["remove-instance", "#/customers/c18"],
  ["many", "#/customers"],
  ["many-summary", "#/customers"],
  ["plan", "#/customers/c1"],
  ["plan-blocked", "#/customers/c9"],
  ["first-run-language", "#/first-run"],
  ["first-run-keyring", "#/first-run?step=keyring"],
  ["first-run-accounts", "#/first-run?step=accounts"],
  ["first-run-blueprint", "#/first-run?step=blueprint"],
  ["first-run-customer", "#/first-run?step=customer"],
  ["runs", "#/runs"],
  ["credentials", "#/settings/credentials"],
  ["general", "#/settings/general"],
  ["providers", "#/settings/providers"],
  ["blueprints", "#/settings/blueprints"],
  ["mail", "#/settings/mail"],
  ["workspaces", "#/settings/workspaces"],
  ["about", "#/settings/about"],
  ["diagnostics", "#/settings/about"],
  ["keyring", "#/settings/credentials"],
  ["trouble", "#/customers"],
  ["comfortable", "#/customers"],
  ["export", "#/customers"],
  ["new-customer", "#/customers?new=true"],
];
const LOOKS = [
  ["sv", "light", 1440, 900],
  ["sv", "dark", 1440, 900],
  ["en", "light", 1440, 900],
  ["sv", "light", 1024, 640],
  ["en", "dark", 1024, 640],
  ["sv", "light", 1920, 1200],
];

await mkdir(folder, { recursive: true });
const server = await createServer({ server: { port: 0, strictPort: false }, logLevel: "error" });
await server.listen();
const origin = server.resolvedUrls?.local[0] ?? "";
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
for (const [language, theme, width, height] of LOOKS) {
  const context = await browser.newContext({ viewport: { width, height }, timezoneId: "Europe/Stockholm", locale: language, reducedMotion: "reduce" });
  for (const [name, hash] of SCREENS) {
    const file = `${name}-${language}-${theme}-${width}.png`;
    if (wanted !== undefined && !file.includes(wanted)) continue;
    const page = await context.newPage();
    page.on("pageerror", (error) => console.error(`${file}: ${error.message}`));
    page.on("console", (message) => message.type() === "error" && console.error(`${file}: ${message.text()}`));
    await page.clock.install({ time: NOW });
    await page.addInitScript((look) => localStorage.setItem("test.look", JSON.stringify(look)), {
      language,
      theme,
      live: name === "keyring" || name === "trouble",
      density: name === "comfortable" ? "comfortable" : "compact",
      fault: name === "keyring" || name === "trouble" ? "keyring" : undefined,
    });
    await page.goto(`${origin}test/page.html${hash}`);
    await page.clock.runFor(400);
    await page.waitForSelector("main h1, main h2");
    await page.evaluate(() => document.fonts.ready);
    await page.clock.runFor(300);
    if (name === "credentials") {
      await page.locator("[data-provider=resend] button").first().click();
      await page.clock.runFor(300);
    }
    if (name === "diagnostics") {
      await page.locator("main h3 ~ button").first().click();
      await page.clock.runFor(300);
    }
    if (name === "export") {
      await page.locator("header button").nth(1).click();
      await page.clock.runFor(300);
      await page.locator("[role=menuitem]").first().click();
      await page.clock.runFor(300);
    }
    if (name === "customers") await page.keyboard.press("j");
    if (name === "roll-back") await page.locator("header button").first().click();
    if (name.startsWith("plan")) {
      await page.keyboard.press(".");
      await page.clock.runFor(300);
      await page.getByRole("menuitem", { name: language === "sv" ? "Visa plan" : "Show plan" }).click();
    }
    if (name === "remove-instance") {
      await page.keyboard.press(".");
      await page.clock.runFor(300);
      await page.locator("[role=menuitem]").nth(-2).click();
      await page.clock.runFor(300);
      await page.locator("[role=dialog] form input").fill("bjork");
    }
    if (name.startsWith("many")) {
      for (const key of ["j", "j", "x", "j", "x", "j", "x"]) await page.keyboard.press(key);
      await page.clock.runFor(300);
    }
    if (name === "many-summary") {
      await page.locator("[role=toolbar] button").first().click();
      for (let times = 0; times < 6; times += 1) await page.clock.runFor(200);
    }
    await page.clock.runFor(300);
    await page.screenshot({ path: path.join(folder, file) });
    await page.close();
  }
  await context.close();
}
await browser.close();
await server.close();
