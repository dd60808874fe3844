'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { useServer } = require('../harness');

const server = useServer();

async function rolesOf(client) {
  return (await client.Users.getUserRoles()).sort();
}

test('nobody in particular has the role of strangers and of the key', async () => {
  assert.deepEqual(await rolesOf(await server.client()), ['JSUser', 'NotAuthenticatedUser']);
  const rest = await server.client({ key: 'REST' });
  assert.deepEqual(await rolesOf(rest), ['NotAuthenticatedUser', 'RestUser']);
});

test('a guest is a guest and not an authenticated user', async () => {
  const client = await server.client();
  await client.Users.loginAsGuest();

  assert.deepEqual(await rolesOf(client), ['GuestUser', 'JSUser']);
});

test('a user who logged in is authenticated', async () => {
  const { client } = await server.registerAndLogIn();

  assert.deepEqual(await rolesOf(client), ['AuthenticatedUser', 'JSUser']);
});

test('the CodeRunner key alone has the role of server code and no other', async () => {
  assert.deepEqual(await rolesOf(await server.client({ key: 'BL' })), ['ServerCodeUser']);
});

test('the CodeRunner key with a token has both roles', async () => {
  const { client } = await server.registerAndLogIn({ key: 'BL' });

  assert.deepEqual(await rolesOf(client), ['AuthenticatedUser', 'ServerCodeUser']);
});

test('the role goes with the key of the call, not with the key of the login', async () => {
  const { token } = await server.registerAndLogIn();

  const answer = await server.call('GET', '/users/userroles', { key: 'REST', token });

  assert.deepEqual(answer.body.sort(), ['AuthenticatedUser', 'RestUser']);
});

test('the roles of another user can be asked for', async () => {
  const { objectId } = await server.register();
  const { client } = await server.registerAndLogIn();

  const roles = await client.Users.getUserRoles(objectId);

  assert.ok(Array.isArray(roles));
  assert.ok(
    roles.every((role) => typeof role === 'string' && role !== ''),
    roles.join(),
  );
});
