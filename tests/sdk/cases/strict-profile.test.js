'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { expectEnvelope, expectRefusal, useServer } = require('../harness');

// No `--profile`: this is what a newcomer gets.
const server = useServer({ profile: null });

test('the default profile is strict', async () => {
  const settings = await server.settings();

  assert.equal(settings.permissions.base, 'own');
  assert.equal(settings.schema.dynamic, false);
  assert.equal(settings.login.lockAfterFailedLogins, 10);
});

test('anybody may register, log in, become a guest and log out', async () => {
  const { client, account } = await server.registerAndLogIn();
  assert.equal((await client.Users.getCurrentUser(true)).email, account.email);
  await client.Users.logout();

  const guest = await client.Users.loginAsGuest();
  assert.equal((await client.Users.getCurrentUser(true)).objectId, guest.objectId);
  await client.Users.logout();
});

test('a user may update itself', async () => {
  const { client, account } = await server.registerAndLogIn();

  const updated = await client.Users.update({ objectId: account.objectId, name: 'Ada' });

  assert.equal(updated.name, 'Ada');
});

test('a user may not update another', async () => {
  const { client } = await server.registerAndLogIn();
  const neighbor = await server.registerAndLogIn({ name: 'Neighbor' });

  const change = { objectId: neighbor.account.objectId, name: 'Victim', password: 'stolen' };
  await expectRefusal(client.Users.update(change), { code: 3029 });

  assert.equal((await neighbor.client.Users.getCurrentUser(true)).name, 'Neighbor');
  await neighbor.client.Users.login(neighbor.account.email, neighbor.account.password);
});

test('the record of another user is not found', async () => {
  const { client } = await server.registerAndLogIn();
  const { objectId } = await server.register();

  await expectRefusal(client.Data.of('Users').findById(objectId), {
    code: 1000,
    message: `Entity with ID ${objectId} not found`,
  });
});

test('find gives a user nothing but its own record', async () => {
  await server.register();
  const { client, account } = await server.registerAndLogIn();

  const users = await client.Data.of('Users').find();

  assert.deepEqual(
    users.map((user) => user.objectId),
    [account.objectId],
  );
});

test('find gives a guest nothing but its own record', async () => {
  await server.register();
  const client = await server.client();
  const guest = await client.Users.loginAsGuest();

  const users = await client.Data.of('Users').find();

  assert.deepEqual(
    users.map((user) => user.objectId),
    [guest.objectId],
  );
});

test('a stranger is shown no user at all', async () => {
  const { objectId } = await server.register();

  const find = await server.call('POST', '/data/Users/find', { json: {} });
  assert.ok(!find.text.includes(objectId), find.text);
  expectEnvelope(find, { code: 1013, status: 403 });
  const record = await server.call('GET', `/data/Users/${objectId}`);
  assert.ok(record.status >= 400 && record.status < 500, record.text);
});

test('server code is bound by none of this', async () => {
  const first = await server.register();
  const second = await server.register();
  const runner = await server.client({ key: 'BL' });

  const ids = (await runner.Data.of('Users').find({ pageSize: 100 })).map((user) => user.objectId);
  assert.ok(ids.includes(first.objectId) && ids.includes(second.objectId));
  assert.equal((await runner.Data.of('Users').findById(first.objectId)).email, first.email);
  assert.equal((await runner.Users.login(second.objectId)).objectId, second.objectId);
});

test('ten wrong passwords lock an account', async () => {
  const account = await server.register();
  const client = await server.client();

  for (let attempt = 0; attempt < 10; attempt += 1) {
    await expectRefusal(client.Users.login(account.email, 'wrong'), { code: 3003 });
  }

  await expectRefusal(client.Users.login(account.email, account.password), { code: 3036 });
});
