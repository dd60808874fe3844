'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { deadToken, expectRefusal, useServer } = require('../harness');

const server = useServer();

test('a logout ends the session on both sides', async () => {
  const { client, token } = await server.registerAndLogIn();

  await client.Users.logout();

  assert.equal(await client.Users.getCurrentUser(), null);
  assert.equal(client.getCurrentUserToken(), null);
  assert.equal(await server.isAlive(token), false);
});

test('a logout forgets a login that was to stay', async () => {
  const account = await server.register();
  const client = await server.client();
  await client.Users.login(account.email, account.password, true);

  await client.Users.logout();

  assert.equal(client.LocalCache.get('user-token'), undefined);
  assert.equal(client.LocalCache.get('current-user-id'), undefined);
  assert.equal(client.LocalCache.get('stayLoggedIn'), undefined);
});

test('a logout without a token succeeds', async () => {
  const client = await server.client();

  await client.Users.logout();

  const answer = await server.call('GET', '/users/logout');
  assert.equal(answer.status, 200, answer.text);
});

test('a logout with a dead token is refused with 3064 and clears the client', async () => {
  const { client, token } = await server.registerAndLogIn();
  const logout = await server.call('GET', '/users/logout', { token });
  assert.equal(logout.status, 200, logout.text);

  await expectRefusal(client.Users.logout(), deadToken(token));

  assert.equal(await client.Users.getCurrentUser(), null);
  assert.equal(client.getCurrentUserToken(), null);
});

test('a logout ends no other session of the user', async () => {
  await server.configure({ login: { multipleLogins: true } });
  const { client, account } = await server.registerAndLogIn();
  const elsewhere = await server.client();
  await elsewhere.Users.login(account.email, account.password);

  await client.Users.logout();

  assert.equal(await elsewhere.Users.isValidLogin(), true);
});
