'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { expectRefusal, useServer } = require('../harness');

const WRONG = { code: 3003, status: 401 };
const LOCKED = { code: 3036 };

const server = useServer();

async function someone() {
  const account = await server.register();
  const client = await server.client();
  return {
    account,
    rightly: () => client.Users.login(account.email, account.password),
    wrongly: () => expectRefusal(client.Users.login(account.email, 'wrong'), WRONG),
  };
}

test('by default no number of failures locks an account', async () => {
  const { rightly, wrongly } = await someone();

  for (let attempt = 0; attempt < 12; attempt += 1) {
    await wrongly();
  }

  await rightly();
});

test('two failures in a row lock the account, a success between them starts anew', async () => {
  await server.configure({ login: { lockAfterFailedLogins: 2 } });
  const { rightly, wrongly } = await someone();

  await wrongly();
  await rightly();
  await wrongly();
  await wrongly();

  await expectRefusal(rightly(), LOCKED);
});

test('a lock ends no session and binds no other account', async () => {
  await server.configure({ login: { lockAfterFailedLogins: 1 } });
  const other = await someone();
  const { rightly, wrongly } = await someone();
  const { 'user-token': token } = await rightly();

  await wrongly();

  await expectRefusal(rightly(), LOCKED);
  assert.equal(await server.isAlive(token), true);
  await other.rightly();
});

test('failures at once are all counted', async () => {
  await server.configure({ login: { lockAfterFailedLogins: 3 } });
  const { account, rightly } = await someone();
  const guess = async (password) => {
    const json = { login: account.email, password };
    return (await server.call('POST', '/users/login', { json })).body.code;
  };

  const codes = await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map(guess));

  assert.ok(
    codes.every((code) => code === 3003 || code === 3036),
    codes.join(),
  );
  await expectRefusal(rightly(), LOCKED);
});
