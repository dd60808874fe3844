'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const Backendless = require('backendless');

const { expectEnvelope, expectRefusal, useServer } = require('../harness');

const UUID = /^[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}$/;

const server = useServer();

test('a guest login answers exactly three keys, in both URL forms', async () => {
  for (const answer of [
    await server.call('POST', '/users/register/guest'),
    await server.send('POST', '/api/users/register/guest'),
  ]) {
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual(Object.keys(answer.body).sort(), ['objectId', 'user-token', 'userStatus']);
    assert.equal(answer.body.userStatus, 'GUEST');
    assert.match(answer.body.objectId, UUID);
    assert.match(
      answer.body['user-token'],
      /^[A-Za-z0-9._~-]+$/,
      'tokens go into paths as they are',
    );
  }
});

test('loginAsGuest makes the guest the current user', async () => {
  const client = await server.client();

  const guest = await client.Users.loginAsGuest();

  assert.ok(guest instanceof Backendless.User);
  assert.equal(guest.___class, 'Users');
  assert.equal(guest.userStatus, 'GUEST');
  assert.equal(await client.Users.getCurrentUser(), guest);
  assert.equal(client.Users.loggedInUser(), guest.objectId);
  assert.equal(await client.Users.isValidLogin(), true);
});

test('a guest who does not stay logged in leaves nothing in the local cache', async () => {
  const client = await server.client();

  await client.Users.loginAsGuest();

  assert.equal(client.LocalCache.get('stayLoggedIn'), undefined);
  assert.equal(client.LocalCache.get('user-token'), undefined);
  assert.equal(client.LocalCache.get('current-user-id'), undefined);
});

test('a guest who stays logged in is kept in the local cache', async () => {
  const client = await server.client();

  const guest = await client.Users.loginAsGuest(true);

  assert.equal(client.LocalCache.get('stayLoggedIn'), true);
  assert.equal(client.LocalCache.get('user-token'), guest['user-token']);
  assert.equal(client.LocalCache.get('current-user-id'), guest.objectId);
});

test('every guest login makes a new guest', async () => {
  const client = await server.client();

  const first = await client.Users.loginAsGuest();
  const second = await client.Users.loginAsGuest();

  assert.notEqual(second.objectId, first.objectId);
  assert.notEqual(second['user-token'], first['user-token']);
});

test('a guest login ends neither the session it replaces in the client nor any other', async () => {
  const { client, token } = await server.registerAndLogIn();

  const guest = await client.Users.loginAsGuest();

  assert.equal(await server.isAlive(token), true);
  assert.equal(await server.isAlive(guest['user-token']), true);
});

test('a dead token in the header does not keep anybody from becoming a guest', async () => {
  const answer = await server.call('POST', '/users/register/guest', { token: 'long-gone' });

  assert.equal(answer.status, 200, answer.text);
});

test('a guest is a row of Users with nothing filled in', async () => {
  const client = await server.client();
  const guest = await client.Users.loginAsGuest();

  const row = await client.Data.of('Users').findById(guest.objectId);

  assert.equal(row.objectId, guest.objectId);
  assert.equal(row.ownerId, guest.objectId);
  assert.equal(row.userStatus, 'GUEST');
  assert.equal(row.email, null);
  assert.equal(row.name, null);
  assert.ok(!('password' in row));
  assert.ok(!('user-token' in row));
});

test('getCurrentUser(true) gives a guest the whole row and keeps the token', async () => {
  const client = await server.client();
  const guest = await client.Users.loginAsGuest();

  const reloaded = await client.Users.getCurrentUser(true);

  assert.equal(reloaded.objectId, guest.objectId);
  assert.equal(reloaded['user-token'], guest['user-token']);
  assert.ok(Number.isInteger(reloaded.created));
  assert.equal(await client.Users.isValidLogin(), true);
});

test('a guest who logs out is nobody', async () => {
  const client = await server.client();
  const guest = await client.Users.loginAsGuest();

  await client.Users.logout();

  assert.equal(await client.Users.getCurrentUser(), null);
  assert.equal(await server.isAlive(guest['user-token']), false);
});

test('guest logins can be switched off', async () => {
  await server.configure({ guests: { enabled: false } });
  const client = await server.client();

  await expectRefusal(client.Users.loginAsGuest(), {});

  assert.equal(await client.Users.getCurrentUser(), null);
});

test('too many guests from one address are turned away with 999 and Retry-After', async () => {
  await server.configure({ guests: { perAddressPerMinute: 1 } });
  const askThreeTimes = async () => {
    const answers = [];
    for (let round = 0; round < 3; round += 1) {
      answers.push(await server.call('POST', '/users/register/guest'));
    }
    return answers;
  };

  const refused = (await askThreeTimes()).at(-1);

  expectEnvelope(refused, { code: 999, status: 429 });
  assert.ok(Number(refused.headers.get('retry-after')) > 0, 'no Retry-After');

  await server.configure({ guests: { perAddressPerMinute: 0 } });
  assert.ok((await askThreeTimes()).every((answer) => answer.status === 200));
});
