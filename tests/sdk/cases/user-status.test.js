'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { expectEnvelope, expectRefusal, useServer } = require('../harness');

const DISABLED = { code: 3090 };

const server = useServer();

async function statusOf(objectId) {
  const reader = await server.client();
  return (await reader.Data.of('Users').findById(objectId)).userStatus;
}

test('the CodeRunner key disables and enables a user', async () => {
  const account = await server.register();
  const runner = await server.client({ key: 'BL' });
  const client = await server.client();

  await runner.Users.disableUser(account.objectId);
  assert.equal(await statusOf(account.objectId), 'DISABLED');
  await expectRefusal(client.Users.login(account.email, account.password), DISABLED);

  await runner.Users.enableUser(account.objectId);
  assert.equal(await statusOf(account.objectId), 'ENABLED');
  await client.Users.login(account.email, account.password);
});

test('the calls of a disabled user are refused with 3090 until it is enabled again', async () => {
  const { client, account, token } = await server.registerAndLogIn();
  const runner = await server.client({ key: 'BL' });

  await runner.Users.disableUser(account.objectId);

  await expectRefusal(client.Users.getCurrentUser(true), DISABLED);
  await expectRefusal(client.Users.update({ objectId: account.objectId, name: 'x' }), DISABLED);
  await expectRefusal(client.Users.getUserRoles(), DISABLED);
  assert.equal(await client.Users.isValidLogin(), false);

  await runner.Users.enableUser(account.objectId);

  assert.equal(await server.isAlive(token), true);
  assert.equal((await client.Users.getCurrentUser(true)).userStatus, 'ENABLED');
});

test('a disabled user can log out', async () => {
  const { client, account, token } = await server.registerAndLogIn();
  const runner = await server.client({ key: 'BL' });
  await runner.Users.disableUser(account.objectId);

  await client.Users.logout();

  assert.equal(await client.Users.getCurrentUser(), null);
  await runner.Users.enableUser(account.objectId);
  assert.equal(await server.isAlive(token), false);
});

test('a user can disable itself with the CodeRunner key, and the key alone enables it again', async () => {
  const { objectId } = await server.register();
  const runner = await server.client({ key: 'BL' });
  await runner.Users.login(objectId);

  await runner.Users.disableUser(objectId);
  await runner.Users.logout();
  assert.equal((await runner.Data.of('Users').findById(objectId)).userStatus, 'DISABLED');

  await runner.Users.enableUser(objectId);
  assert.equal((await runner.Data.of('Users').findById(objectId)).userStatus, 'ENABLED');
});

test('any other key is refused with 3054, even for the user itself', async () => {
  const { client, account } = await server.registerAndLogIn();
  const refusal = { code: 3054, message: 'Operation allowed only for BL logic.' };

  await expectRefusal(client.Users.disableUser(account.objectId), refusal);
  await expectRefusal(client.Users.enableUser(account.objectId), refusal);
  const stranger = await server.client({ key: 'REST' });
  await expectRefusal(stranger.Users.disableUser(account.objectId), refusal);

  assert.equal(await statusOf(account.objectId), 'ENABLED');
});

test('the status a user has already is refused with 3085 or 3086', async () => {
  const { objectId } = await server.register();
  const runner = await server.client({ key: 'BL' });

  await expectRefusal(runner.Users.enableUser(objectId), { code: 3086 });
  await runner.Users.disableUser(objectId);
  await expectRefusal(runner.Users.disableUser(objectId), { code: 3085 });
});

test('nobody can be disabled who does not exist', async () => {
  const runner = await server.client({ key: 'BL' });

  const nobody = runner.Users.disableUser('01900000-0000-7000-8000-000000000000');
  await expectRefusal(nobody, { code: 3057 });
});

for (const json of [{}, { userStatus: null }, { userStatus: 1 }, { userStatus: 'SLEEPING' }, []]) {
  test(`${JSON.stringify(json)} is no status`, async () => {
    const { objectId } = await server.register();

    expectEnvelope(await server.call('PUT', `/users/${objectId}/status`, { key: 'BL', json }), {
      status: 400,
    });

    assert.equal(await statusOf(objectId), 'ENABLED');
  });
}
