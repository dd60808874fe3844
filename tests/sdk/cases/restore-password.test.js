'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { PASSWORD, Server, expectRefusal, freshEmail, useServer } = require('../harness');

const server = useServer({ mail: true });

/** Asks for a mail with the SDK; the page that its link leads to. */
async function pageFor(email) {
  const client = await server.client();
  await client.Users.restorePassword(email);
  const { link } = server.mailsTo(email).at(-1);
  assert.ok(link.startsWith(`${server.url}/account/restore-password/`), link);
  return link.slice(server.url.length);
}

/** What the page sends when a password was typed, and once more. */
function type(page, password, again = password) {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const raw = new URLSearchParams({ password, again }).toString();
  return server.send('POST', page, { headers, raw });
}

test('a forgotten password is replaced by a mailed link, which works once', async () => {
  const { account, token } = await server.registerAndLogIn();
  const page = await pageFor(account.email);

  const form = await server.send('GET', page);
  assert.equal(form.status, 200);
  assert.match(form.text, /<form method="post">/);
  const done = await type(page, 'a new one');
  assert.equal(done.status, 200, done.text);

  assert.equal(await server.isAlive(token), false);
  const client = await server.client();
  await expectRefusal(client.Users.login(account.email, PASSWORD), { code: 3003 });
  const user = await client.Users.login(account.email, 'a new one');
  assert.equal(user.objectId, account.objectId);
  assert.equal((await type(page, 'another')).status, 410);
  assert.equal((await server.send('GET', page)).status, 410);
});

test('nothing happens to a password that was typed in two ways', async () => {
  const account = await server.register();
  const page = await pageFor(account.email);

  assert.equal((await type(page, 'one', 'other')).status, 400);

  const client = await server.client();
  await client.Users.login(account.email, PASSWORD);
  assert.equal((await type(page, 'one')).status, 200);
});

test('an address with a plus in it is found as it is written', async () => {
  const email = `plus+${freshEmail()}`;
  await server.register({ email });

  await pageFor(email);
  assert.equal(server.mailsTo(email).length, 1);
});

test('whoever does not exist gets 3020, and a second mail within a minute is 999', async () => {
  const client = await server.client();
  await expectRefusal(client.Users.restorePassword(freshEmail()), { code: 3020 });

  const account = await server.register();
  await client.Users.restorePassword(account.email);
  const again = client.Users.restorePassword(account.email);
  const error = await expectRefusal(again, { code: 999, status: 429 });
  assert.ok(Number(error.headers['retry-after']) > 0);
  assert.equal(server.mailsTo(account.email).length, 1);
});

test('a stale token of the client does not matter', async () => {
  const { account, client, token } = await server.registerAndLogIn();
  await server.call('GET', '/users/logout', { token });

  await client.Users.restorePassword(account.email);
});

test('where mail is not configured it is 5050, and the start-up text says so', async () => {
  const without = new Server();
  await without.start();
  try {
    const account = await without.register();
    const client = await without.client();
    await expectRefusal(client.Users.restorePassword(account.email), { code: 5050 });
    assert.match(without.output, /mail +off: no forgotten password is restored \(5050\)/);
  } finally {
    await without.stop();
  }
});

test('no secret of a link is in the output of the server', async () => {
  const account = await server.register();
  const page = await pageFor(account.email);
  await server.send('GET', page);
  await type(page, 'a new one');

  const secret = page.split('/').at(-1).split('.')[1];
  assert.ok(secret.length > 20);
  assert.ok(!server.output.includes(secret));
});
