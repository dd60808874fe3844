'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { after, afterEach, before, beforeEach, test } = require('node:test');

const { mailsIn } = require('../../sdk/harness/mails');
const { ServerProcess } = require('../../sdk/harness/process');
const { launch } = require('../harness/browser');

const ROOT = path.resolve(__dirname, '../../..');
const PAGES = path.join(ROOT, 'handlers/magic-link/pages');
const PACKAGES = path.join(ROOT, 'examples/storefront/page/node_modules');

// What an app does: the page and its script, beside the published SDK.
const folder = fs.mkdtempSync(path.join(process.env.TMPDIR ?? '/tmp', 'magic-link-pages-'));
const flags = ['--pages', folder, '--mail-folder', 'mails', '--profile', 'backendless'];
const server = new ServerProcess(flags, 'VESTIBULE_SDK_APP');
let browser;
let visitor;

before(async () => {
  fs.cpSync(PAGES, folder, { recursive: true });
  fs.symlinkSync(PACKAGES, path.join(folder, 'node_modules'));
  fs.writeFileSync(path.join(folder, 'index.html'), '<!doctype html><h1>The app</h1>');
  await server.start();
  browser = await launch();
});

// Each case is somebody else, with a local storage of their own.
beforeEach(async () => {
  visitor = await browser.createBrowserContext();
});

afterEach(() => visitor.close());

after(async () => {
  await browser.close();
  await server.stop();
  fs.rmSync(folder, { recursive: true, force: true });
});

let users = 0;

/** Somebody new with an account; the address. */
async function register() {
  users += 1;
  const email = `somebody${users}@example.com`;
  const response = await fetch(`${server.url}/api/users/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password: 'a good password' }),
  });
  assert.equal(response.status, 200, await response.text());
  return email;
}

/** Opens an address and waits until the page has looked at it. */
async function open(url) {
  const page = await visitor.newPage();
  await page.goto(url);
  await page.waitForSelector('body[data-ready=yes]');
  return page;
}

const textOf = (page, selector) => page.$eval(selector, (element) => element.textContent);
const isShown = (page, selector) => page.$eval(selector, (element) => !element.hidden);

/** Asks for a link by the form of the page; the link that is mailed. */
async function linkFor(email, page) {
  const asked = page ?? (await open(`${server.url}/pages/magic-link.html`));
  await asked.type('#email', email);
  await asked.click('#send button');
  await asked.waitForFunction(() => document.querySelector('#told').textContent !== '');
  const mails = path.join(server.data, 'mails');
  for (let attempt = 0; attempt < 2000; attempt += 1) {
    const mail = mailsIn(mails).findLast(({ to }) => to === email);
    if (mail) {
      return mail.link;
    }
    await fetch(`${server.url}/healthz`);
  }
  throw new Error(`no mail came to ${email}:\n${server.output}`);
}

async function logIn(page) {
  await page.click('#log-in button');
  await page.waitForFunction(
    () =>
      document.querySelector('#told').textContent !== '' ||
      !document.querySelector('#trouble').hidden,
  );
}

test('whoever has no link asks for one, and hears the same for every address', async () => {
  const page = await open(`${server.url}/pages/magic-link.html`);
  assert.equal(await isShown(page, '#send'), true);
  assert.equal(await isShown(page, '#log-in'), false);
  await linkFor(await register(), page);
  assert.match(await textOf(page, '#told'), /^If somebody here has the address somebody\d+@/);

  const other = await open(`${server.url}/pages/magic-link.html`);
  await other.type('#email', 'nobody@example.com');
  await other.click('#send button');
  await other.waitForFunction(() => document.querySelector('#told').textContent !== '');
  assert.match(await textOf(other, '#told'), /^If somebody here has the address nobody@/);
});

test('to open a link logs nobody in and uses nothing up, and a click does', async () => {
  const email = await register();
  const link = await linkFor(email);
  // A program that looks for viruses, scripts and all; and another one.
  for (let look = 0; look < 2; look += 1) {
    const scanner = await browser.createBrowserContext();
    const page = await scanner.newPage();
    const calls = [];
    page.on('request', (request) => calls.push(request.url()));
    await page.goto(link, { waitUntil: 'networkidle0' });
    assert.equal(await isShown(page, '#log-in'), true);
    assert.deepEqual(calls.filter((url) => url.includes('/services/')), []);
    assert.equal(await page.evaluate(() => Backendless.getCurrentUserToken()), null);
    await scanner.close();
  }

  const page = await open(link);
  await logIn(page);
  assert.equal(await textOf(page, '#told'), `You are logged in as ${email}.`);
  assert.equal(await isShown(page, '#log-in'), false);

  // The SDK goes on with the session, on other pages too.
  await page.click('#next-link');
  await page.waitForSelector('h1');
  const later = await open(`${server.url}/pages/magic-link.html`);
  const user = await later.evaluate(async () => {
    const isValid = await Backendless.UserService.isValidLogin();
    return { isValid, ...(await Backendless.UserService.getCurrentUser()) };
  });
  assert.equal(user.isValid, true);
  assert.equal(user.email, email);
});

test('the token is neither in the address bar nor in what the server is asked for', async () => {
  const link = await linkFor(await register());
  const [, token] = link.split('#');
  const page = await visitor.newPage();
  const urls = [];
  page.on('request', (request) => urls.push(request.url(), request.headers().referer ?? ''));
  await page.goto(link);
  await page.waitForSelector('body[data-ready=yes]');
  assert.equal(page.url(), `${server.url}/pages/magic-link.html`);
  await logIn(page);
  assert.ok(urls.includes(`${server.url}/api/services/magic-link/redeem`), urls.join('\n'));
  // The navigation itself keeps its fragment to the browser.
  assert.ok(urls.slice(2).every((url) => !url.includes(token)), urls.join('\n'));
  assert.ok(!server.output.includes(token));
});

test('a link that was used says so, and offers another one', async () => {
  const email = await register();
  const link = await linkFor(email);
  await logIn(await open(link));

  const page = await open(link);
  await logIn(page);
  assert.match(await textOf(page, '#trouble'), /^This link does not work\./);
  assert.equal(await isShown(page, '#send'), true);
  assert.equal(await isShown(page, '#log-in'), false);
});

test('a guest stays one until the click, and a session that is over is in nobody\'s way', async () => {
  const page = await open(`${server.url}/pages/magic-link.html`);
  const guest = await page.evaluate(async () => {
    return (await Backendless.UserService.loginAsGuest(true)).objectId;
  });
  const email = await register();
  const link = await linkFor(email, page);
  const still = await open(link);
  assert.equal(await still.evaluate(() => Backendless.UserService.loggedInUser()), guest);

  // The guest's session ends elsewhere.
  await still.evaluate(async () => {
    const token = Backendless.getCurrentUserToken();
    await fetch('/api/users/logout', { headers: { 'user-token': token } });
  });
  await logIn(still);
  assert.equal(await textOf(still, '#told'), `You are logged in as ${email}.`);
});

test('whoever cannot reach the server is told so, and tries the same link again', async () => {
  const email = await register();
  const link = await linkFor(email);
  const page = await open(link);
  await page.setOfflineMode(true);
  await logIn(page);
  assert.match(await textOf(page, '#trouble'), /cannot be reached/);
  assert.equal(await isShown(page, '#log-in'), true);
  await page.setOfflineMode(false);
  await page.click('#log-in button');
  await page.waitForFunction(() => document.querySelector('#told').textContent !== '');
  assert.equal(await textOf(page, '#told'), `You are logged in as ${email}.`);
});
