'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { expectRefusal, useServer } = require('../harness');

const server = useServer();

/** Logs the account in with a client of its own. */
async function logIn({ email, password }) {
  const client = await server.client();
  await client.Users.login(email, password);
  return client;
}

test('by default a second login ends the first', async () => {
  const account = await server.register();

  const first = await logIn(account);
  const second = await logIn(account);

  assert.equal(await first.Users.isValidLogin(), false);
  assert.equal(await second.Users.isValidLogin(), true);
  await expectRefusal(first.Users.getCurrentUser(true), { code: 3064, status: 401 });
});

test('a failed second login does not end the first', async () => {
  const account = await server.register();
  const first = await logIn(account);

  await expectRefusal(logIn({ ...account, password: 'wrong' }), { code: 3003 });

  assert.equal(await first.Users.isValidLogin(), true);
});

test('with rejectSecondLogin the newcomer is refused with 3002', async () => {
  await server.configure({ login: { rejectSecondLogin: true } });
  const account = await server.register();
  const first = await logIn(account);

  await expectRefusal(logIn(account), { code: 3002 });

  assert.equal(await first.Users.isValidLogin(), true);
});

test('with rejectSecondLogin a wrong password is still told as such', async () => {
  await server.configure({ login: { rejectSecondLogin: true } });
  const account = await server.register();
  await logIn(account);

  await expectRefusal(logIn({ ...account, password: 'wrong' }), { code: 3003 });
});

test('with rejectSecondLogin a logout makes room', async () => {
  await server.configure({ login: { rejectSecondLogin: true } });
  const account = await server.register();
  const first = await logIn(account);

  await first.Users.logout();

  assert.equal(await (await logIn(account)).Users.isValidLogin(), true);
});

test('with two logins allowed the third is refused with 3044', async () => {
  await server.configure({ login: { multipleLogins: true, maxConcurrentLogins: 2 } });
  const account = await server.register();
  const first = await logIn(account);
  const second = await logIn(account);

  await expectRefusal(logIn(account), { code: 3044 });

  assert.equal(await first.Users.isValidLogin(), true);
  assert.equal(await second.Users.isValidLogin(), true);

  await first.Users.logout();
  const third = await logIn(account);
  assert.equal(await second.Users.isValidLogin(), true);
  assert.equal(await third.Users.isValidLogin(), true);
});

test('without a limit any number of logins live side by side', async () => {
  await server.configure({ login: { multipleLogins: true } });
  const account = await server.register();

  const clients = [];
  for (let login = 0; login < 5; login += 1) {
    clients.push(await logIn(account));
  }

  for (const client of clients) {
    assert.equal(await client.Users.isValidLogin(), true);
  }
});

test('of several logins at once exactly one survives by default', async () => {
  const account = await server.register();

  const clients = await Promise.all([1, 2, 3, 4].map(() => logIn(account)));

  const alive = await Promise.all(clients.map((client) => client.Users.isValidLogin()));
  assert.deepEqual(alive.filter(Boolean), [true]);
});

test('one user logging in twice does not touch another', async () => {
  const bystander = await server.registerAndLogIn();
  const account = await server.register();

  await logIn(account);
  await logIn(account);

  assert.equal(await bystander.client.Users.isValidLogin(), true);
});
