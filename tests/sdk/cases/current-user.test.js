'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const Backendless = require('backendless');

const { expectEnvelope, useServer } = require('../harness');

const server = useServer();

test('getCurrentUser(true) reads the user again and keeps the token', async () => {
  const { client, token, account } = await server.registerAndLogIn({ name: 'Ada' });
  const json = { name: 'Ada Lovelace' };
  const update = await server.call('PUT', `/users/${account.objectId}`, { json, token });
  assert.equal(update.status, 200, update.text);

  assert.equal((await client.Users.getCurrentUser()).name, 'Ada');
  const reloaded = await client.Users.getCurrentUser(true);

  assert.ok(reloaded instanceof Backendless.User);
  assert.equal(reloaded.name, 'Ada Lovelace');
  assert.equal(reloaded.objectId, account.objectId);
  assert.equal(reloaded['user-token'], token);
  assert.ok(!('password' in reloaded));
  assert.equal(await client.Users.getCurrentUser(), reloaded);
});

test('the record behind the current user is the whole user without the token', async () => {
  const { account, token } = await server.registerAndLogIn();

  const answer = await server.call('GET', `/data/Users/${account.objectId}`, { token });

  assert.equal(answer.status, 200, answer.text);
  const { password, lastLogin: never, ...registered } = account;
  const { lastLogin, ...row } = answer.body;
  assert.deepEqual(row, registered);
  assert.ok(Number.isInteger(lastLogin));
  assert.ok(!answer.text.includes(password));
});

test('nobody is the current user before a login', async () => {
  const client = await server.client();

  assert.equal(await client.Users.getCurrentUser(), null);
  assert.equal(await client.Users.getCurrentUser(true), null);
  assert.equal(await client.Users.isValidLogin(), false);
});

test('isValidLogin tells whether the token is alive', async () => {
  const { client } = await server.registerAndLogIn();
  assert.equal(await client.Users.isValidLogin(), true);

  client.setCurrentUserToken('a-token-nobody-issued');

  assert.equal(await client.Users.isValidLogin(), false);
});

test('a token is checked by its place in the path, whatever the header says', async () => {
  const { token } = await server.registerAndLogIn();
  const check = (path, header) =>
    server.call('GET', `/users/isvalidusertoken/${path}`, { token: header });

  assert.equal((await check(token, undefined)).text, 'true');
  assert.equal((await check(token, 'a-token-nobody-issued')).text, 'true');
  assert.equal((await check('a-token-nobody-issued', token)).text, 'false');
  assert.equal((await check('a-token-nobody-issued', 'a-token-nobody-issued')).text, 'false');
});

test('a user can be read through the user service, whole or in part', async () => {
  const { account, token } = await server.registerAndLogIn({ name: 'Ada' });

  const whole = await server.call('GET', `/users/${account.objectId}`, { token });
  assert.equal(whole.status, 200, whole.text);
  assert.equal(whole.body.email, account.email);
  assert.ok(!('password' in whole.body));
  assert.ok(!('user-token' in whole.body));

  const part = await server.call('GET', `/users/${account.objectId}?props=name`, { token });
  assert.equal(part.status, 200, part.text);
  assert.equal(part.body.name, 'Ada');
  assert.ok(!('email' in part.body));
});

test('a user who does not exist cannot be read', async () => {
  const { token } = await server.registerAndLogIn();
  const nobody = '01900000-0000-7000-8000-000000000000';

  expectEnvelope(await server.call('GET', `/users/${nobody}`, { token }));
  expectEnvelope(await server.call('GET', `/data/Users/${nobody}`, { token }), {
    code: 1000,
    message: `Entity with ID ${nobody} not found`,
  });
});
