'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const Backendless = require('backendless');

const { expectEnvelope, expectRecent, expectRefusal, PASSWORD, useServer } = require('../harness');

const WRONG = { code: 3003, status: 401, message: 'Invalid login or password' };

const server = useServer();

test('login answers the user with a token and without a password', async () => {
  const account = await server.register({ name: 'Ada' });
  const client = await server.client();

  const user = await client.Users.login(account.email, account.password);

  assert.ok(user instanceof Backendless.User);
  assert.equal(user.objectId, account.objectId);
  assert.equal(user.email, account.email);
  assert.equal(user.name, 'Ada');
  assert.equal(user.___class, 'Users');
  assert.equal(user.userStatus, 'ENABLED');
  assert.match(user['user-token'], /^[A-Za-z0-9._~-]+$/);
  assert.ok(!('password' in user));
  expectRecent(user.lastLogin);
});

test('on the wire a login answers what registration did, and the token', async () => {
  const { password, ...registered } = await server.register();

  const json = { login: registered.email, password };
  const { body } = await server.call('POST', '/users/login', { json });

  const { 'user-token': token, lastLogin, ...user } = body;
  const { lastLogin: never, ...expected } = registered;
  assert.deepEqual(user, expected);
  assert.equal(typeof token, 'string');
  assert.equal(never, null);
  expectRecent(lastLogin);
});

test('a login that stays is kept in the local cache, another is not', async () => {
  const account = await server.register();
  const client = await server.client();

  await client.Users.login(account.email, account.password);
  assert.equal(client.LocalCache.get('user-token'), undefined);

  const user = await client.Users.login(account.email, account.password, true);
  assert.equal(client.LocalCache.get('user-token'), user['user-token']);
  assert.equal(client.LocalCache.get('current-user-id'), account.objectId);
});

test('a wrong password and an unknown login are refused alike', async () => {
  const account = await server.register();
  const client = await server.client();

  await expectRefusal(client.Users.login(account.email, 'wrong'), WRONG);
  await expectRefusal(client.Users.login('nobody@example.com', account.password), WRONG);
});

test('a login that is a number is compared as text', async () => {
  const client = await server.client();

  await expectRefusal(client.Users.login(12345, PASSWORD), WRONG);
});

test('a failed login leaves the user who is logged in alone', async () => {
  const { client, user } = await server.registerAndLogIn();

  await expectRefusal(client.Users.login(user.email, 'wrong'), WRONG);

  assert.equal(await client.Users.getCurrentUser(), user);
  assert.equal(await client.Users.isValidLogin(), true);
});

test('a login ends no session of another user', async () => {
  const { client, token } = await server.registerAndLogIn();
  const other = await server.register();

  await client.Users.login(other.email, other.password);

  assert.equal(await server.isAlive(token), true);
});

test('a client with a dead token can log in', async () => {
  const { email, password } = await server.register();

  const json = { login: email, password };
  const answer = await server.call('POST', '/users/login', { json, token: 'long-gone' });

  assert.equal(answer.status, 200, answer.text);
});

for (const [what, json, code] of [
  ['nothing at all', {}, 3038],
  ['no password', { login: 'a@example.com' }, 3038],
  ['no login', { password: PASSWORD }, 3038],
  ['a login that is null', { login: null, password: PASSWORD }, 3038],
  ['a password that is null', { login: 'a@example.com', password: null }, 3038],
  ['an empty login', { login: '', password: PASSWORD }, 3006],
  ['an empty password', { login: 'a@example.com', password: '' }, 3006],
  ['a login longer than its column', { login: 'a'.repeat(5_000), password: PASSWORD }, 8000],
  [
    'a password of more than 1,024 bytes',
    { login: 'a@example.com', password: 'p'.repeat(1_025) },
    8000,
  ],
  [
    'a password of 600 two-byte letters',
    { login: 'a@example.com', password: 'é'.repeat(600) },
    8000,
  ],
]) {
  test(`a login with ${what} is refused with ${code}`, async () => {
    expectEnvelope(await server.call('POST', '/users/login', { json }), { code, status: 400 });
  });
}

test('a password of 1,024 bytes is not too long', async () => {
  const client = await server.client();

  await expectRefusal(client.Users.login('nobody@example.com', 'p'.repeat(1_024)), WRONG);
});

test('switched-off logins are refused with 3034', async () => {
  const account = await server.register();
  await server.configure({ login: { enabled: false } });
  const client = await server.client();

  await expectRefusal(client.Users.login(account.email, account.password), { code: 3034 });

  await server.configure({ login: { enabled: true } });
  await client.Users.login(account.email, account.password);
});

test('neither a password nor a token is ever printed by the server', async () => {
  const password = 'a-password-to-look-for-in-the-log';
  const { client, user, token } = await server.registerAndLogIn({ password });
  await expectRefusal(client.Users.login(user.email, `${password}-wrong`), WRONG);
  await client.Users.logout();
  expectEnvelope(await server.call('GET', '/users/logout', { token }), { code: 3064 });

  assert.ok(!server.output.includes(password), 'a password is in the log');
  assert.ok(!server.output.includes(token), 'a token is in the log');
});
