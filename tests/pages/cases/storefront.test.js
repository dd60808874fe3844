'use strict';

const assert = require('node:assert/strict');
const path = require('node:path');
const { after, afterEach, before, beforeEach, test } = require('node:test');

const { ServerProcess } = require('../../sdk/harness/process');
const { launch } = require('../harness/browser');

const PAGES = path.resolve(__dirname, '../../../examples/storefront/page');

const server = new ServerProcess(['--pages', PAGES]);
let browser;
let visitor;

before(async () => {
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
});

/** Opens the shop and waits until it has shown everything. */
async function open() {
  const page = await visitor.newPage();
  await page.goto(`${server.url}/`);
  await page.waitForSelector('body[data-ready=yes]');
  return page;
}

const textOf = (page, selector) => page.$eval(selector, (element) => element.textContent);
const lines = (page) => page.$$eval('#lines tr', (rows) => rows.map((row) => row.cells[0].textContent));

async function put(page, product, expected) {
  await page.click(`button[data-product=${product}]`);
  await page.waitForFunction(
    (count) => document.querySelectorAll('#lines tr').length === count,
    {},
    expected,
  );
}

test('a visitor is a guest with an empty cart, without having filled in a form', async () => {
  const page = await open();
  assert.match(await textOf(page, '#visitor'), /^You are guest [0-9A-F-]{36}\.$/);
  assert.equal(await page.$eval('#empty', (element) => element.hidden), false);
  assert.deepEqual(await lines(page), []);
});

test('what is put into the cart is there when the visitor comes back', async () => {
  const page = await open();
  await put(page, 'apple', 1);
  await put(page, 'honey', 2);
  assert.equal(await textOf(page, '#total'), '5.90');
  const guest = await textOf(page, '#visitor');

  const later = await open();
  assert.equal(await textOf(later, '#visitor'), guest);
  assert.deepEqual(await lines(later), ['A jar of honey', 'A crisp apple']);
  assert.equal(await textOf(later, '#total'), '5.90');
});

test('another visitor has another cart', async () => {
  const page = await open();
  await put(page, 'bread', 1);
  const guest = await textOf(page, '#visitor');
  await visitor.close();

  visitor = await browser.createBrowserContext();
  const other = await open();
  assert.notEqual(await textOf(other, '#visitor'), guest);
  assert.deepEqual(await lines(other), []);
});

test('a browser cannot name a price', async () => {
  const page = await open();
  const price = await page.evaluate(async () => {
    const line = { product: 'honey', quantity: 1, price: 0.01 };
    return (await Backendless.Data.of('CartLine').save(line)).price;
  });
  assert.equal(price, 5.5);
});

test('what a cart comes to is what the shop says, and not what the page adds up', async () => {
  const page = await open();
  await put(page, 'honey', 1);
  const asked = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await page.evaluate(() => {
    shop.cart.lines[0].price = 0.01;
  });
  await put(page, 'apple', 2);
  assert.equal(await textOf(page, '#total'), '5.90');
  assert.ok(asked.some((path) => path.endsWith('/services/shop/total')), asked.join('\n'));
});

/** Registers the visitor of a page by its form, and waits until the shop says so. */
async function keep(page, email, password) {
  await page.type('#email', email);
  await page.type('#password', password);
  await page.click('#keep button');
  await page.waitForFunction(
    (text) => document.querySelector('#visitor').textContent === text,
    {},
    `You are ${email}.`,
  );
}

test('a visitor who registers keeps the cart and goes on', async () => {
  const page = await open();
  await put(page, 'apple', 1);
  await keep(page, 'ada@example.com', 'a good password');
  assert.deepEqual(await lines(page), ['A crisp apple']);
  assert.equal(await page.$eval('#keep', (element) => element.hidden), true);
  await put(page, 'honey', 2);

  const later = await open();
  assert.equal(await textOf(later, '#visitor'), 'You are ada@example.com.');
  assert.deepEqual(await lines(later), ['A jar of honey', 'A crisp apple']);
});

test('whoever registers on a second device finds both carts as one', async () => {
  const first = await open();
  await put(first, 'apple', 1);
  await put(first, 'honey', 2);
  await keep(first, 'bob@example.com', 'a good password');
  await visitor.close();

  visitor = await browser.createBrowserContext();
  const second = await open();
  await put(second, 'apple', 1);
  await put(second, 'bread', 2);
  await keep(second, 'bob@example.com', 'a good password');
  // The page says who the visitor is first, and asks for the cart then.
  await second.waitForFunction(() => document.querySelectorAll('#lines tr').length === 3);
  const cart = await second.$$eval('#lines tr', (rows) =>
    rows.map((row) => [row.cells[0].textContent, row.cells[1].textContent]).sort(),
  );
  assert.deepEqual(cart, [
    ['A crisp apple', '2'],
    ['A jar of honey', '1'],
    [await titleOf(second, 'bread'), '1'],
  ].sort());

  const later = await open();
  assert.equal(await textOf(later, '#visitor'), 'You are bob@example.com.');
  assert.equal((await lines(later)).length, 3);
});

test('with a wrong password a visitor stays a guest and keeps the cart', async () => {
  const first = await open();
  await keep(first, 'cid@example.com', 'a good password');
  await visitor.close();

  visitor = await browser.createBrowserContext();
  const second = await open();
  await put(second, 'apple', 1);
  const guest = await textOf(second, '#visitor');
  await second.type('#email', 'cid@example.com');
  await second.type('#password', 'a guess');
  await second.click('#keep button');
  await second.waitForSelector('#trouble:not([hidden])');
  assert.equal(await textOf(second, '#trouble'), 'User with this identity already exists');

  const later = await open();
  assert.equal(await textOf(later, '#visitor'), guest);
  assert.deepEqual(await lines(later), ['A crisp apple']);
});

/** What the shop calls a product. */
function titleOf(page, name) {
  return page.evaluate(async (product) => {
    const products = await (await fetch('products.json')).json();
    return products.find((one) => one.name === product).title;
  }, name);
}
