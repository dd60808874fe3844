'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { deadToken, expectEnvelope, expectRefusal, PASSWORD, useServer } = require('../harness');

const server = useServer();

test('the CodeRunner key tells a right password from a wrong one', async () => {
  const { client, account, token } = await server.registerAndLogIn({ key: 'BL' });

  assert.equal(await client.Users.verifyPassword(account.password), true);
  assert.equal(await client.Users.verifyPassword('wrong'), false);

  assert.equal(await server.isAlive(token), true);
});

test('the route is served in the spelling of the SDK and in the right one', async () => {
  const { account, token } = await server.registerAndLogIn();
  const json = { password: account.password };

  for (const route of ['/users/verifypassowrd', '/users/verifypassword']) {
    const answer = await server.call('POST', route, { key: 'BL', token, json });
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual(answer.body, { valid: true });
  }
});

test('any other key is refused with 3122', async () => {
  const { client, account } = await server.registerAndLogIn();

  await expectRefusal(client.Users.verifyPassword(account.password), {
    code: 3122,
    message: 'Password verification allowed only from CloudCode',
  });
});

test('without a session there is nobody whose password could be verified', async () => {
  const json = { password: PASSWORD };

  expectEnvelope(await server.call('POST', '/users/verifypassowrd', { key: 'BL', json }), {
    code: 3121,
    status: 400,
    message: 'No authenticated user is associated with request',
  });
});

test('a dead token is refused with 3064', async () => {
  const { client, account } = await server.registerAndLogIn({ key: 'BL' });
  client.setCurrentUserToken('invalid-token');

  await expectRefusal(client.Users.verifyPassword(account.password), deadToken('invalid-token'));
});

test('the SDK itself does not ask without a login', async () => {
  const client = await server.client({ key: 'BL' });

  await assert.rejects(client.Users.verifyPassword(PASSWORD), {
    message: 'In order to check password you have to be logged in',
  });
});
